import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { UNNAMED_CITY } from '../../../functions/gate/ports.ts';
import { StreamQueue } from '../../../functions/platform/store/submit.ts';
import { LEASE_SECONDS } from '../../../functions/web/api/ofrep/flag.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import type { FunctionName } from '../../../infra/aws/constructs/functions.ts';
import { freePort, HOST } from '../../../infra/demo/city.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { readFeed } from '../../contract/underTest.ts';
import { ed25519Signer } from '../../functions/web/api/world.ts';
import { ROSTER, roll } from '../../functions/web/site/support/city.ts';
import { send } from '../../infra/aws/faults/city.ts';
import { coldStart, type Handler } from '../../infra/aws/faults/coldStart.ts';
import { KEYS, type Lane, type Lanes, openLanes, TIME_ZONE } from '../../infra/aws/faults/lanes.ts';
import { certificateOf, POLICY } from '../../infra/aws/support/actors.ts';
import { CITY_URL } from '../../infra/aws/support/city.ts';
import { folderOfFile } from '../../support/folders.ts';
import { pairing } from '../../support/pairing.ts';

// One story through the gate on one machine and through the functions on AWS, with one clock: both answer alike, record alike and mail
// alike. What each makes at random (ids, tokens, links, salts) is paired: the same stands for the same throughout.

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const BEGAN = Date.parse('2026-03-03T15:01:00.000Z');
const now = () => new Date().toISOString();

const { toTheirs, toOwn } = pairing();

/**
 * Without what may differ: where a list goes on, that no copy is made, how far the log is published, and the order in it of what was
 * committed at one instant.
 */
const settled = (type: string, text: string): unknown => {
  const plain = text.replaceAll(/cursor=[^"&]+/g, 'cursor=').replaceAll(/(?<=Entry |Entrada |"logIndex":)\d+/g, '');
  if (!type.includes('json')) return plain;
  return JSON.parse(plain, (key, value) =>
    key === 'next' && value !== null ? 'more' : key === 'notes' || key === 'checkpoint' ? undefined : value,
  );
};

const UNLIKE = new Set(['date', 'connection', 'content-length', 'etag', 'transfer-encoding', 'aldergate-checkpoint']);
const headersOf = (headers: Readonly<Record<string, unknown>>) =>
  Object.entries(headers)
    .flatMap(([name, value]) => (UNLIKE.has(name) ? [] : [`${name}: ${String(value)}`]))
    .sort()
    .join('\n');

interface Asked {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
type Answered = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string };

let lanes: Lanes;
let lane: Lane;
const signer = ed25519Signer(now);
let token = '';
const folder = folderOfFile('same-gate');
let port = 0;
let server: Awaited<ReturnType<typeof startServer>>;
let installation: ReturnType<typeof openInstallation>;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: BEGAN });
  lanes = await openLanes();
  lane = await lanes.open();
  const log = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const text = (key: Buffer) => key.toString('base64');
  const { link, text: texts, roster, commit } = KEYS;
  const keys = { v: 1, link: text(link), text: text(texts), roster: text(roster), commit: [text(commit)], log };
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(keys), { mode: 0o600 });
  mkdirSync(join(folder, 'outbox'));
  port = await freePort();
  const unset = { logOrigin: undefined, itMail: undefined, smtpUrl: undefined, expectCheckpoint: undefined };
  const settings = {
    ...unset,
    data: folder,
    host: HOST,
    port,
    url: CITY_URL,
    timeZone: TIME_ZONE,
    mailFrom: 'Aldergate <aldergate@city.example>',
  };
  const limits = {
    noticeLimits: { perHour: 0, bytesPerDay: 0 },
    leaseSeconds: LEASE_SECONDS,
    witnesses: { witnesses: [], quorum: 0 },
  };
  installation = openInstallation({ ...settings, ...limits, city: { name: UNNAMED_CITY, contact: undefined } }, now);
  server = await startServer(installation, () => undefined, []);
});
afterAll(async () => {
  await server.close();
  await lanes.close();
  vi.useRealTimers();
});

