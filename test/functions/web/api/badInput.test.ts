import { describe, expect, test } from 'vitest';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import { PROBLEMS, type ProblemCode, problemType } from '../../../../functions/web/http/problems.ts';
import { shared } from '../../../support/shared.ts';
import { bearer, NOON, notice, notified, openWorld, vendor } from './world.ts';

/** What is refused: the body or the rest of the address, where the fault is, and the problem if it is not the group's. */
type Row = readonly [sent: unknown, pointer?: string | undefined, code?: ProblemCode | undefined, status?: 404 | 409];
type Change = Readonly<Record<string, unknown>>;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const long = (length: number) => ' '.repeat(length);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const report = (change: Change): object => ({ kind: 'report', title: 'Report', content: 'AAAA', ...change });
const entry = (change: Change): object => ({ notice: notice(), channel: 'letter', heardAt: NOON, ...change });
const observed = (change: Change): object => ({ vendor: 'acme', source: 'export', observedAt: NOON, features: {}, ...change });
const nova = (change: Change): object => ({ id: 'nova', name: 'Nova', ...change });
const token = (change: Change): object => ({ name: 'it', scopes: ['state:read'], ...change });
const document = (url: string) => ({ title: 'T', kind: 'note', url });

/** A body for each value of a field that is at fault there. */
const each = (build: (change: Change) => object, faults: Readonly<Record<string, readonly unknown[]>>): readonly Row[] =>
  Object.entries(faults).flatMap(([field, values]) => values.map((value): Row => [build({ [field]: value }), `/${field}`]));

/** What the reader of JSON refuses is in its own tests: here is each kind once. */
const NOT_JSON: readonly Row[] = [
  ['', ''],
  ['title=x', ''],
  [`\uFEFF${JSON.stringify(notice())}`, ''],
  [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), ''],
  ['{"title":"T","title":"U"}', '/title'],
  ['{"__pro\\u0074o__":1}', '/__proto__'],
  ['{"version":"\\ud800"}', '/version'],
  ['{"revises":9007199254740993}', '/revises'],
  [`{"documents":${nested(40)}}`, `/documents${'/0'.repeat(31)}`],
  [`${JSON.stringify(notice())}${long(48 * 1024)}`, undefined, 'too-large'],
  [notice({ feature: 'constructor' }), undefined, 'signature-refused'],
  [notice({ feature: 'aldergate.policy' }), undefined, 'signature-refused'],
  [notice({ revises: 9 }), '/revises', 'unknown-change', 409],
];

const NOT_A_NOTICE: readonly Row[] = [
  ...['[]', 'null', '"acme"'].map((text): Row => [text, '']),
  [{}, '/feature'],
  [{ feature: 'acme', kind: 'update', summary: 'S' }, '/title'],
  ...each(notice, {
    title: [7, ' \u00A0 ', 'a\nb', 'safe\u202Etxt.exe', 'p\u0430ssport reader', 'x'.repeat(201)],
    summary: [['S']],
    description: ['x'.repeat(20_001)],
    kind: ['gift'],
    status: ['approved'],
    optOut: [true],
    optOutBy: ['2026-02-30'],
    optOutHow: ['x'.repeat(501)],
    withoutAction: ['maybe'],
    endsAt: ['2026-02-30', '0026-03-01'],
    effectiveAt: ['2026-04-01T00:00:00', '0000-01-01', '+275760-09-13'],
    revises: [0],
    feature: ['\u0430cme', 'acme.b.c.d.e.f', '../acme'],
    documents: [Array(21).fill(document('https://a.example/'))],
  }),
  ...['javascript:alert(1)', 'https://a:b@c.example/', 'https://\u0430cme.example/'].map(
    (url): Row => [notice({ documents: [document(url)] }), '/documents/0/url'],
  ),
  ...(
    [
      ['free', ''],
      [{ from: 'Nothing.' }, '/effect'],
      [{ effect: 'changed', to: 'x'.repeat(501) }, '/to'],
      [{ effect: 'changed', to: 'a\u202Eb' }, '/to'],
      [{ effect: 'changed', by: 'us' }, '/by'],
    ] as const
  ).map(([cost, at]): Row => [notice({ impact: { cost } }), `/impact/cost${at}`]),
  [notice({ impact: { mood: 'changed' } }), '/impact/mood'],
  [notice({ 'a/b~c': 1 }), '/a~1b~0c'],
  [notice({ kind: 'contract' }), '/endsAt'],
  [notice({ kind: 'removal', revises: 1 }), '/revises'],
];

