/** Descriptions of properties by name; by parent and name where one name means several things. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  key: 'The feature’s key: a dotted path that begins with its vendor.',
  feature: 'The key of the feature: 1 to 5 segments, the first the vendor’s id.',
  change: 'The change, KEY/N.',
  revision: 'The number of the revision, from 1.',
  digest: 'The SHA-256 of the notice as it was sent: what is approved.',
  because: 'The reason in words.',
  asOf: 'The instant the answer is for.',
  checkpoint: 'The size of the newest checkpoint of the public log; null or absent while there is none.',
  validUntil: 'The instant at which it ends, exclusive; null without an end.',
  'Feature.validUntil':
    'The end of its own approval, exclusive, its removal, or the beginning of the one that replaces it; null without one, or while not approved.',
  effectiveUntil: 'The earliest end of it and of all above it, exclusive; null without one, or while not approved itself.',
  limitedBy: 'Whose limit that end is; null without an end.',
  'metadata.validUntil':
    'The earliest end of it and of all above it, exclusive; absent without one, or while not approved itself.',
  validFrom: 'The instant from which it counts.',
  audience: 'The agencies it is allowed for; null for every agency.',
  conditions: 'The conditions of the approval; null for none.',
  agency: 'The agency that asks; an approval can be for named agencies only.',
  closesAt: 'When the change closes unless somebody acts; null if it does not.',
  at: 'When it happened.',
  since: 'Since when it is in force; null if it is not.',
  createdAt: 'When it was made.',
  expiresAt: 'When it ends by itself.',
  revokedAt: 'When it was ended; null while it was not.',
  body: 'The body that must act, by its id in the roster.',
  instrument: 'How the body acts: it certifies a vote, signs, casts ballots or advises.',
  requirement: 'The requirement, by its id in the policy.',
  holder: 'The official who acted, by the id in the roster.',
  seat: 'The seat, by its id in the body.',
  yes: 'Yes votes.',
  needed: 'Yes votes needed.',
  of: 'The number of votes the threshold is counted of.',
  name: 'The name shown to people; null if the roster no longer has it.',
  'Approval.purpose': 'Whether the certificate adopts, overrides a veto or corrects.',
  fileNumber: 'The number of the city’s file; null or absent without one.',
  meetingDate: 'The date of the meeting, in the city’s time zone.',
  deadlineAt: 'When the requirement’s own deadline passes; null without one, or until it is open.',
  title: 'A title in one line.',
  summary: 'What the change does, in plain words, in one line.',
  description: 'The change at length, in Markdown.',
  kind: 'The kind of change.',
  'problems.code': 'The kind of problem; it never changes its meaning.',
  'problems.since': 'Since when it is known.',
  'problems.detail': 'What is wrong, in a sentence.',
  'notes.code': 'The kind of note; it never changes its meaning.',
  'notes.detail': 'What a person should look at, in a sentence.',
  version: 'The vendor’s version; null if the notice names none.',
  effectiveAt: 'When the vendor means to turn it on, a date or an instant. It turns nothing on here.',
  endsAt: 'When the contract or feature ends, a date (its last day) or an instant; required for a contract.',
  optOut: 'Whether the vendor can hold the change back for this city.',
  optOutBy: 'Until when the city can opt out, a date or an instant; a bare date is its beginning.',
  optOutHow: 'How the city opts out, in the vendor’s words.',
  standing: 'How far the opt-out counts: it was in time, two persons can confirm that it was, or it came too late.',
  records: 'The records of the opt-out, oldest first; a second brings evidence that the first lacked.',
  'records.person': 'The person whose token recorded it, by the id in the roster.',
  'records.note': 'The commitment to the text that says where it was set at the vendor.',
  'records.act': 'Names the record.',
  confirmations: 'Who confirmed, though it was recorded late, that it was made in time.',
  'confirmations.roster': 'The version of the list of officials by which the person held the seat.',
  'confirmations.comment': 'The commitment to the reason.',
  completedAt: 'When the second of two persons of two bodies confirmed it; null while none has.',
  withoutAction: 'What happens at the vendor if the city does nothing; unknown counts as on.',
  impact: 'What the change touches; what is missing is unknown.',
  'impact.purpose': 'What the technology is used for.',
  manner: 'How it is used.',
  location: 'Where it is used.',
  dataTypes: 'Which data it collects.',
  sharing: 'With whom data are shared.',
  retention: 'How long data are kept.',
  integration: 'Which other systems it connects to.',
  cost: 'What it costs.',
  oversight: 'How its use is watched.',
  documents: 'Documents the notice points to.',
  'documents.kind': 'The kind of document, such as impact-report.',
  'documents.url': 'Where the document is.',
  'rules.documents': 'The kinds of documents a notice must bring.',
  sha256: 'The SHA-256 of the document’s bytes.',
  bytes: 'The length in bytes.',
  'RosterStatus.waits.sha256': 'The digest of the roster file.',
  revises: 'The number of an open change of the same feature, of which this becomes the next revision.',
  channel: 'How the notice came: webhook, form, operator, or what the city entered.',
  by: 'Who sent or entered it.',
  'veto.by': 'Whether an official refused or a deadline passed.',
  'veto.until': 'Until when an override can be certified.',
  'veto.first': 'The first day of a second vote.',
  'by.roster': 'The version of the list of officials by which the contestant held the seat.',
  'by.token': 'The name of the token that contested.',
  wrong: 'When a refusal or a revision proved it no maintenance; or null.',
  'provenance.person': 'The holder who entered it; null if the vendor sent it or no one is named.',
  'provenance.key': 'The vendor’s key that signed it; null if it was not signed.',
  scheme: 'The scheme of the signature: v1a is Ed25519, v1 a shared secret.',
  message: 'What was signed beside the body; null if nothing was.',
  'message.id': 'The webhook-id.',
  timestamp: 'The webhook-timestamp.',
  signature: 'The signature in base64; null for a shared secret, which others cannot check.',
  heardAt: 'When the city heard of it; null if it came signed.',
  evidence: 'The digest of what shows that it was heard; null without any.',
  until: 'The instant at which the approval ends, exclusive; null without an end.',
  'terms.from': 'The instant from which the approval counts; null or absent for at once.',
  maintenance: 'Whether signed updates that change nothing leave the approval in force.',
  'keys.id': 'The key’s id.',
  publicKey: 'The Ed25519 key, whpk_….',
  mediaType: 'The media type of the document.',
  vendor: 'The vendor’s id.',
  'IntakeEntry.notice': 'The notice, as a vendor would post it.',
  notice: 'How long a revision must be public before a decision counts, an ISO 8601 duration.',
  window: 'How long after its notice an undecided change lapses, an ISO 8601 duration.',
  term: 'The longest an approval lasts, an ISO 8601 duration.',
  'Policy.name': 'The name of the policy.',
  'Policy.version': 'The version of the policy, in the city’s own words.',
  authority: 'The law under which it is ordered.',
  'Policy.authority': 'The act of the city that the policy rests on.',
  'authority.kind': 'The kind of act.',
  'authority.number': 'The number of the act.',
  'authority.url': 'Where the act can be read.',
  policy: 'The policy.',
  rules: 'The rules; the first that matches decides, and the last matches everything.',
  passkeys: 'Whether officials decide with passkeys; absent: off.',
  webhooks: 'The schemes by which vendors may sign; absent: both.',
  observe: 'Who looks at what is on at the vendors; absent: no one is named.',
  'Observing.sources': 'The sources, by the name under which each reports.',
  'sources.kind': 'Whose source it is.',
  every: 'How often it looks, an ISO 8601 duration of two hours or more; a source that says nothing for longer is silent.',
  membersAfter: 'How long something is on without permission before those who approve hear of it; absent: P1D.',
  grace: 'How long after an approval has ended the first mail waits; absent: P0D.',
  'rules.id': 'Names the rule.',
  when: 'Which changes the rule is for: all parts given must match.',
  'when.kind': 'The kinds of change.',
  'when.key': 'Patterns of keys: * stands for one segment, ** for any.',
  'when.impact': 'Impacts, any of which is not unchanged.',
  require: 'The bodies that must act.',
  'require.id': 'Names the requirement.',
  'requirements.id': 'Names the requirement within the policy.',
  scopes: 'What it is good for.',
  threshold: 'How many must say yes, of what.',
  'threshold.yes': 'A majority, two thirds, everybody, or a number of votes.',
  'threshold.of': 'The seats, the filled seats, or those present.',
  recused: 'Whether recused seats leave the denominator.',
  quorum: 'How many must be present; null or absent for none.',
  after: 'Requirements that must be met first.',
  deadline: 'How long after it opens the requirement must be decided, an ISO 8601 duration.',
  confirmedBy: 'The body, or the seat as body/seat, of which a second person confirms the certificate.',
  override: 'How a refusal can be overturned.',
  'Override.requirement': 'The requirement whose body votes again.',
  within: 'How long after the veto: an ISO 8601 duration, or several.',
  'within.notBefore': 'When the second vote can first be held.',
  'within.notAfter': 'When the veto is final.',
  reason: 'Why the text is removed.',
  bodies: 'The bodies that act, by id.',
  holders: 'Who holds which seat, and when.',
  'holders.id': 'The person; two entries with one id are two terms of one person.',
  seats: 'The seats, by id.',
  seatLabels: 'The names of seats shown to people.',
  attestedBy: 'The body whose holder certifies the votes of this one.',
  from: 'The first day in office, or the first instant.',
  to: 'The last day in office, or the first instant out of it; absent: until further notice.',
  acting: 'Whether the person acts in the seat for another; the end is stated then.',
  language: 'The language of mails, a language tag such as en or es-419.',
  email: 'The mail address; it stands in no event.',
};

/** Returns the description of a property that has none of its own. `within`: the names around it, outermost first. */
export const fieldDescription = (within: readonly string[], name: string): string | undefined =>
  DESCRIPTIONS[[...within.slice(-2), name].join('.')] ??
  DESCRIPTIONS[[...within.slice(-1), name].join('.')] ??
  DESCRIPTIONS[name];

