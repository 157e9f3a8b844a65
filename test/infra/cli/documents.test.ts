import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalServer } from '../../../infra/local/server.ts';
import { POLICY } from '../../functions/web/site/support/city.ts';
import { placeOfFile, printed, refused, searchNotice, settle, writeIn } from '../local/cityProcess.ts';
import { cli, cliJson, serveHere } from '../local/process.ts';

// Documents that the rules ask for, from the command line to the public file, on a running gate.

const REPORT = 'What the search changes.\n';
const RULES = {
  ...POLICY,
  rules: [
    ...POLICY.rules.map((rule) => ({ ...rule, id: 'policy', when: { key: ['aldergate.policy'] }, documents: ['review'] })),
    ...POLICY.rules.map((rule) => ({ ...rule, documents: ['impact-report'] })),
  ],
};

const place = await placeOfFile();
let server: LocalServer;
let city: Awaited<ReturnType<typeof settle>>;
beforeAll(async () => {
  server = await serveHere(place);
  city = await settle(place, RULES);
});
afterAll(() => server.close());

const file = (name: string, content: unknown) => writeIn(place, name, content);
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const documentOf = (content: string) => fetch(`${place.url}/log/document/${sha256(content)}`);
const published = async (content: string) => {
  await expect.poll(async () => (await documentOf(content)).status).toBe(200);
  return (await documentOf(content)).text();
};

test('document add attaches what is missing, and anyone downloads it', async () => {
  await city.hold(searchNotice('acme'));
  const add = ['document', 'add', 'acme/1', 'impact-report', file('report.txt', REPORT)];
  const { code, stdout } = await cli(place, ...add);
  expect(`${code} ${stdout}`).toContain(`0 attached to acme/1 as sha256:${sha256(REPORT)}; no document is missing`);
  expect(await published(REPORT)).toBe(REPORT);
  expect((await fetch(`${place.url}/log/document/${'0'.repeat(64)}`)).status).toBe(404);
  expect(await (await fetch(`${place.url}/changes/acme/1`)).text()).toContain(sha256(REPORT));
  expect(await cli(place, 'document', 'add', 'acme/1', 'review', 'report.txt')).toMatchObject(refused('review'));
  const misnamed = await cli(place, 'document', 'add', 'acme', 'review', 'report.txt');
  expect(misnamed).toMatchObject(refused('a change is KEY/N', 2));
});

test('a document is withheld by an order that the log has, and shown again', async () => {
  const report = `sha256:${sha256(REPORT)}`;
  const order = ['--authority', 'District Court', '--file', '26-7'];
  const withheld = await cli(place, 'withhold', 'acme/1', report, '--reason', 'court-order', ...order);
  expect(withheld).toMatchObject(printed('the document in acme/1 is withheld since'));
  expect((await documentOf(REPORT)).status).toBe(451);
  const key = await (await fetch(`${place.url}/log/vkey`)).text();
  const verify = () => cli(place, 'verify', place.url, '--notices', '--key', key.trim());
  await expect.poll(verify).toMatchObject(printed('1 notices or documents withheld'));
  expect(await cli(place, 'disclose', 'acme/1', report, ...order)).toMatchObject({ code: 0 });
  expect((await documentOf(REPORT)).status).toBe(200);
});

test('policy adopt --document: what cannot be attached is refused before anything is put to the vote', async () => {
  file('other.txt', 'Reviewed.\n');
  const adopt = (...more: readonly string[]) =>
    cli(place, 'policy', 'adopt', file('next.json', { ...RULES, version: '2' }), ...more);
  expect(await adopt('--document', 'review=absent.txt')).toMatchObject(refused('absent.txt cannot be read'));
  file('big.txt', 'x'.repeat(4 * 1_048_576 + 1));
  expect(await adopt('--document', 'review=big.txt')).toMatchObject(refused('big.txt is larger than 4 MiB'));
  const asked = 'asks only for review where a policy is put to the vote, not for essay';
  expect(await adopt('--document', 'essay=other.txt')).toMatchObject(refused(asked));
  file('same.json', RULES);
  const same = ['policy', 'adopt', 'same.json', '--document', 'review=other.txt'];
  const inForce = 'version 1, is in force as it is\nother.txt is not attached: nothing was put to the vote';
  expect(await cli(place, ...same)).toMatchObject(refused(inForce));
  const repinned = await cli(place, ...same, '--repin');
  expect(repinned.code).toBe(1);
  expect(repinned.stderr).toMatch(/version 1: \d+ open changes are judged by it from now on\nother\.txt is not attached/);
  expect(await cliJson(place, 'policy', 'show')).toMatchObject({ waits: null });
});

test('policy adopt --document: a document that the gate refuses leaves the change put to the vote, and both are said', async () => {
  const empty = `review=${file('empty.txt', '')}`;
  const sent = await cli(place, 'policy', 'adopt', file('voted.json', { ...RULES, version: 'voted' }), '--document', empty);
  expect(sent).toMatchObject({ code: 1, stdout: '' });
  expect(sent.stderr).toMatch(
    /put to the vote as aldergate\.policy\/1 [\s\S]*empty\.txt is not attached: [\s\S]*aldergate document add aldergate\.policy\/1 review FILE/,
  );
});

test('policy adopt --document sends what a change of the policy needs', async () => {
  const next = file('next.json', { ...RULES, version: '2' });
  const review = `review=${file('review.txt', 'Reviewed.\n')}`;
  const adopted = await cliJson(place, 'policy', 'adopt', next, '--document', review);
  expect(adopted).toMatchObject({ waits: { change: 'aldergate.policy/2' } });
  expect(await (await city.api('GET', '/v1/changes/aldergate.policy/2')).json()).toMatchObject({
    missingDocuments: [],
    documents: [{ kind: 'review', sha256: `sha256:${sha256('Reviewed.\n')}` }],
  });
  expect(await published('Reviewed.\n')).toBe('Reviewed.\n');
});