const BODIES: readonly (readonly [route: string, by: 'vendor' | 'token', code: ProblemCode, rows: readonly Row[]])[] = [
  ['POST /v1/notices', 'vendor', 'invalid-json', NOT_JSON],
  ['POST /v1/notices', 'vendor', 'invalid-input', NOT_A_NOTICE],
  [
    'POST /v1/changes/acme/1/withdraw',
    'vendor',
    'invalid-input',
    [
      [{}, '/withdraw'],
      [{ withdraw: 'acme/1', why: '' }, '/why'],
      [{ withdraw: 'acme/2' }, '/withdraw'],
    ],
  ],
  ['POST /v1/changes/zeta/1/withdraw', 'vendor', 'signature-refused', [[{ withdraw: 'zeta/1' }]]],
  ['POST /v1/changes/acme/9/withdraw', 'vendor', 'unknown-change', [[{ withdraw: 'acme/9' }]]],
  ['POST /v1/changes/acme/x/withdraw', 'vendor', 'invalid-request', [[{}, '/n']]],
  ['POST /v1/changes/ACME/1/withdraw', 'vendor', 'invalid-request', [[{}, '/key']]],
  [
    'POST /v1/changes/acme/1/contest',
    'token',
    'invalid-input',
    [
      [{}, '/reason'],
      ...each((change) => ({ reason: 'x', ...change }), { reason: [' \n', 'x'.repeat(5_001), 'a\u0007b'], more: [1] }),
    ],
  ],
  [
    'POST /v1/changes/acme/1/documents',
    'token',
    'invalid-input',
    [
      ...each(report, { kind: ['Impact Report'], content: ['%%%%', ''], mediaType: ['pdf'], title: [' '], approved: [true] }),
      [report({ kind: 'menu' }), '/kind', 'document-refused'],
    ],
  ],
  // Before any signature is checked, so that nobody keeps the gate busy.
  [
    'POST /v1/documents',
    'vendor',
    'invalid-input',
    [
      [`{"change":"acme/1","more":[${'0,'.repeat(49_999)}0]}`, '/more'],
      [`{"change":"acme/1","more":[${'0,'.repeat(50_000)}0]}`, undefined, 'too-large'],
      [Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`k${index}`, 0])), undefined, 'too-large'],
    ],
  ],
  ['POST /v1/changes/acme/2/documents', 'token', 'unknown-change', [[report({})]]],
  [
    'POST /v1/intake',
    'token',
    'invalid-input',
    [
      [entry({ notice: { title: 7 } }), '/notice/feature'],
      [entry({ notice: notice({ approved: true }) }), '/notice/approved'],
      [entry({ notice: notice({ endsAt: 'soon' }) }), '/notice/endsAt'],
      [entry({ notice: notice({ feature: 'aldergate.policy' }) }), '/notice/feature'],
      ...each(entry, {
        channel: [' ', 'webhook', ' Webhook '],
        heardAt: ['yesterday', '0000-01-01', '2026-03-03', '2026-03-03T12:00:00Z'],
      }),
      [entry({ channel: ' ', heardAt: 'yesterday' }), '/heardAt'],
      [entry({ evidence: { title: 'T' } }), '/evidence/sha256'],
      [entry({ evidence: { sha256: '0'.repeat(64), content: 'AAAA' } }), '/evidence/sha256'],
      [long(192 * 1024 + 1), undefined, 'too-large'],
    ],
  ],
  [
    'POST /v1/observations',
    'token',
    'invalid-input',
    [
      ...each(observed, { vendor: ['\u0430cme'], observedAt: ['2026-03-02'] }),
      [observed({ features: { acme: 'on' } }), '/features/acme'],
      [observed({ source: ' ', observedAt: '2026-02-30T12:00:00Z' }), '/observedAt'],
      [observed({ features: { 'ACME!': true } }), '/features/ACME!'],
      [observed({ features: { 'zeta.b': true } }), '/features/zeta.b'],
      [observed({ observedAt: '2027-01-01T00:00:00Z' }), '/observedAt', 'observed-in-future'],
    ],
  ],
  [
    'POST /ofrep/v1/evaluate/flags/acme',
    'token',
    'invalid-input',
    [
      ['[]', ''],
      ['{"context":null}', '/context'],
      ['{"context":"x"}', '/context'],
      ['{"context":{"agency":["x"]}}', '/context/agency'],
      ['{"context":{"version":2}}', '/context/version'],
      ['{"context"', '/context', 'invalid-json'],
      ['{"context":{},"context":{}}', '/context', 'invalid-json'],
      ['{"context":{"__proto__":{"agency":"x"}}}', '/context/__proto__', 'invalid-json'],
      [long(64 * 1024 + 1), undefined, 'too-large'],
    ],
  ],
  ['POST /ofrep/v1/evaluate/flags', 'token', 'invalid-json', [[`{"context":${nested(33)}}`, `/context${'/0'.repeat(31)}`]]],
  [
    'POST /v1/vendors',
    'token',
    'invalid-input',
    [
      [{ id: 'nova' }, '/name'],
      ...each(nova, { id: [7, 'x'.repeat(2_000)], admin: [true], publicKey: ['whpk_AAAA', ''] }),
      [nova({ id: 'No va!' }), '/id'],
      [nova({ id: 'aldergate' }), '/id'],
      [nova({ name: ' ' }), '/name'],
      ['{"id":"a","id":"b","name":"n"}', '/id', 'invalid-json'],
      [long(5 * 1024), undefined, 'too-large'],
    ],
  ],
  ['POST /v1/vendors/acme/keys', 'token', 'invalid-input', [[{ publicKey: 'whpk_AAAA' }, '/publicKey']]],
  ['POST /v1/vendors/nobody/keys', 'token', 'no-such-vendor', [[{}]]],
  ['POST /v1/vendors/nobody/forms', 'token', 'no-such-vendor', [[{}]]],
  ['POST /v1/vendors/acme/forms', 'token', 'invalid-input', each((change) => change, { valid: [7, 'soon', 'P2Y'] })],
  ['POST /v1/holders/%3Cscript%3E/links', 'token', 'no-such-holder', [[{ reissue: true }]]],
  [
    'POST /v1/holders/mayor/links',
    'token',
    'invalid-input',
    [
      [{}, '/reissue'],
      [{ reissue: 'yes' }, '/reissue'],
      [[], ''],
    ],
  ],
  [
    'POST /v1/tokens',
    'token',
    'invalid-input',
    [
      ...each(token, { scopes: [[]], name: ['a\nb'], person: ['stranger'], source: ['', 'console'] }),
      [token({ scopes: ['everything'] }), '/scopes/0'],
      [token({ agencies: ['police', ' '] }), '/agencies/1'],
      [token({ scopes: ['notice'] }), '/person'],
    ],
  ],
  [
    'PUT /v1/roster',
    'token',
    'roster-refused',
    [
      ['[]', ''],
      [{ holders: [] }, '/bodies'],
      [{}, '/holders'],
      ['{', undefined, 'invalid-json'],
      ['{"__proto__":{"bodies":{}}}', '/__proto__', 'invalid-json'],
    ],
  ],
  [
    'POST /v1/policy',
    'token',
    'policy-refused',
    [
      [{}, '/policy', 'invalid-input'],
      [{ policy: {}, repin: 'maybe' }, '/repin', 'invalid-input'],
      [{ policy: 'yes' }, '/policy'],
      [{ policy: { name: 'N', version: '1', rules: [], zz: 1 } }, '/policy/zz'],
      [{ policy: {}, roster: {} }, '/roster/holders', 'roster-refused'],
    ],
  ],
];