type Schema = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<string, Schema>>;

const AT = '2026-03-05T18:00:00.000Z';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const DISTRICTS = ['district-1', 'district-2', 'district-3'];
/** A roster under which the rules below can be adopted. */
const BODIES = {
  council: { name: 'City Council', seats: DISTRICTS, attestedBy: 'clerk' },
  mayor: { name: 'Mayor', seats: ['mayor'] },
  clerk: { name: 'City Clerk', seats: ['clerk'] },
};
const officeOf = (id: string, body: string, name: string) => {
  const [from, email] = ['2026-01-01', `${id}@springfield.example`];
  return { id, name, body, seat: id, from, email, language: 'en' };
};
const HOLDERS = [
  ...DISTRICTS.map((seat) => officeOf(seat, 'council', 'Council member')),
  officeOf('mayor', 'mayor', 'The mayor'),
  officeOf('clerk', 'clerk', 'The clerk'),
];
const RULE = {
  id: 'everything',
  when: {},
  require: [
    { id: 'council', body: 'council', instrument: 'certification', threshold: { yes: 'majority', of: 'seats' } },
    { id: 'mayor', body: 'mayor', instrument: 'signature', after: ['council'] },
  ],
};

/** Example values of properties by name; by parent and name if one name means several things. */
const VALUES: Readonly<Record<string, unknown>> = {
  key: 'northcam.lpr',
  feature: 'northcam.lpr',
  change: 'northcam.lpr/1',
  withdraw: 'northcam.lpr/1',
  vendor: 'northcam',
  'Vendor.id': 'northcam',
  'VendorRequest.id': 'northcam',
  'IssuedKeys.id': 'northcam',
  'VendorRequest.name': 'Northcam',
  'Vendor.name': 'Northcam',
  publicKey: 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'keys.id': 'k_1',
  id: 'council',
  'Token.id': SHA256,
  'TokenMade.id': SHA256,
  token: 'ald_5f1d0b7c8e2a4936b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6a1b2c3',
  name: 'City of Northfield',
  'TokenRequest.name': 'city-it',
  'TokenRequest.scopes': ['state:read', 'observe'],
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
  note: 'Switched off in the console.',
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
  bodies: BODIES,
  'RosterFile.holders': HOLDERS,
  rules: [RULE],
  everywhere: false,
  'HistoryEntry.version': 3,
  'Token.revoked': false,
  'DriftCase.kind': 'not-approved',
  'approved.variant': 'pending',
  'approved.because': 'northcam.lpr is pending',
  'approved.onFor': 'none',
};

