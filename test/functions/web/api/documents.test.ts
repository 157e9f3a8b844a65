import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { DOCUMENT_BYTES_MAX, DOCUMENT_PART_BYTES } from '../../../../domain/kernel/commit.ts';
import { readDocument } from '../../../../functions/gate/documents.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { bearer, post, refusal, signed, story } from './world.ts';

const both = [council(), mayor()];
/** Every change needs a report, a change of the policy itself a review. */
const rules = policy(
  rule(both, { id: 'policy', when: { key: ['aldergate.policy'] }, documents: ['review'] }),
  rule(both, { id: 'all', documents: ['report'] }),
);
const REPORT = Buffer.from('What the cameras change.');
const LONG = Buffer.alloc(2 * DOCUMENT_PART_BYTES + 5, 'a');
const hex = (content: Uint8Array) => digestOf(content).slice(7);
const document = (content: Uint8Array = REPORT, over: object = {}) => ({
  kind: 'report',
  title: 'The report',
  mediaType: 'text/plain',
  content: Buffer.from(content).toString('base64'),
  ...over,
});
const ATTACH = '/v1/changes/acme/1/documents';

const NAMED = { title: 'Report', kind: 'report', url: 'https://vendor.example/report', sha256: hex(REPORT) };

/** A change whose notice names the report by its hash, or other documents. */
const opened = async (documents: readonly object[] = [NAMED], limits = { perHour: 0, bytesPerDay: 0 }) => {
  const told = await story({ rules, limits });
  const { world } = told;
  const { body } = await told.notify({ documents });
  const headers = bearer(await world.token('notice'));
  const { ports } = world.deps;
  const over = (store: Partial<Store>) => ({
    app: apiApp({ ...world.deps, ports: { ...ports, store: { ...ports.store, ...store } } }),
  });
  return {
    ...told,
    store: ports.store,
    over,
    digest: body.digest as string,
    attach: (content: Uint8Array = REPORT, app: Pick<typeof world, 'app'> = world) =>
      post(app, ATTACH, document(content), headers),
  };
};

test('the city attaches what the rule asks for; until then nothing is approved, and the answer names what is missing', async () => {
  const { world, digest, attach, read } = await opened();
  expect(await read('/v1/changes/acme/1')).toMatchObject({ documents: [], missingDocuments: ['report'] });
  await expect(world.gate.decide({ change: 'acme/1', digest })).rejects.toThrow(/documents-missing.*asks for report/);
  const attached = await attach();
  expect(attached).toMatchObject({ status: 200, body: { missingDocuments: [] } });
  expect(attached.body.documents).toStrictEqual([
    {
      kind: 'report',
      title: 'The report',
      sha256: digestOf(REPORT),
      mediaType: 'text/plain',
      bytes: REPORT.length,
      at: world.now(),
      by: 'token:notice-token',
      url: `/log/document/${hex(REPORT)}`,
    },
  ]);
  await world.gate.decide({ change: 'acme/1', digest });
  expect(await read('/v1/features/acme')).toMatchObject({ enabled: true });
});

test('new bytes count against the sender’s limit of notices, bytes that are kept do not; what is refused leaves nothing', async () => {
  const { world, attach } = await opened([], { perHour: 2, bytesPerDay: 0 });
  for (let n = 0; n < 4; n += 1) expect((await attach()).status).toBe(200);
  expect((await attach(Buffer.from('Another report.'))).status).toBe(200);
  const commits = await world.commits();
  const refused = await attach(Buffer.from('A third report.'));
  expect(refused).toMatchObject(refusal(429, 'too-many-notices'));
  expect(refused.headers.get('retry-after')).toBe('3600');
  expect(await world.commits()).toBe(commits);
  expect((await attach()).status).toBe(200);
});

