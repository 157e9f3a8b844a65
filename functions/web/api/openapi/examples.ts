type Schema = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<string, Schema>>;

const AT = '2026-03-05T18:00:00.000Z';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** Values of properties by name; by parent and name where one name stands for several things. */
const VALUES: Readonly<Record<string, unknown>> = {
  key: 'northcam.lpr',
  feature: 'northcam.lpr',
  prefix: 'northcam',
  change: 'northcam.lpr/1',
  n: 1,
  withdraw: 'northcam.lpr/1',
  vendor: 'northcam',
  'Vendor.id': 'northcam',
  'VendorRequest.id': 'northcam',
  'IssuedKeys.id': 'northcam',
  'VendorRequest.name': 'Northcam',
  'Vendor.name': 'Northcam',
  publicKey: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'keys.id': 'k_1',
  keyId: 'k_1',
  id: 'council',
  'Token.id': SHA256,
  'TokenMade.id': SHA256,
  token: 'ald_5f1d0b7c8e2a4936b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6a1b2c3',
  name: 'City of Northfield',
  'TokenRequest.name': 'city-it',
  'Token.name': 'city-it',
  scopes: ['state:read'],
  'holders.id': 'holder-1',
  'holders.name': 'The clerk',
  'holders.body': 'clerk',
  email: 'clerk@springfield.example',
  language: 'en',
  'holders.from': '2026-01-01',
  body: 'council',
  bodyName: 'City Council',
  requirement: 'council',
  holder: 'holder-1',
  seat: 'clerk',
  rule: 'everything',
  title: 'Plate readers at crossings',
  summary: 'Cameras read licence plates at crossings. Only the city’s own police may search them.',
  version: '2026.3',
  because: 'every required approval is in force',
  'documents.kind': 'impact-report',
  'DocumentRequest.kind': 'impact-report',
  'VendorDocument.kind': 'impact-report',
  url: 'https://gate.example/changes/northcam.lpr/1',
  content: 'UGxhdGUgcmVhZGVycy4=',
  mediaType: 'text/plain',
  channel: 'letter',
  heardAt: '2026-03-05',
  observedAt: AT,
  source: 'console',
  features: { 'northcam.lpr': true },
  by: 'vendor:northcam',
  actor: 'vendor:northcam',
  'HistoryEntry.type': 'ChangeNotified',
  'Contest.reason': 'It stores faces.',
  authority: 'Records Act',
  'Policy.authority': { kind: 'resolution', number: '26-0001' },
  fileNumber: '26-0017',
  place: 'northcam.lpr/1',
  stream: 'feature/northcam.lpr',
  detail: 'One seat is vacant.',
  'Notice.kind': 'new-feature',
  'notice.kind': 'new-feature',
  'provenance.channel': 'webhook',
  'provenance.key': 'k_1',
  'RedactionOrder.change': 1,
  'DisclosureOrder.change': 1,
  'Redaction.version': 2,
  'Redaction.key': 'northcam.lpr',
  'Redaction.change': 1,
  bodies: { clerk: { name: 'City Clerk', seats: ['clerk'] } },
  everywhere: false,
  'HistoryEntry.version': 3,
  'when.key': ['northcam.**'],
  'Token.revoked': false,
  'approved.variant': 'pending',
  'approved.because': 'northcam.lpr is pending',
  'approved.onFor': 'none',
};

/** Properties that can be null and have a value here. */
const PRESENT: ReadonlySet<string> = new Set([
  'number',
  'since',
  'roster',
  'policy',
  'revision',
  'change',
  'digest',
  'threshold',
]);

/** Returns a value that fits the format or pattern of a text. */
const textFor = ({ format, pattern }: Schema): string => {
  if (format === 'date-time') return AT;
  if (format === 'date') return AT.slice(0, 10);
  const shape = typeof pattern === 'string' ? pattern : '';
  return shape.startsWith('^sha256:') ? `sha256:${SHA256}` : shape.includes('{64}') ? SHA256 : 'text';
};

const placed = (path: readonly string[]): unknown => VALUES[path.slice(-2).join('.')];
const named = (path: readonly string[]): unknown => placed(path) ?? VALUES[path.at(-1) ?? ''];

const objectOf = ({ required = [], properties = {} }: Schema, schemas: Schemas, inside: readonly string[]): unknown => {
  const shown = Object.entries(properties as Schemas).filter(
    ([name]) => (required as readonly string[]).includes(name) || named([...inside, name]) !== undefined,
  );
  return Object.fromEntries(shown.map(([name, each]) => [name, exampleOf(each, schemas, [...inside, name])]));
};

const isNullable = ({ type, anyOf = [] }: Schema): boolean =>
  [type].flat().includes('null') || (anyOf as readonly Schema[]).some((variant) => variant['type'] === 'null');

/**
 * Returns an example of what a schema describes. What can be null is null, a list of texts is empty and an optional property is left out,
 * unless its name has a value.
 */
export const exampleOf = (given: Schema, schemas: Schemas, within: readonly string[] = []): unknown => {
  const id = typeof given['$ref'] === 'string' ? (given['$ref'].split('/').at(-1) ?? '') : undefined;
  const schema = id === undefined ? given : (schemas[id] ?? {});
  const inside = id === undefined ? within : [id];
  const own = placed(within);
  if (own !== undefined) return own;
  if (isNullable(schema) && !PRESENT.has(within.at(-1) ?? '')) return null;
  if (schema['const'] !== undefined) return schema['const'];
  const choice = (schema['enum'] as readonly unknown[] | undefined)?.[0] ?? named(within);
  if (choice !== undefined) return choice;
  const variant = ((schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined)?.[0];
  if (variant !== undefined) return exampleOf(variant, schemas, inside);
  const items = (schema['items'] ?? {}) as Schema;
  switch ([schema['type']].flat()[0]) {
    case 'object':
      return objectOf(schema, schemas, inside);
    case 'array':
      return items['type'] === 'string' && items['enum'] === undefined ? [] : [exampleOf(items, schemas, inside)];
    case 'string':
      return textFor(schema);
    case 'boolean':
      return true;
    case 'integer':
      return schema['minimum'] ?? 1;
    default:
      return {};
  }
};