/** Nullable properties that have a value in examples. */
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

const textFor = ({ format, pattern }: Schema): string => {
  if (format === 'date-time') return AT;
  if (format === 'date') return AT.slice(0, 10);
  const shape = typeof pattern === 'string' ? pattern : '';
  return shape.startsWith('^sha256:') ? `sha256:${SHA256}` : shape.includes('{64}') ? SHA256 : 'text';
};

const placed = (path: readonly string[]): unknown => VALUES[path.slice(-2).join('.')];
const givenValue = (path: readonly string[]): unknown => placed(path) ?? VALUES[path.at(-1) ?? ''];

/** Returns the example value of a component; undefined if it has an example of its own. */
type NameOfComponent = (id: string) => string | undefined;

const objectOf = (
  { required = [], properties = {} }: Schema,
  schemas: Schemas,
  inside: readonly string[],
  named: NameOfComponent,
): unknown => {
  const shown = Object.entries(properties as Schemas).filter(
    ([name]) => (required as readonly string[]).includes(name) || givenValue([...inside, name]) !== undefined,
  );
  return Object.fromEntries(shown.map(([name, each]) => [name, exampleOf(each, schemas, [...inside, name], named)]));
};

const isNullable = ({ type, anyOf = [] }: Schema): boolean =>
  [type].flat().includes('null') || (anyOf as readonly Schema[]).some((variant) => variant['type'] === 'null');

