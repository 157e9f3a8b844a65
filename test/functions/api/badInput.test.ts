import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS, type ProblemCode, problemType } from '../../../functions/http/problems.ts';
import { NOON, notice, notified, openWorld, type Signer, vendor, type World } from './world.ts';

interface Row {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string | Uint8Array;
  /** Signed by the vendor acme, or sent with a token good for everything; `none`: neither. */
  readonly as?: 'vendor' | 'token' | 'none';
  readonly headers?: Readonly<Record<string, string>>;
  readonly code: ProblemCode;
  readonly status?: number;
  readonly pointer?: string;
}

const json = (value: unknown): string => JSON.stringify(value);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const withNotice = (change: Readonly<Record<string, unknown>>): string => json(notice(change));
const raw = (change: string): string => `{"feature":"acme","kind":"update","title":"T","summary":"S",${change}}`;

const NOTICES = '/v1/notices';
const bad = (name: string, body: string | Uint8Array, pointer: string, code: ProblemCode = 'invalid-input'): Row => ({
  name,
  path: NOTICES,
  as: 'vendor',
  body,
  code,
  pointer,
});

const notices: readonly Row[] = [
  bad('no body', '', '', 'invalid-json'),
  bad('no JSON', 'title=x', '', 'invalid-json'),
  bad('half a JSON', '{"feature":"acme"', '', 'invalid-json'),
  bad('text after the end', '{} {}', '', 'invalid-json'),
  bad('a byte-order mark', `\uFEFF${withNotice({})}`, '', 'invalid-json'),
  bad('no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), '', 'invalid-json'),
  bad('UTF-16', Buffer.from(withNotice({}), 'utf16le'), '', 'invalid-json'),
  bad('a key twice', raw('"title":"U"'), '/title', 'invalid-json'),
  bad('a key twice, deep inside', raw('"impact":{"cost":"changed","cost":"unchanged"}'), '/impact/cost', 'invalid-json'),
  bad('__proto__', raw('"__proto__":{"kind":"removal"}'), '/__proto__', 'invalid-json'),
  bad('__proto__, escaped', raw('"__pro\\u0074o__":1'), '/__proto__', 'invalid-json'),
  bad('a lone surrogate, escaped', raw('"version":"\\ud800"'), '/version', 'invalid-json'),
  bad('a huge number', raw('"revises":1e999'), '/revises', 'invalid-json'),
  bad('an integer beyond 2^53', raw('"revises":9007199254740993'), '/revises', 'invalid-json'),
  bad('nesting', raw(`"documents":${nested(40)}`), `/documents${'/0'.repeat(31)}`, 'invalid-json'),
  bad('an array', '[]', ''),
  bad('null', 'null', ''),
  bad('a text', '"acme"', ''),
  bad('nothing in it', '{}', '/feature'),
  bad('no title', json({ feature: 'acme', kind: 'update', summary: 'S' }), '/title'),
  bad('a number for a title', withNotice({ title: 7 }), '/title'),
  bad('a blank title', withNotice({ title: ' \u00A0 ' }), '/title'),
  bad('a title with a line break', withNotice({ title: 'a\nb' }), '/title'),
  bad('a title with a control character', withNotice({ title: 'a\u0007b' }), '/title'),
  bad('a title that reorders text', withNotice({ title: 'safe\u202Etxt.exe' }), '/title'),
  bad('a title with a zero-width space', withNotice({ title: 'a\u200Bb' }), '/title'),
  bad('a title with a look-alike', withNotice({ title: 'p\u0430ssport reader' }), '/title'),
  bad('a title not in NFC', withNotice({ title: 'Cafe\u0301' }), '/title'),
  bad('a title too long', withNotice({ title: 'x'.repeat(201) }), '/title'),
  bad('a summary that is a list', withNotice({ summary: ['S'] }), '/summary'),
  bad('a description with an escape character', withNotice({ description: 'a\u001B[31m' }), '/description'),
  bad('a description too long', withNotice({ description: 'x'.repeat(20_001) }), '/description'),
  bad('a version that reorders text', withNotice({ version: '1\u20662' }), '/version'),
  bad('an unknown kind', withNotice({ kind: 'gift' }), '/kind'),
  bad('an unknown field', withNotice({ status: 'approved' }), '/status'),
  bad('a field named with a slash', withNotice({ 'a/b~c': 1 }), '/a~1b~0c'),
  bad('an unknown impact', withNotice({ impact: { mood: 'changed' } }), '/impact/mood'),
  bad('an impact that is none', withNotice({ impact: { cost: 'free' } }), '/impact/cost'),
  bad('optOut as a boolean', withNotice({ optOut: true }), '/optOut'),
  bad('a contract without an end', withNotice({ kind: 'contract' }), '/endsAt'),
  bad('a date that does not exist', withNotice({ endsAt: '2026-02-30' }), '/endsAt', 'unreadable-date'),
  bad('an instant without an offset', withNotice({ effectiveAt: '2026-04-01T00:00:00' }), '/effectiveAt', 'unreadable-date'),
  bad(
    'javascript: as a document',
    withNotice({ documents: [{ title: 'T', kind: 'note', url: 'javascript:alert(1)' }] }),
    '/documents/0/url',
  ),
  bad(
    'credentials in a URL',
    withNotice({ documents: [{ title: 'T', kind: 'note', url: 'https://a:b@c.example/' }] }),
    '/documents/0/url',
  ),
  bad(
    'a look-alike host',
    withNotice({ documents: [{ title: 'T', kind: 'note', url: 'https://\u0430cme.example/' }] }),
    '/documents/0/url',
  ),
  bad(
    'a hash that is none',
    withNotice({ documents: [{ title: 'T', kind: 'note', url: 'https://a.example/', sha256: 'abc' }] }),
    '/documents/0/sha256',
  ),
  bad(
    'too many documents',
    withNotice({ documents: Array.from({ length: 21 }, () => ({ title: 'T', kind: 'note', url: 'https://a.example/' })) }),
    '/documents',
  ),
  bad('revises nothing', withNotice({ revises: 0 }), '/revises'),
  bad('a feature with a Cyrillic letter', withNotice({ feature: '\u0430cme' }), '/feature'),
  bad('a feature in upper case', withNotice({ feature: 'Acme' }), '/feature'),
  bad('a feature of six segments', withNotice({ feature: 'acme.b.c.d.e.f' }), '/feature'),
  bad('a feature with an empty segment', withNotice({ feature: 'acme..b' }), '/feature'),
  bad('a feature that climbs', withNotice({ feature: '../acme' }), '/feature'),
  { ...bad('a revision of what does not exist', withNotice({ revises: 9 }), '/revises', 'unknown-change'), status: 409 },
  {
    name: 'a form',
    path: NOTICES,
    as: 'vendor',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    code: 'unsupported-media-type',
  },
  {
    name: 'JSON in Latin-1',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({}),
    headers: { 'content-type': 'application/json; charset=iso-8859-1' },
    code: 'unsupported-media-type',
  },
  {
    name: 'a compressed body',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({}),
    headers: { 'content-encoding': 'gzip' },
    code: 'unsupported-media-type',
  },
  {
    name: 'above 48 KiB',
    path: NOTICES,
    as: 'vendor',
    body: `${withNotice({})}${' '.repeat(48 * 1024)}`,
    code: 'body-too-large',
  },
  {
    name: 'a length that says too much',
    path: NOTICES,
    as: 'vendor',
    body: '{}',
    headers: { 'content-length': '49153' },
    code: 'body-too-large',
  },
  {
    name: 'a length that says too little',
    path: NOTICES,
    as: 'vendor',
    body: ' '.repeat(49_153),
    headers: { 'content-length': '2' },
    code: 'body-too-large',
  },
  { name: 'no signature', path: NOTICES, as: 'none', body: withNotice({}), code: 'signature-refused' },
  {
    name: 'a vendor nobody knows',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({ feature: 'constructor' }),
    code: 'other-vendor',
  },
  {
    name: 'the city’s own key',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({ feature: 'aldergate.policy' }),
    code: 'other-vendor',
  },
  {
    name: 'a webhook-id with a space',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({}),
    headers: { 'webhook-id': 'a b' },
    code: 'invalid-request',
    pointer: '/webhook-id',
  },
  {
    name: 'a webhook-id too long',
    path: NOTICES,
    as: 'vendor',
    body: withNotice({}),
    headers: { 'webhook-id': 'x'.repeat(201) },
    code: 'invalid-request',
    pointer: '/webhook-id',
  },
  { name: 'GET of notices', path: NOTICES, method: 'GET', code: 'method-not-allowed' },
];

const withdrawals: readonly Row[] = [
  { name: 'no number', path: '/v1/changes/acme/x/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/n' },
  { name: 'number zero', path: '/v1/changes/acme/0/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/n' },
  { name: 'no key', path: '/v1/changes/ACME/1/withdraw', as: 'vendor', body: '{}', code: 'invalid-request', pointer: '/key' },
  {
    name: 'nothing named',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: '{}',
    code: 'invalid-input',
    pointer: '/withdraw',
  },
  {
    name: 'more than the name',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/1', why: '' }),
    code: 'invalid-input',
    pointer: '/why',
  },
  {
    name: 'another change named',
    path: '/v1/changes/acme/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/2' }),
    code: 'invalid-input',
    pointer: '/withdraw',
  },
  {
    name: 'another vendor’s',
    path: '/v1/changes/zeta/1/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'zeta/1' }),
    code: 'other-vendor',
  },
  {
    name: 'no such change',
    path: '/v1/changes/acme/9/withdraw',
    as: 'vendor',
    body: json({ withdraw: 'acme/9' }),
    code: 'unknown-change',
  },
  { name: 'DELETE', path: '/v1/changes/acme/1/withdraw', method: 'DELETE', code: 'method-not-allowed' },
];