const ADDRESSES: readonly (readonly [route: string, code: ProblemCode, rows: readonly Row[]])[] = [
  [
    'GET /v1/features',
    'invalid-request',
    [
      ['/A', '/key'],
      ['/acme%2Fb', '/key'],
      ['/..%2f..%2fetc', '/key'],
      ['/%E0%A4%A', '/key'],
      ['/acme?at=yesterday', '/at'],
      ['/acme?at=2099-01-01T00:00:00Z', '/at', 'future-instant'],
      [`/acme?at=${NOON}&at=${NOON}`, '/at'],
      ['/acme?agncy=x', '/agncy'],
      ['/acme?agency=%ff', '/agency'],
      ['?status=maybe', '/status'],
      ['?limit=0', '/limit'],
      ['?limit=1001', '/limit'],
      ['?limit=ten', '/limit'],
      ['?limit=1e2', '/limit'],
      ['?cursor=%25', '/cursor'],
      ['/acme/history?cursor=zz', '/cursor'],
    ],
  ],
  [
    'GET /v1/changes',
    'invalid-request',
    [
      ['?status=enabled', '/status'],
      ['?body=%00', '/body'],
      ['/acme/-1', '/n'],
      ['/acme/99', undefined, 'not-found'],
    ],
  ],
  [
    'GET /v1/policy',
    'invalid-request',
    [
      ['?at=2099-01-01T00:00:00Z', '/at', 'future-instant'],
      ['?at=someday', '/at'],
      ['/explain', '/key'],
      ['/explain?key=A', '/key'],
      ['/explain?key=acme&kind=gift', '/kind'],
      ['/explain?key=acme&impact=cost,mood', '/impact/1'],
    ],
  ],
  ['DELETE /v1/vendors', 'no-such-vendor', [['/nobody/keys/k_1'], [`/${'x'.repeat(2_000)}/keys/k_1`], ['/nobody/forms']]],
  ['DELETE /v1/tokens', 'not-found', [['/0']]],
  ['GET /v1/feature', 'not-found', [['']]],
];