/** By default a nullable value is null, a list of texts is empty and an optional property is left out, unless its name has a value. */
export const exampleOf = (
  given: Schema,
  schemas: Schemas,
  within: readonly string[] = [],
  named: NameOfComponent = () => undefined,
): unknown => {
  const id = typeof given['$ref'] === 'string' ? (given['$ref'].split('/').at(-1) ?? '') : undefined;
  if (id === undefined) return madeOf(given, schemas, within, within, named);
  const example = madeOf(schemas[id] ?? {}, schemas, within, [id], named);
  return typeof example === 'object' && example !== null ? (named(id) ?? example) : example;
};

const madeOf = (
  schema: Schema,
  schemas: Schemas,
  within: readonly string[],
  inside: readonly string[],
  named: NameOfComponent,
): unknown => {
  const own = placed(within);
  if (own !== undefined) return own;
  if (isNullable(schema) && !PRESENT.has(within.at(-1) ?? '')) return null;
  if (schema['const'] !== undefined) return schema['const'];
  const choice = (schema['enum'] as readonly unknown[] | undefined)?.[0] ?? givenValue(within);
  if (choice !== undefined) return choice;
  const variant = ((schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined)?.[0];
  if (variant !== undefined) return exampleOf(variant, schemas, inside, named);
  const items = (schema['items'] ?? {}) as Schema;
  switch ([schema['type']].flat()[0]) {
    case 'object':
      return objectOf(schema, schemas, inside, named);
    case 'array':
      return items['type'] === 'string' && items['enum'] === undefined ? [] : [exampleOf(items, schemas, inside, named)];
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