const entry = (change: Readonly<Record<string, unknown>>): string =>
  json({ notice: notice(), channel: 'letter', heardAt: NOON, ...change });
const into = (name: string, path: string, body: string, code: ProblemCode, pointer?: string): Row => ({
  name,
  path,
  as: 'token',
  body,
  code,
  ...(pointer !== undefined && { pointer }),
});
const observed = (change: Readonly<Record<string, unknown>>): string =>
  json({ vendor: 'acme', source: 'export', observedAt: NOON, features: {}, ...change });

const entered: readonly Row[] = [
  into('a notice that is none', '/v1/intake', entry({ notice: { title: 7 } }), 'invalid-input', '/notice/feature'),
  into(
    'an unknown field within',
    '/v1/intake',
    entry({ notice: notice({ approved: true }) }),
    'invalid-input',
    '/notice/approved',
  ),
  into('a blank channel', '/v1/intake', entry({ channel: ' ' }), 'invalid-input', '/channel'),
  into('no day at all', '/v1/intake', entry({ heardAt: 'yesterday' }), 'invalid-input', '/heardAt'),
  into('a bad date within', '/v1/intake', entry({ notice: notice({ endsAt: 'soon' }) }), 'unreadable-date', '/notice/endsAt'),
  into('evidence without a hash', '/v1/intake', entry({ evidence: { title: 'T' } }), 'invalid-input', '/evidence/sha256'),
  into(
    'evidence that is another',
    '/v1/intake',
    entry({ evidence: { sha256: '0'.repeat(64), content: 'AAAA' } }),
    'invalid-input',
    '/evidence/sha256',
  ),
  into(
    'the city’s own key',
    '/v1/intake',
    entry({ notice: notice({ feature: 'aldergate.policy' }) }),
    'invalid-input',
    '/notice/feature',
  ),
  { ...into('no token', '/v1/intake', entry({}), 'token-missing'), as: 'none' },
  { ...into('a token misspelt', '/v1/intake', entry({}), 'token-unknown'), headers: { authorization: 'Bearer ald_0' } },
  { ...into('another scheme', '/v1/intake', entry({}), 'token-unknown'), headers: { authorization: 'Basic YTpi' } },
  { ...into('plain text', '/v1/intake', 'x', 'unsupported-media-type'), headers: { 'content-type': 'text/plain' } },
  into('too large', '/v1/intake', ' '.repeat(192 * 1024 + 1), 'body-too-large'),
  into('a vendor with a look-alike', '/v1/observations', observed({ vendor: '\u0430cme' }), 'invalid-input', '/vendor'),
  into(
    'a value that is no boolean',
    '/v1/observations',
    observed({ features: { acme: 'on' } }),
    'invalid-input',
    '/features/acme',
  ),
  into('a key that is none', '/v1/observations', observed({ features: { 'ACME!': true } }), 'invalid-input', '/features/ACME!'),
  into(
    'another vendor’s key',
    '/v1/observations',
    observed({ features: { 'zeta.b': true } }),
    'invalid-input',
    '/features/zeta.b',
  ),
  into('a date for an instant', '/v1/observations', observed({ observedAt: '2026-03-02' }), 'invalid-input', '/observedAt'),
  into(
    'from the future',
    '/v1/observations',
    observed({ observedAt: '2027-01-01T00:00:00Z' }),
    'observed-in-future',
    '/observedAt',
  ),
];

