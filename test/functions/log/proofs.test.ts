import { beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { attachDocument } from '../../../functions/gate/documents.ts';
import { orderRedaction } from '../../../functions/gate/redactions.ts';
import { inclusionProofFor, recordFor } from '../../../functions/log/proofs.ts';
import { type RecordFile, verifyRecord } from '../../../functions/log/verify/recordFile.ts';
import { catchUp, readChange } from '../../../functions/register/project.ts';
import { latestOf } from '../../../functions/register/views/changeJson.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { logApp } from '../../../functions/web/log/app.ts';
import { permitted } from '../../support/permitted.ts';
import { shared } from '../../support/shared.ts';
import { atOnce, mustBe } from '../openGate.ts';
import { turnsDuring } from '../turnsDuring.ts';
import { writeTo } from './sequencer/ports.ts';
import { LATER, ON, publishedStory, SEARCH, trusted } from './verify/recordStory.ts';

const world = shared((atEnd) => publishedStory(true, atOnce, atEnd));
let story: ReturnType<typeof world>;
beforeEach(() => {
  story = world();
});
const asked = async (path: string, method = 'GET') =>
  logApp({ ports: permitted('log', story.ports), logger: () => undefined, answerBytesMax: 1_000_000 }).request(
    `https://gate.example/log/${path}`,
    { method },
  );
const get = (path: string) => asked(`record/${path}`);

test('the file is there for everybody, to keep, and verifies', async () => {
  const answer = await get(`${SEARCH}?at=${ON}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="acme.search-2026-03-05T120000.000Z.json"');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(verifyRecord(new Uint8Array(await answer.arrayBuffer()), trusted).standing.isOn).toBe(true);
  const now = verifyRecord(new Uint8Array(await (await get(SEARCH)).arrayBuffer()), trusted);
  expect([now.at, now.standing.evaluation.variant]).toEqual([LATER, 'revoked']);
});

test('pages of other sites read each refusal, too: by a 404 a client knows that it has to read the full tile', async () => {
  const refusals = await Promise.all([
    asked('tile/0/000.p/255'),
    asked('tile/x'),
    asked(`notice/${'0'.repeat(64)}`),
    asked('proof/acme/99'),
    asked('record/acme?at=never'),
    asked('nothing'),
    asked('checkpoint', 'PUT'),
  ]);
  expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404, 404, 400, 404, 405]);
  for (const { headers } of refusals) {
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('a notice that an order withholds is in no file, of no instant; without it the file verifies, and once disclosed it is there again', async () => {
  const fileAt = async (at: string) => {
    const bytes = new Uint8Array(await (await get(`${SEARCH}?at=${at}`)).arrayBuffer());
    return { proof: verifyRecord(bytes, trusted), notice: (JSON.parse(new TextDecoder().decode(bytes)) as RecordFile).notice };
  };
  story = await publishedStory();
  const { notice } = await fileAt(ON);
  await createToken(story.gate.ports, { name: 'records', scopes: ['admin'], person: null });
  const place = { key: SEARCH, change: 1, revision: null, commitment: notice?.digest ?? '' };
  const basis = { ...place, by: 'token:records', authority: 'Records Act', fileNumber: '26-7' };
  const withhold = { ...basis, action: 'withhold', everywhere: false, reason: 'confidential' } as const;
  expect(await orderRedaction(story.gate.ports, withhold)).toMatchObject({ ok: true });
  for (const at of [ON, LATER]) expect((await fileAt(at)).notice, at).toBe(null);
  expect((await fileAt(ON)).proof).toMatchObject({ standing: { isOn: true }, words: { description: null } });
  await orderRedaction(story.gate.ports, { ...basis, action: 'disclose' });
  expect((await fileAt(ON)).notice).toEqual(notice);
});

test('a document is served until an order withholds it where it is attached', async () => {
  const ofUpdates = { ...atOnce.rules[0], id: 'updates', when: { kind: ['update'] }, documents: ['report'] };
  story = await publishedStory(true, { ...atOnce, rules: [ofUpdates, ...atOnce.rules] } as typeof atOnce);
  const { ports } = story.gate;
  const content = new TextEncoder().encode('A report.');
  const commitment = digestOf(content);
  const named = { title: 'Report', kind: 'report', url: 'https://vendor.example/report', sha256: commitment.slice(7) };
  await story.gate.notice({ feature: 'acme.audio', kind: 'update', documents: [named] });
  const { view } = (await readChange(ports, 'acme.audio', 1)) ?? expect.fail();
  const sent = { kind: 'report', title: 'Report', mediaType: 'text/plain', content, actor: 'operator', counted: null };
  await mustBe(attachDocument(ports, { key: 'acme.audio', n: 1, revision: latestOf(view) }, sent));
  await catchUp(ports, 'acme.audio');
  await story.publish();
  const served = async () => (await asked(`document/${named.sha256}`)).status;
  expect(await served()).toBe(200);
  await createToken(ports, { name: 'records', scopes: ['admin'], person: null });
  const basis = { key: 'acme.audio', change: 1, revision: null, commitment, authority: 'Records Act', fileNumber: '26-7' };
  const order = { ...basis, by: 'token:records', action: 'withhold', everywhere: false, reason: 'confidential' } as const;
  await mustBe(orderRedaction(ports, order));
  expect(await served()).toBe(451);
});

test('a commit that is in the log has a proof there, one that does not exist has none', async () => {
  const proofs = await Promise.all([1, 99].map((version) => inclusionProofFor(story.ports, `feature/${SEARCH}`, version)));
  expect(proofs.map((proof) => proof !== undefined)).toEqual([true, false]);
});

test('of an unknown key it proves that it was off', async () => {
  const proof = verifyRecord(new Uint8Array(await (await get('nobody.knows')).arrayBuffer()), trusted);
  expect([proof.standing.isOn, proof.standing.evaluation.variant]).toEqual([false, 'unknown']);
});

test.each([
  ['UPPER', '/key'],
  [`${SEARCH}?at=2026-03-05`, '/at'],
  [`${SEARCH}?at=yesterday`, '/at'],
  [`${SEARCH}?at=2027-01-01T00:00:00Z`, '/at'],
  [`${SEARCH}?when=${ON}`, '/when'],
])('%s is refused at %s', async (path, pointer) => {
  const answer = await get(path);
  expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ pointer }] }]);
});

test('what waits for the next checkpoint gets a 503 with Retry-After', async () => {
  story = await publishedStory();
  await story.gate.notice({ feature: SEARCH });
  const answer = await get(SEARCH);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});

test('a long history is one file, made in many turns of the event loop; 413 where an answer can not be as long', async () => {
  const { gate, ports, publish } = await publishedStory(false);
  const commits = 150;
  await writeTo(gate.store, 'settings', commits);
  await publish();
  let file = '';
  const make = async () => {
    ({ file } = (await recordFor(ports, SEARCH, LATER)) as { readonly file: string });
  };
  expect(await turnsDuring(make)).toBeGreaterThan(commits / 25);
  const settings = (JSON.parse(file) as RecordFile).streams.find(({ stream }) => stream === 'settings');
  expect(settings?.commits.length).toBe(commits + 1);

  const app = logApp({ ports, logger: () => undefined, answerBytesMax: file.length / 2 });
  expect((await app.request(`https://gate.example/log/record/${SEARCH}`)).status).toBe(413);
});

test('no public file is read twice for one record, however many commits it proves', async () => {
  const read: string[] = [];
  const { blobs } = story.ports;
  const counted: typeof blobs = {
    ...blobs,
    get: (path) => {
      read.push(path);
      return blobs.get(path);
    },
  };
  const app = logApp({ ports: { ...story.ports, blobs: counted }, logger: () => undefined, answerBytesMax: 1_000_000 });
  expect((await app.request(`https://gate.example/log/record/${SEARCH}`)).status).toBe(200);
  const tiles = read.filter((path) => path.startsWith('tile/'));
  expect(tiles.length).toBeGreaterThan(0);
  expect(new Set(tiles).size).toBe(tiles.length);
});