const HEADERS: readonly (readonly [route: string, code: ProblemCode, headers?: Readonly<Record<string, string>>])[] = [
  ['POST /v1/notices', 'unsupported-media-type', FORM],
  ['POST /v1/notices', 'unsupported-media-type', { 'content-type': 'application/json; charset=iso-8859-1' }],
  ['POST /v1/notices', 'unsupported-media-type', { 'content-encoding': 'gzip' }],
  ['POST /v1/intake', 'unsupported-media-type', { 'content-type': 'text/plain' }],
  ['POST /v1/vendors', 'unsupported-media-type', FORM],
  ['POST /ofrep/v1/evaluate/flags/acme', 'unsupported-media-type', FORM],
  ['POST /v1/notices', 'too-large', { 'content-length': '49153' }],
  ['POST /v1/notices', 'invalid-request', { 'webhook-id': 'a b' }],
  ['POST /v1/notices', 'invalid-request', { 'webhook-id': 'x'.repeat(201) }],
  ['POST /v1/notices', 'signature-refused', { 'webhook-signature': '' }],
  ['POST /v1/intake', 'token-unknown', { authorization: 'Bearer ald_0' }],
  ['POST /v1/intake', 'token-unknown', { authorization: 'Basic YTpi' }],
  ['GET /v1/tokens', 'token-unknown', { authorization: 'Bearer ald_0' }],
];