const asked = (name: string, path: string, code: ProblemCode, pointer?: string): Row => ({
  name,
  path,
  method: 'GET',
  as: 'token',
  code,
  ...(pointer !== undefined && { pointer }),
});

const questions: readonly Row[] = [
  asked('no key', '/v1/features/A', 'invalid-request', '/key'),
  asked('a key with a slash in it', '/v1/features/acme%2Fb', 'invalid-request', '/key'),
  asked('a key that climbs', '/v1/features/..%2f..%2fetc', 'invalid-request', '/key'),
  asked('half an escape', '/v1/features/%E0%A4%A', 'invalid-request', '/key'),
  asked('no instant', '/v1/features/acme?at=yesterday', 'invalid-request', '/at'),
  asked('the future', '/v1/features/acme?at=2099-01-01T00:00:00Z', 'future-instant', '/at'),
  asked('an instant twice', `/v1/features/acme?at=${NOON}&at=${NOON}`, 'invalid-request', '/at'),
  asked('a misspelt parameter', '/v1/features/acme?agncy=x', 'invalid-request', '/agncy'),
  asked('an unknown status', '/v1/features?status=maybe', 'invalid-request', '/status'),
  asked('a limit of nothing', '/v1/features?limit=0', 'invalid-request', '/limit'),
  asked('a limit too high', '/v1/features?limit=1001', 'invalid-request', '/limit'),
  asked('a limit in words', '/v1/changes?limit=ten', 'invalid-request', '/limit'),
  asked('a limit with a point', '/v1/changes?limit=1e2', 'invalid-request', '/limit'),
  asked('a cursor of nobody', '/v1/features?cursor=%25', 'invalid-request', '/cursor'),
  asked('a cursor of nobody, of changes', '/v1/changes?cursor=*', 'invalid-request', '/cursor'),
  asked('a cursor of nobody, of a history', '/v1/features/acme/history?cursor=zz', 'invalid-request', '/cursor'),
  asked('a status of features, of changes', '/v1/changes?status=enabled', 'invalid-request', '/status'),
  asked('a body that is none', '/v1/changes?body=%00', 'invalid-request', '/body'),
  asked('a change without a number', '/v1/changes/acme/-1', 'invalid-request', '/n'),
  asked('a change that is not there', '/v1/changes/acme/99', 'not-found'),
  asked('a route that is not there', '/v1/feature', 'not-found'),
  { ...asked('no token', '/v1/features', 'token-missing'), as: 'none' },
  { ...asked('POST of the register', '/v1/features', 'method-not-allowed'), method: 'POST' },
  { ...asked('PUT of a change', '/v1/changes/acme/1', 'method-not-allowed'), method: 'PUT' },
  { ...asked('POST of the description', '/openapi.json', 'method-not-allowed'), method: 'POST' },
  { ...asked('GET of a flag', '/ofrep/v1/evaluate/flags/acme', 'method-not-allowed'), method: 'GET' },
];

