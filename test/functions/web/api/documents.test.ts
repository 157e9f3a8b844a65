import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { DOCUMENT_BYTES_MAX, DOCUMENT_PART_BYTES } from '../../../../domain/kernel/commit.ts';
import { readDocument } from '../../../../functions/gate/documents.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { approve, get, notified, openWorld, post, vendor } from './world.ts';

const both = [council(), mayor()];
/** Every change needs a report, a change of the policy itself a review. */
const rules = policy(
  rule(both, { id: 'policy', when: { key: ['aldergate.policy'] }, documents: ['review'] }),
  rule(both, { id: 'all', documents: ['report'] }),
);
const REPORT = Buffer.from('What the cameras change.');
const hex = (content: Uint8Array): string => digestOf(content).slice(7);
const named = (content: Uint8Array) => [
  { title: 'Report', kind: 'report', url: 'https://vendor.example/report', sha256: hex(content) },
];
const document = (content: Uint8Array = REPORT, over: object = {}): string =>
  JSON.stringify({
    kind: 'report',
    title: 'The report',
    mediaType: 'text/plain',
    content: Buffer.from(content).toString('base64'),
    ...over,
  });

const opened = async (limits = { perHour: 0, bytesPerDay: 0 }) => {
  const world = await openWorld({ rules, limits });
  const signer = await vendor(world, 'acme');
  const authorization = `Bearer ${await world.token('notice')}`;
  const attach = (body: string, change = 'acme/1') => post(world, `/v1/changes/${change}/documents`, body, { authorization });
  return { world, signer, authorization, attach };
};

test('the city attaches what the rule asks for; until then nothing is approved, and the answer names what is missing', async () => {
  const { world, signer, attach } = await opened();
  const { body } = await notified(world, signer, { documents: named(REPORT) });
  const reader = await world.token('state:read');
  expect((await get(world, '/v1/changes/acme/1', reader)).body).toMatchObject({ documents: [], missingDocuments: ['report'] });
  await expect(approve(world, 'acme', 1, body.digest)).rejects.toThrow(/documents-missing.*asks for report/);
  const attached = await attach(document());
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
  await approve(world, 'acme', 1, body.digest);
  expect((await get(world, '/v1/features/acme', reader)).body).toMatchObject({ enabled: true });
});

test('new bytes count against the sender’s limit of notices, bytes that are kept do not; what is refused leaves nothing', async () => {
  const { world, signer, attach } = await opened({ perHour: 2, bytesPerDay: 0 });
  await notified(world, signer);
  expect((await attach(document())).status).toBe(200);
  for (let n = 0; n < 3; n += 1) expect((await attach(document())).status).toBe(200);
  expect((await attach(document(Buffer.from('Another report.')))).status).toBe(200);
  const commits = await world.commits();
  const refused = await attach(document(Buffer.from('A third report.')));
  expect(refused).toMatchObject({ status: 429, body: { type: 'urn:aldergate:problem:too-many-notices' } });
  expect(refused.headers.get('retry-after')).toBe('3600');
  expect(await world.commits()).toBe(commits);
  expect((await attach(document())).status).toBe(200);
});

test('a document of several parts is read whole again; one that is too long is refused', async () => {
  const { world, signer, attach } = await opened();
  await notified(world, signer);
  const long = Buffer.alloc(2 * DOCUMENT_PART_BYTES + 5, 'a');
  expect((await attach(document(long))).body.documents[0]).toMatchObject({ bytes: long.length, sha256: digestOf(long) });
  expect(await readDocument(world.deps.ports.store, digestOf(long))).toStrictEqual(long);
  expect((await world.streams()).filter((stream) => stream === `document/${hex(long)}`)).toHaveLength(3);
  for (const more of [1, 2, 3]) expect((await attach(document(Buffer.alloc(DOCUMENT_BYTES_MAX + more)))).status).toBe(400);
  expect((await attach(document(Buffer.alloc(DOCUMENT_BYTES_MAX + 9_000)))).status).toBe(413);
});