/** Library words that are no answer to a sender. */
const LIBRARY = /Invalid|received |Too (?:big|small)|Unexpected/;

const city = shared(async (atEnd) => {
  const world = await openWorld({ atEnd });
  const acme = await vendor(world, 'acme');
  await addVendor(world.deps.ports, 'zeta', 'Zeta');
  await notified(world, acme);
  const admin = await world.token('admin');
  return { world, acme, admin, before: await world.streams() };
});

const bytesOf = (sent: unknown) => (typeof sent === 'string' || sent instanceof Uint8Array ? sent : JSON.stringify(sent));

interface Sent {
  readonly route: string;
  readonly body?: string | Uint8Array;
  readonly by?: 'vendor' | 'token';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request, checks that it is refused by this problem and nothing is stored; returns where the faults are. */
const refusedBy = async ({ route, body, by = 'token', headers }: Sent, code: ProblemCode, status = PROBLEMS[code].status) => {
  const { world, acme, admin, before } = city();
  const [method = '', path = ''] = route.split(' ');
  const credentials = by === 'vendor' ? acme.headers(body ?? '') : bearer(admin);
  const response = await world.app.request(path, {
    method,
    headers: { 'content-type': 'application/json', ...credentials, ...headers },
    ...(body !== undefined && { body: body as string }),
  });
  const problem = (await response.json()) as { errors?: readonly { pointer: string; detail: string }[]; detail: string };
  expect(problem).toMatchObject({ type: problemType(code), title: PROBLEMS[code].title, status });
  expect([response.status, response.headers.get('content-type')]).toStrictEqual([status, 'application/problem+json']);
  expect([problem.detail, ...(problem.errors ?? []).map(({ detail }) => detail)].every((text) => /\S/.test(text))).toBe(true);
  expect(JSON.stringify([problem.detail, problem.errors])).not.toMatch(LIBRARY);
  expect(await world.streams(), 'nothing was stored').toStrictEqual(before);
  expect(world.logged, 'nothing went wrong on our side').toStrictEqual([]);
  return (problem.errors ?? []).map(({ pointer }) => pointer);
};

const shown = (sent: unknown) => Buffer.from(bytesOf(sent)).toString().slice(0, 90);

for (const [route, by, common, rows] of BODIES) {
  describe(`${route} by ${by}: ${common}`, () => {
    for (const [sent, pointer, code = common, status] of rows)
      test(shown(sent), async () => {
        const found = await refusedBy({ route, by, body: bytesOf(sent) }, code, status);
        if (pointer !== undefined) expect(found).toContain(pointer);
      });
  });
}

for (const [route, common, rows] of ADDRESSES) {
  describe(`${route}…: ${common}`, () => {
    for (const [rest, pointer, code = common, status] of rows)
      test(String(rest), async () => {
        const found = await refusedBy({ route: `${route}${rest}` }, code, status);
        if (pointer !== undefined) expect(found).toContain(pointer);
      });
  });
}

for (const [route, code, headers = {}] of HEADERS) {
  test(`${route}: ${code} with ${JSON.stringify(headers)}`, async () => {
    const body = route.startsWith('GET') ? {} : { body: JSON.stringify(notice()) };
    await refusedBy({ route, by: route.endsWith('/notices') ? 'vendor' : 'token', headers, ...body }, code);
  });
}

test('a date that cannot be read is named with everything else that is wrong', async () => {
  const body = JSON.stringify(notice({ title: ' ', endsAt: 'soon', effectiveAt: '2026-02-30', optOut: 7 }));
  const found = await refusedBy({ route: 'POST /v1/notices', by: 'vendor', body }, 'invalid-input');
  expect(found).toStrictEqual(['/title', '/effectiveAt', '/endsAt', '/optOut']);
});