const FLAG = '/ofrep/v1/evaluate/flags/acme';
const flags: readonly Row[] = [
  into('no JSON', FLAG, '{"context"', 'invalid-json', '/context'),
  into('a context twice', FLAG, '{"context":{},"context":{}}', 'invalid-json', '/context'),
  into('__proto__', FLAG, '{"context":{"__proto__":{"agency":"x"}}}', 'invalid-json', '/context/__proto__'),
  into('a list', FLAG, '[]', 'invalid-input', ''),
  into('a context that is null', FLAG, '{"context":null}', 'invalid-input', '/context'),
  into('a context that is a text', FLAG, '{"context":"x"}', 'invalid-input', '/context'),
  into('an agency that is a list', FLAG, '{"context":{"agency":["x"]}}', 'invalid-input', '/context/agency'),
  into('a version that is a number', FLAG, '{"context":{"version":2}}', 'invalid-input', '/context/version'),
  { ...into('a form', FLAG, 'a=b', 'unsupported-media-type'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  into('too large', FLAG, ' '.repeat(64 * 1024 + 1), 'body-too-large'),
  { ...into('no token', FLAG, '{}', 'token-missing'), as: 'none' },
  into(
    'all flags: nesting',
    '/ofrep/v1/evaluate/flags',
    `{"context":${nested(33)}}`,
    'invalid-json',
    `/context${'/0'.repeat(31)}`,
  ),
];

const groups = { notices, withdrawals, entered, questions, flags };

let world: World;
let acme: Signer;
let token: string;
let before: readonly string[];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  world = await openWorld({ keep: (close) => void closing.push(close) });
  acme = await vendor(world, 'acme');
  await vendor(world, 'zeta');
  await notified(world, acme);
  token = await world.token('admin');
  before = await world.streams();
});
afterAll(async () => {
  for (const close of closing) await close();
});