const handlers = new Map<string, Promise<Handler>>();
const handlerOf = (name: FunctionName) => {
  const known = handlers.get(name) ?? coldStart(name, lanes.proxy, lane);
  handlers.set(name, known);
  return known;
};

const askLocal = (method: string, path: string, { body, headers }: Asked): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const host = { host: new URL(CITY_URL).host, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
    const sent = httpRequest({ host: HOST, port, method, path, headers: { ...host, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.once('error', reject).end(body);
  });

const askAws = async (method: string, path: string, { body, headers = {} }: Asked): Promise<Answered> => {
  const handler = await handlerOf(appOf(new URL(path, CITY_URL).pathname));
  const translated = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, toTheirs(value)]));
  const answer = await send(handler, method, toTheirs(path), body === undefined ? undefined : toTheirs(body), translated);
  const lower = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const bytes = Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8');
  return { status: answer.statusCode, headers: Object.fromEntries(lower), text: bytes.toString() };
};

/** Returns the answer of one machine. */
const ask = async (method: string, path: string, asked: Asked = {}): Promise<Answered> => {
  const [local, aws] = [await askLocal(method, path, asked), await askAws(method, path, asked)];
  const what = `${now()} ${method} ${path}`;
  expect(aws.status, `${what}: ${aws.text}`).toBe(local.status);
  const type = String(local.headers['content-type']);
  expect(toOwn(headersOf(local.headers), headersOf(aws.headers)), what).toBe(headersOf(local.headers));
  expect(settled(type, toOwn(local.text, aws.text)), what).toStrictEqual(settled(type, local.text));
  return local;
};

const asJson = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
const operate = async (method: string, path: string, body: unknown, status: number): Promise<string> => {
  const answer = await ask(method, path, { body: JSON.stringify(body), headers: asJson() });
  expect(answer.status, answer.text).toBe(status);
  return answer.text;
};
const signed = (path: string, message: object, id: string) => {
  const body = JSON.stringify(message);
  return ask('POST', path, { body, headers: signer.headers(body, id) });
};

const links = new Map<string, string>();
let mailedByAws = 0;
let mailedHere = 0;

/** `of`: whose it is, and the change that it is about. */
interface Mail {
  readonly name: string;
  readonly of: string;
  readonly text: string;
}
const readMail = async (raw: Buffer): Promise<Mail> => {
  const { to, subject, text = '' } = await simpleParser(raw);
  const [, change = ''] = /^X-Aldergate-Change: (\S+)\r?$/m.exec(raw.toString()) ?? [];
  const person = [to]
    .flat()
    .map((each) => each?.text)
    .join();
  return { name: `${person}: ${subject}`, of: `${person.split('@')[0]} ${change}`, text };
};
const byName = (mails: readonly Mail[]): readonly Mail[] => mails.toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** The new mails of both: to the same persons, with the same words. Keeps the newest link of each. */
const mailedAlike = async () => {
  const files = readdirSync(join(folder, 'outbox')).filter((file) => file.endsWith('.eml'));
  const here = await Promise.all(
    files
      .sort()
      .slice(mailedHere)
      .map((file) => readMail(readFileSync(join(folder, 'outbox', file)))),
  );
  const there = await Promise.all(
    lane
      .mails()
      .slice(mailedByAws)
      .map(({ raw }) => readMail(raw)),
  );
  [mailedHere, mailedByAws] = [files.length, lane.mails().length];
  const [local, aws] = [byName(here), byName(there)];
  expect(
    aws.map(({ name }) => name),
    now(),
  ).toStrictEqual(local.map(({ name }) => name));
  for (const [index, { name, of, text }] of local.entries()) {
    expect(toOwn(text, aws[index]?.text ?? ''), name).toBe(text);
    const link = text.match(/(?<=https:\/\/gate\.example)\/d\/[\w-]{43}$/m)?.[0];
    if (link !== undefined) links.set(of, link);
  }
};

