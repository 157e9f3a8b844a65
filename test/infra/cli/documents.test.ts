import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POLICY } from '../../functions/web/site/support/policies.ts';
import { searchNotice, settle } from '../local/cityProcess.ts';
import { cli, cliJson, makePlace, type Place, type RunningServer, serve } from '../local/process.ts';

// Documents that the rules ask for, from the command line to the public file, on a running gate with a limit of bytes a day.

const DESCRIPTION = 'How officers search, in full.';
const REPORT = 'What the search changes.\n';
const BYTES_PER_DAY = 20_000;
/** Every change needs a report; a change of the policy needs a review instead. */
const RULES = {
  ...POLICY,
  rules: [
    ...POLICY.rules.map((rule) => ({ ...rule, id: 'policy', when: { key: ['aldergate.policy'] }, documents: ['review'] })),
    ...POLICY.rules.map((rule) => ({ ...rule, documents: ['impact-report'] })),
  ],
};

let place: Place;
let server: RunningServer;
let city: Awaited<ReturnType<typeof settle>>;
beforeAll(async () => {
  const made = await makePlace();
  place = { ...made, env: { ...made.env, ALDERGATE_NOTICE_BYTES_PER_DAY: String(BYTES_PER_DAY) } };
  server = await serve(place);
  city = await settle(place, RULES);
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  await server.ended;
  rmSync(place.folder, { recursive: true, force: true });
});

const file = (name: string, content: string): string => {
  writeFileSync(join(place.folder, name), content);
  return name;
};
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
/** The public file of a document, once the log has it. */
const published = async (content: string): Promise<string> => {
  const get = () => fetch(`${place.url}/log/document/${sha256(content)}`);
  await expect.poll(async () => (await get()).status).toBe(200);
  return (await get()).text();
};

test('document add attaches what is missing, and anyone downloads it', async () => {
  await city.hold({ ...searchNotice('acme'), description: DESCRIPTION });
  const add = ['document', 'add', 'acme/1', 'impact-report', file('report.txt', REPORT)];
  const { code, stdout } = await cli(place, ...add);
  expect(`${code} ${stdout}`).toContain(`0 attached to acme/1 as sha256:${sha256(REPORT)}; no document is missing`);
  expect(await published(REPORT)).toBe(REPORT);
  expect((await fetch(`${place.url}/log/document/${'0'.repeat(64)}`)).status).toBe(404);
  expect((await fetch(`${place.url}/changes/acme/1`).then((page) => page.text())).includes(sha256(REPORT))).toBe(true);
  const other = await cli(place, 'document', 'add', 'acme/1', 'review', 'report.txt');
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('review') });
  const misnamed = await cli(place, 'document', 'add', 'acme', 'review', 'report.txt');
  expect(misnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('a change is KEY/N') });
});

test('a document and a raw notice are withheld, by an order that the log has, and shown again', async () => {
  const { digest } = (await (await city.api('GET', '/v1/changes/acme/1')).json()) as { digest: string };
  const files = [`/log/document/${sha256(REPORT)}`, `/log/notice/${digest.slice('sha256:'.length)}`];
  const page = async (): Promise<string> =>
    (await (await fetch(`${place.url}/changes/acme/1`)).text()).replaceAll(/<[^>]+>/g, '');
  const order = { authority: 'District Court', fileNumber: '26-7' };
  const send = (action: string, commitment: string, more: object = {}) =>
    city.api('POST', `/v1/features/acme/redactions/${action}`, { change: 1, commitment, ...order, ...more });
  const report = `sha256:${sha256(REPORT)}`;
  expect(await page()).toContain(DESCRIPTION);
  const why = ['--reason', 'court-order', '--authority', order.authority, '--file', order.fileNumber];
  expect(await cli(place, 'withhold', 'acme/1', report, ...why)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the document in acme/1 is withheld since'),
  });
  expect((await send('withhold', digest, { reason: 'court-order' })).status).toBe(200);
  for (const path of files) {
    const answer = await fetch(`${place.url}${path}`);
    expect(answer.status).toBe(451);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('District Court, file 26-7') });
  }
  const redacted = { reason: 'court-order', ...order };
  for (const data of [await city.api('GET', '/v1/changes/acme/1'), await fetch(`${place.url}/changes/acme/1?format=json`)]) {
    const answer = (await data.json()) as { notice: object };
    expect(answer).toMatchObject({ notice: { redacted }, documents: [{ sha256: report, redacted }] });
    expect(answer.notice).not.toHaveProperty('description');
  }
  expect(await page()).not.toContain(DESCRIPTION);
  expect((await page()).match(/Withheld from the public by District Court, file 26-7/g)).toHaveLength(2);
  const key = await (await fetch(`${place.url}/log/vkey`)).text();
  const verify = () => cli(place, 'verify', place.url, '--notices', '--key', key.trim());
  await expect.poll(verify).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 notices or documents withheld'),
  });
  for (const named of [report, digest]) expect((await send('disclose', named)).status).toBe(200);
  for (const path of files) expect((await fetch(`${place.url}${path}`)).status).toBe(200);
  expect(await page()).toContain(DESCRIPTION);
  expect(await (await city.api('GET', '/v1/changes/acme/1')).text()).not.toContain('"redacted"');
});

test('policy adopt --document sends what a change of the policy needs', async () => {
  const next = file('next.json', JSON.stringify({ ...RULES, version: '2' }));
  const review = `review=${file('review.txt', 'Reviewed.\n')}`;
  const adopted = await cliJson(place, 'policy', 'adopt', next, '--document', review);
  expect(adopted).toMatchObject({ waits: { change: 'aldergate.policy/1' } });
  expect(await (await city.api('GET', '/v1/changes/aldergate.policy/1')).json()).toMatchObject({
    missingDocuments: [],
    documents: [{ kind: 'review', sha256: `sha256:${sha256('Reviewed.\n')}` }],
  });
  expect(await published('Reviewed.\n')).toBe('Reviewed.\n');
});