test('what a crash left of a document is completed', async () => {
  const { world, signer, authorization, attach } = await opened();
  await notified(world, signer);
  const long = Buffer.alloc(DOCUMENT_PART_BYTES + 5, 'a');
  const { store } = world.deps.ports;
  let appends = 0;
  const dying = new Proxy(store, {
    get: (target, name) =>
      name !== 'append'
        ? Reflect.get(target, name)
        : (...args: Parameters<typeof store.append>) => {
            appends += 1;
            if (appends === 2) throw new Error('killed');
            return target.append(...args);
          },
  });
  const app = apiApp({ ...world.deps, ports: { ...world.deps.ports, store: dying } });
  expect((await post({ app }, '/v1/changes/acme/1/documents', document(long), { authorization })).status).toBe(500);
  expect(await readDocument(store, digestOf(long))).toBeUndefined();
  expect((await attach(document(long))).body.missingDocuments).toStrictEqual([]);
  expect(await readDocument(store, digestOf(long))).toStrictEqual(long);
});

test('the vendor sends what its notice names by hash, signed, and nothing else', async () => {
  const { world, signer } = await opened();
  await notified(world, signer, { documents: named(REPORT) });
  const send = (content: Uint8Array, by = signer, over: object = {}) => {
    const body = document(content, { change: 'acme/1', ...over });
    return post(world, '/v1/documents', body, by.headers(body));
  };
  const commits = await world.commits();
  expect(await send(Buffer.from('another'))).toMatchObject({
    status: 409,
    body: { type: 'urn:aldergate:problem:document-refused' },
  });
  // What is kept is public, and no order withholds what no feature names.
  expect(await world.commits()).toBe(commits);
  expect((await send(REPORT, await vendor(world, 'other'))).status).toBe(401);
  expect(await send(REPORT, signer, { change: 'acme' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/change' }] },
  });
  expect((await send(REPORT, signer, { change: 'acme/9' })).status).toBe(404);
  const unsigned = document(REPORT, { change: 'acme/1' });
  expect((await post(world, '/v1/documents', unsigned)).status).toBe(401);
  expect(await send(REPORT)).toMatchObject({ status: 200, body: { missingDocuments: [], documents: [{ by: 'vendor:acme' }] } });
});

test('a document whose change was withdrawn while its bytes were kept can be withheld: the notice names it', async () => {
  const { world, signer } = await opened();
  await notified(world, signer, { documents: named(REPORT) });
  const { ports } = world.deps;
  const withdrawal = JSON.stringify({ withdraw: 'acme/1' });
  const store = {
    ...ports.store,
    append: async (record: Parameters<typeof ports.store.append>[0]) => {
      await post(world, '/v1/changes/acme/1/withdraw', withdrawal, signer.headers(withdrawal));
      return ports.store.append(record);
    },
  };
  const app = apiApp({ ...world.deps, ports: { ...ports, store } });
  const body = document(REPORT, { change: 'acme/1' });
  expect(await post({ app }, '/v1/documents', body, signer.headers(body))).toMatchObject({
    status: 409,
    body: { type: 'urn:aldergate:problem:closed' },
  });
  expect(await readDocument(ports.store, digestOf(REPORT))).toStrictEqual(REPORT);
  const order = { change: 1, commitment: digestOf(REPORT), reason: 'unlawful', authority: 'District Court', fileNumber: '26-7' };
  const authorization = `Bearer ${await world.token('admin')}`;
  expect(await post(world, '/v1/features/acme/redactions/withhold', JSON.stringify(order), { authorization })).toMatchObject({
    status: 200,
    body: { what: 'document', status: 'withheld' },
  });
});

// The state names an attached document by 72 bits of its digest, which two documents made for it can share.
test('of a document that is attached by its state no bytes are kept again', async () => {
  const { world, signer, authorization, attach } = await opened();
  await notified(world, signer);
  const first = await attach(document());
  const { ports } = world.deps;
  const read: string[] = [];
  const store = {
    ...ports.store,
    head: (stream: string) => {
      read.push(stream.split('/', 1)[0] ?? '');
      return ports.store.head(stream);
    },
  };
  const app = apiApp({ ...world.deps, ports: { ...ports, store } });
  const again = await post({ app }, '/v1/changes/acme/1/documents', document(), { authorization });
  expect(again.body).toStrictEqual(first.body);
  expect(read).toContain('feature');
  expect(read).not.toContain('document');
});