const SWEPT = ['projector', 'sequencer', 'derived', 'clock', 'notify'] as const satisfies readonly FunctionName[];

/** Lets time pass, and lets both do what follows, AWS by its schedule alone. */
const pass = async (ms: number) => {
  vi.setSystemTime(Date.now() + ms);
  await server.settle();
  for (let times = 0; times < 2; times += 1) {
    const scheduled = new Date(Date.now() - (Date.now() % (15 * MINUTE_MS))).toISOString();
    for (const name of SWEPT) await (await handlerOf(name))({ task: 'sweep', scheduled }, { awsRequestId: randomUUID() });
  }
  await mailedAlike();
};

const PAGES = [
  '/',
  '/?lang=es',
  '/numbers',
  '/calendar',
  '/calendar.ics',
  '/feed.atom',
  '/rules',
  '/on-without-permission',
  '/vendors/acme',
];
const OF_FEATURE = (key: string) => [
  `/features/${key}`,
  `/features/${key}?at=2026-03-04`,
  `/changes/${key}/1`,
  `/changes/${key}/1/packet`,
];
const DATA = [
  '/v1/features',
  '/v1/features?limit=1',
  '/v1/changes',
  '/v1/tasks',
  '/v1/drift',
  '/v1/policy',
  '/v1/roster',
  '/v1/flagd.json',
  '/readyz',
];
const DATA_OF = (key: string) => [
  `/v1/features/${key}`,
  `/v1/features/${key}/history`,
  `/v1/changes/${key}/1`,
  `/v1/gate/${key}`,
  `/v1/features/${key}?at=2026-03-04`,
];
const KEYS_ASKED = ['acme', 'acme.lpr', 'acme.ghost'];

const questions = async () => {
  for (const path of [...PAGES, ...KEYS_ASKED.flatMap(OF_FEATURE), ...links.values()])
    await ask('GET', path, { headers: { accept: 'text/html' } });
  for (const path of [...DATA, ...KEYS_ASKED.flatMap(DATA_OF)]) await ask('GET', path, { headers: asJson() });
  for (const key of ['', ...KEYS_ASKED.map((each) => `/${each}`), '/acme%23x', '/acme%0D%0A', '/ghost/..%5Cacme'])
    await ask('POST', `/ofrep/v1/evaluate/flags${key}`, { body: '{"context":{}}', headers: asJson() });
};