test('a document of several parts is read whole again; one that is too long is refused', async () => {
  const { world, store, attach } = await opened([]);
  expect((await attach(LONG)).body.documents[0]).toMatchObject({ bytes: LONG.length, sha256: digestOf(LONG) });
  expect(await readDocument(store, digestOf(LONG))).toStrictEqual(LONG);
  expect((await world.streams()).filter((stream) => stream === `document/${hex(LONG)}`)).toHaveLength(3);
  for (const [more, status] of [
    [1, 400],
    [2, 400],
    [3, 400],
    [9_000, 413],
  ] as const)
    expect((await attach(Buffer.alloc(DOCUMENT_BYTES_MAX + more))).status).toBe(status);
});

test('what an altered archive put beside a part hides no document', async () => {
  const { store, attach } = await opened([]);
  expect((await attach(LONG)).status).toBe(200);
  const bytes = Buffer.from('Something else.');
  const planted = { sha256: digestOf(bytes), mediaType: 'text/plain', bytes };
  const history: typeof store.history = async (...asked) =>
    (await store.history(...asked)).map((commit) => ({ ...commit, attachments: [planted, ...commit.attachments] }));
  expect(await readDocument({ ...store, history }, digestOf(LONG))).toStrictEqual(LONG);
});

test('what a crash left of a document is completed', async () => {
  const { store, over, attach } = await opened([]);
  let appends = 0;
  const dying = over({
    append: async (records) => {
      appends += 1;
      if (appends === 2) throw new Error('killed');
      return store.append(records);
    },
  });
  expect((await attach(LONG, dying)).status).toBe(500);
  expect(await readDocument(store, digestOf(LONG))).toBeUndefined();
  expect((await attach(LONG)).body.missingDocuments).toStrictEqual([]);
  expect(await readDocument(store, digestOf(LONG))).toStrictEqual(LONG);
});

test('the vendor sends what its notice names by hash, signed, and nothing else', async () => {
  const { world, acme } = await opened();
  const send = (content: Uint8Array, over: object = {}) =>
    signed(world, acme, '/v1/documents', document(content, { change: 'acme/1', ...over }));
  const commits = await world.commits();
  expect(await send(Buffer.from('another'))).toMatchObject(refusal(409, 'document-refused'));
  // What is kept is public, and no order withholds what no feature names.
  expect(await world.commits()).toBe(commits);
  expect(await send(REPORT, { change: 'acme' })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/change' }] } });
  expect((await send(REPORT, { change: 'acme/9' })).status).toBe(404);
  expect(await send(REPORT)).toMatchObject({ status: 200, body: { missingDocuments: [], documents: [{ by: 'vendor:acme' }] } });
});

test('a document whose change was withdrawn while its bytes were kept can be withheld: the notice names it', async () => {
  const { world, acme, store, over } = await opened();
  const meanwhile = over({
    append: async (records) => {
      await signed(world, acme, '/v1/changes/acme/1/withdraw', { withdraw: 'acme/1' });
      return store.append(records);
    },
  });
  const sent = await signed(meanwhile, acme, '/v1/documents', document(REPORT, { change: 'acme/1' }));
  expect(sent).toMatchObject(refusal(409, 'closed'));
  expect(await readDocument(store, digestOf(REPORT))).toStrictEqual(REPORT);
  const order = { change: 1, commitment: digestOf(REPORT), reason: 'unlawful', authority: 'District Court', fileNumber: '26-7' };
  const path = '/v1/features/acme/redactions/withhold';
  const withheld = { status: 200, body: { what: 'document', status: 'withheld' } };
  expect(await post(world, path, order, bearer(await world.token('admin')))).toMatchObject(withheld);
});

// The state names an attached document by 72 bits of its digest, which two documents made for it can share.
test('of a document that is attached by its state no bytes are kept again', async () => {
  const { store, over, attach } = await opened();
  const first = await attach();
  const read: string[] = [];
  const watched = over({
    head: (stream) => {
      read.push(stream.split('/', 1)[0] ?? '');
      return store.head(stream);
    },
  });
  expect((await attach(REPORT, watched)).body).toStrictEqual(first.body);
  expect(read).toContain('feature');
  expect(read).not.toContain('document');
});