const credentials = ({ as, body = '' }: Row): Readonly<Record<string, string>> => {
  if (as === 'vendor') return acme.headers(body);
  return as === 'token' ? { authorization: `Bearer ${token}` } : {};
};

const send = (row: Row): Response | Promise<Response> => {
  const method = row.method ?? 'POST';
  const headers = { 'content-type': 'application/json', ...credentials(row), ...row.headers };
  return world.app.request(row.path, { method, headers, ...(row.body !== undefined && { body: row.body as string }) });
};

test('there are rows enough', () => {
  expect(Object.values(groups).flat().length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(groups))('%s', (_group, rows) => {
  test.each(rows)('$name: $code', async (row) => {
    const response = await send(row);
    const problem = (await response.json()) as Record<string, unknown>;
    const status = row.status ?? PROBLEMS[row.code].status;
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ type: problemType(row.code), title: PROBLEMS[row.code].title, status: response.status });
    expect(problem.detail).toMatch(/\S/);
    if (row.pointer !== undefined) {
      const errors = problem.errors as readonly { pointer: string; detail: string }[];
      expect(errors.map(({ pointer }) => pointer)).toContain(row.pointer);
      expect(errors.every(({ detail }) => /\S/.test(detail))).toBe(true);
    }
    if (row.code === 'method-not-allowed') expect(response.headers.get('allow')).toMatch(/GET|POST/);
    expect(await world.streams(), 'nothing was stored').toStrictEqual(before);
    expect(world.logged, 'nothing went wrong on our side').toStrictEqual([]);
  });
});