const act = async (person: string, path: string, fields: Readonly<Record<string, string>>, status = 303) => {
  const headers = { origin: CITY_URL, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(fields).toString();
  const answer = await ask('POST', `${links.get(person) ?? 'no link'}${path}`, { body, headers });
  expect(answer.status, answer.text).toBe(status);
};
const wordsOf = async (change: string): Promise<Readonly<Record<string, string>>> => {
  const { revision, digest } = JSON.parse((await ask('GET', `/v1/changes/${change}`, { headers: asJson() })).text);
  return { revision: String(revision), digest };
};
const certify = async (change: string, yes: number) => {
  const words = await wordsOf(change);
  await act(`hc ${change}`, '', { ...certificateOf(words['digest'], TIME_ZONE), ...words, ...roll(yes) });
};

const seen = (features: Readonly<Record<string, boolean>>) =>
  operate('POST', '/v1/observations', { vendor: 'acme', source: 'console', observedAt: now(), features }, 200);

const NOTICE = { feature: 'acme', kind: 'new-feature', title: 'A new way to “search”', summary: 'In plain words & <b>more</b>.' };
const FORCED = {
  feature: 'acme.lpr',
  kind: 'update',
  title: 'Plates',
  summary: 'More of it.',
  optOut: 'no',
  withoutAction: 'on',
};
const SOURCES = { field: { kind: 'city', every: 'P30D' }, console: { kind: 'city', every: 'P30D' } };

/** In the order of a year: what one does, then both do what follows, then everything is asked. */
const STORY: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['a roster', () => operate('PUT', '/v1/roster', ROSTER, 200)],
  ['a policy', () => operate('POST', '/v1/policy', { policy: { ...POLICY, observe: { sources: SOURCES } } }, 200)],
  ['a vendor', () => operate('POST', '/v1/vendors', { id: 'acme', name: 'Acme & Co', publicKey: signer.publicKey }, 201)],
  ['a notice', () => signed('/v1/notices', NOTICE, 'msg-1')],
  ['the same again', () => signed('/v1/notices', NOTICE, 'msg-1')],
  ['another body under its name', () => signed('/v1/notices', FORCED, 'msg-1')],
  ['a body that is none', () => signed('/v1/notices', { ...NOTICE, kind: 'none', more: 1 }, 'msg-2')],
  ['what one cannot opt out of', () => signed('/v1/notices', FORCED, 'msg-3')],
  ['a vote', () => certify('acme/1', 3)],
  ['a form with faults', () => act('hm acme/1', '', { decision: 'perhaps', revision: '1' }, 422)],
  ['a signature', async () => act('hm acme/1', '', { ...(await wordsOf('acme/1')), decision: 'approve', comment: 'Yes.' })],
  ['what is seen on', () => seen({ acme: true, 'acme.ghost': true })],
  ['what is seen off', () => seen({ acme: true, 'acme.ghost': false })],
  ['new words', () => signed('/v1/notices', { ...FORCED, title: 'Other plates', revises: 1 }, 'msg-4')],
  [
    'a text withheld',
    async () => operate('POST', '/v1/features/acme/redactions/withhold', { ...(await order()), reason: 'court-order' }, 200),
  ],
  ['and shown again', async () => operate('POST', '/v1/features/acme/redactions/disclose', await order(), 200)],
  ['a withdrawal', () => signed('/v1/changes/acme.lpr/1/withdraw', { withdraw: 'acme.lpr/1' }, 'msg-5')],
  ['a revocation', () => act('hm acme/1', '/revoke', { reason: 'It is used otherwise.' })],
  ['another roster', () => operate('PUT', '/v1/roster', { ...ROSTER, holders: ROSTER.holders.slice(0, -1) }, 200)],
];
const order = async () => {
  const { digest: commitment } = await wordsOf('acme/1');
  return { change: 1, commitment, authority: 'Records Act', fileNumber: '26-7' };
};

/** Returns commits by place. AWS records the time zone once the stage is open. */
const commitsOf = async (store: Parameters<typeof readFeed>[0]): Promise<ReadonlyMap<string, string>> => {
  const { items } = await readFeed(store, undefined, 500);
  const own = items.filter(({ stream }) => stream !== 'log' && stream !== 'settings');
  return new Map(own.map(({ stream, version, bytes }) => [`${toOwn('', stream)}@${version}`, Buffer.from(bytes).toString()]));
};

test('one story on one machine and on AWS: the same answers, the same mails, the same commits', async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now() - BEGAN);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => void vi.restoreAllMocks());
  const ports = { ...lane.truth, newId: randomUUID, queue: new StreamQueue() };
  const asked = { name: 'city', scopes: ['admin'], person: null } as const;
  const [mine, theirs] = [await createToken(installation.ports, asked), await createToken(ports, asked)];
  token = mine.token;
  toOwn(`${mine.token} ${mine.id}`, `${theirs.token} ${theirs.id}`);
  for (const [name, work] of STORY) {
    await work();
    await pass(0);
    if (name === 'a vote' || name === 'a revocation') await pass(DAY_MS);
    await pass(MINUTE_MS);
    await questions();
  }
  for (const days of [30, 60]) {
    await pass(days * DAY_MS);
    await pass(MINUTE_MS);
    await questions();
  }
  const [local, aws] = [await commitsOf(installation.everything), await commitsOf(lane.truth.store)];
  expect([...aws.keys()].sort()).toStrictEqual([...local.keys()].sort());
  expect(local.size).toBeGreaterThan(15);
  for (const [place, text] of local) expect(toOwn(text, aws.get(place) ?? ''), place).toBe(text);
});
