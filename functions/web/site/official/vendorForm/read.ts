import { changeNamed, vendorOf } from '../../../../../domain/feature/keys.ts';
import { Notice } from '../../../../../domain/feature/notice.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../../../../domain/kernel/json.ts';
import { NOTICE_BYTES_MAX } from '../../../../../domain/kernel/limits.ts';
import { normalizeText } from '../../../../../domain/kernel/text.ts';
import { FeatureKey } from '../../../../../domain/kernel/zodTypes.ts';
import { IMPACTS } from '../../../../../domain/policy/schema.ts';
import { type Fault, type Input, oneOf, readForm } from '../../forms/input.ts';

/** Rows for documents. Without scripts none can be added. */
export const DOCUMENTS = [1, 2, 3, 4] as const;
/** The fields of each document. */
export const DOCUMENT_FIELDS = ['docTitle', 'docKind', 'docUrl', 'docSha256'] as const;
/** Every field that a person fills in. */
export const FIELDS: readonly string[] = [
  'revises',
  'feature',
  'kind',
  'title',
  'summary',
  'description',
  'version',
  'effectiveAt',
  'endsAt',
  'optOut',
  ...IMPACTS.map((impact) => `impact.${impact}`),
  ...DOCUMENTS.flatMap((place) => DOCUMENT_FIELDS.map((field) => `${field}.${place}`)),
];
const KNOWN: ReadonlySet<string> = new Set([...FIELDS, 'nonce']);

/** A notice as entered in the form. `nonce`: identifies this filling, so that sending it twice is one notice. */
export type ReadNotice =
  | { readonly ok: true; readonly input: Input; readonly notice: Notice; readonly body: Uint8Array; readonly nonce: string }
  | { readonly ok: false; readonly input: Input; readonly faults: readonly Fault[] };

const documentsOf = (input: Input): readonly { readonly place: number; readonly document: Record<string, string> }[] =>
  DOCUMENTS.map((place) => {
    const value = (field: (typeof DOCUMENT_FIELDS)[number]): string => normalizeText(oneOf(input, `${field}.${place}`));
    const sha256 = value('docSha256')
      .toLowerCase()
      .replace(/^sha256:/, '');
    const document = { title: value('docTitle'), kind: value('docKind'), url: value('docUrl'), ...(sha256 !== '' && { sha256 }) };
    return { place, document };
  }).filter(({ document }) => Object.values(document).some((value) => value !== ''));

const SCHEMA_FIELD: Readonly<Record<string, (typeof DOCUMENT_FIELDS)[number]>> = {
  title: 'docTitle',
  kind: 'docKind',
  url: 'docUrl',
  sha256: 'docSha256',
};

/** The fields of which a fault has the name of the field as its code, and those that have another. */
const OWN_CODES = ['feature', 'kind', 'title', 'summary', 'description', 'version', 'endsAt', 'revises'] as const;
const OTHER_CODES: Readonly<Record<string, Fault['code']>> = { effectiveAt: 'day', optOut: 'choice' };

/** Returns the form field that an issue of the notice's schema is about. */
const faultAt = (path: readonly PropertyKey[], places: readonly number[]): Fault => {
  const [first, second, third] = path.map(String);
  if (first === 'documents') {
    const field = SCHEMA_FIELD[third ?? ''] ?? 'docUrl';
    return { name: `${field}.${places[Number(second)] ?? 1}`, code: field };
  }
  if (first === 'impact') return { name: `impact.${second ?? ''}`, code: 'choice' };
  const code = OWN_CODES.find((name) => name === first) ?? OTHER_CODES[first ?? ''] ?? 'encoding';
  return { name: first ?? 'title', code };
};

/** Reads a notice by the same checks as a signed one, each fault beside its field. Rejects keys of other vendors. */
export const readNoticeForm = (bytes: Uint8Array, vendor: string): ReadNotice => {
  const { input, faults: unreadable } = readForm(bytes, (name) => KNOWN.has(name));
  const text = (name: string): string => normalizeText(oneOf(input, name));
  const given = (name: string): Record<string, string> => (text(name) === '' ? {} : { [name]: text(name) });
  const revised = changeNamed(text('revises'));
  const documents = documentsOf(input);
  const feature = text('feature') === '' ? (revised?.key ?? '') : text('feature');
  const impact = Object.fromEntries(
    IMPACTS.flatMap((name) => (text(`impact.${name}`) === '' ? [] : [[name, text(`impact.${name}`)]])),
  );
  const parsed = Notice.safeParse({
    feature,
    kind: text('kind'),
    title: text('title'),
    summary: text('summary'),
    ...given('description'),
    ...given('version'),
    ...given('effectiveAt'),
    ...given('endsAt'),
    ...given('optOut'),
    impact,
    documents: documents.map(({ document }) => document),
    ...(text('revises') !== '' && { revises: revised?.number ?? Number.NaN }),
  });
  const places = documents.map(({ place }) => place);
  const known = FeatureKey.safeParse(feature);
  const faults: readonly Fault[] = [
    ...unreadable,
    ...(parsed.success ? [] : parsed.error.issues.map(({ path }) => faultAt(path, places))),
    ...(known.success && vendorOf(feature) !== vendor
      ? [{ name: 'feature', code: 'otherVendor' as const, slots: { vendor } }]
      : []),
    ...(revised !== undefined && revised.key !== feature ? [{ name: 'revises', code: 'revises' as const }] : []),
    ...(/^[0-9a-f-]{8,64}$/.test(oneOf(input, 'nonce')) ? [] : [{ name: 'nonce', code: 'nonce' as const }]),
  ];
  const unique = [...new Map(faults.map((fault) => [fault.name, fault])).values()];
  if (!parsed.success || unique.length > 0) return { ok: false, input, faults: unique };
  const body = Buffer.from(canonical(parsed.data as JsonValue));
  if (body.length > NOTICE_BYTES_MAX) return { ok: false, input, faults: [{ name: 'description', code: 'description' }] };
  return { ok: true, input, notice: parsed.data, body, nonce: oneOf(input, 'nonce') };
};
