import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { bundlePath, changedBundles, changedTiles, decodeBundle, tilePath } from '../../../domain/log/tile.ts';
import { linesOf, loggedCommits } from '../../../functions/log/archive.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { cloudEventsOf } from '../../../functions/reactions/relay/cloudEvents.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { demoRoster, request } from '../../../infra/demo/city.ts';
import { certifyVote, confirmCertificate, decide, revokeApproval, veto, WAITING } from '../../../infra/demo/story.ts';
import { logFolder, logOrigin } from '../../../infra/local/settings.ts';
import { type PlayedCity, playedCity } from './revokedCity.ts';

const CHANGE = `${WAITING.key}/${WAITING.n}`;

const SPOKEN = {
  certified: 'MARK-said-when-certifying',
  vetoed: 'MARK-said-when-refusing',
  overridden: 'MARK-said-when-overturning',
  corrected: 'MARK-said-when-correcting',
  revoked: 'MARK-said-when-revoking',
};
const REFUSED = 'MARK-in-a-refused-form';
const DOCUMENT = 'MARK-inside-an-uploaded-document';

const Outbox = z.array(z.object({ links: z.array(z.string()) }));
const Roster = z.object({ holders: z.array(z.object({ email: z.string() })) });
/** From the last notice of the story, until it was public for long enough to be decided. */
const DAYS_FOR_NOTICE = 8;

let city: PlayedCity;
let secrets: Map<string, readonly string[]>;

const vote = (purpose: 'adopt' | 'override' | 'correct', yes: number, comment: string) =>
  certifyVote(city, CHANGE, { purpose, yes, fileNumber: 'R-900', comment });

const speak = async () => {
  await decide(city, 'clerk', CHANGE, { purpose: 'adopt', comment: REFUSED }, 422);
  await vote('adopt', 13, SPOKEN.certified);
  await veto(city, CHANGE, SPOKEN.vetoed);
  await vote('override', 13, SPOKEN.overridden);
  await confirmCertificate(city, CHANGE);
  await vote('correct', 12, SPOKEN.corrected);
  await revokeApproval(city, 'clerk', CHANGE, SPOKEN.revoked, { fileNumber: 'R-901' });
  const sha256 = createHash('sha256').update(DOCUMENT).digest('hex');
  const evidence = { sha256, title: 'A note', mediaType: 'text/plain', content: Buffer.from(DOCUMENT).toString('base64') };
  const notice = { feature: 'northcam.lpr.heard', kind: 'update', title: 'Heard of', summary: 'Said on the telephone.' };
  const json = { notice, channel: 'telephone', heardAt: city.clock.now(), evidence };
  await request('POST', `${city.url}/v1/intake`, { token: await adminToken(), json });
  await city.settle();
};
const adminToken = async () =>
  (await createToken(city.installation.ports, { name: 'one-more', scopes: ['admin'], person: null })).token;

beforeAll(async () => {
  city = await playedCity(DAYS_FOR_NOTICE);
  await speak();
  const { data } = city.installation.settings;
  const mails = Outbox.parse((await request('GET', `${city.url}/dev/outbox.json`)).json);
  const keys: unknown[] = Object.values(JSON.parse(readFileSync(join(data, 'keys.json'), 'utf8')));
  secrets = new Map<string, readonly string[]>([
    ['mail addresses', Roster.parse(demoRoster()).holders.map(({ email }) => email)],
    ['links of officials', mails.flatMap(({ links }) => links.map((link) => link.split('/').at(-1) ?? ''))],
    ['tokens', [city.itToken, await adminToken()]],
    ['keys', keys.flatMap((value) => (typeof value === 'string' ? [value.replaceAll(/-----.*-----|\n/g, '')] : []))],
    ['vendor secrets', (await city.installation.ports.sideStore.list('vendor-secret')).map(({ value }) => JSON.stringify(value))],
    ['what was typed and not recorded', [REFUSED]],
  ]);
});
afterAll(() => city?.close());

test('there is something to look for: each kind of secret, and all five texts are kept', async () => {
  for (const [kind, values] of secrets) expect(values.filter((value) => value.length > 8).length, kind).toBeGreaterThan(0);
  const kept = JSON.stringify(await city.installation.ports.sideStore.list('text'));
  for (const text of Object.values(SPOKEN)) expect(kept).toContain(text);
});

const found = (bytes: Uint8Array | string, values: readonly string[]) => {
  const text = Buffer.from(bytes);
  return values.filter((value) => text.includes(value) || text.includes(Buffer.from(value).toString('base64').slice(0, -4)));
};
const everySecret = () => [...secrets.values()].flat();
const everyText = () => [...everySecret(), ...Object.values(SPOKEN)];

describe('nothing private enters', () => {
  const folder = () => logFolder(city.installation.settings);
  const checkpoint = () => {
    const { key } = logSigner(city.installation.secrets.logKey, logOrigin(city.installation.settings));
    return SignedCheckpoint.open(readFileSync(join(folder(), 'checkpoint')), { origin: key.name, keys: [key] });
  };

  test('a leaf, a bundle, a tile or the checkpoint', () => {
    const { size, bytes } = checkpoint();
    const bundles = changedBundles(0, size).map((bundle) => [bundle, readFileSync(join(folder(), bundlePath(bundle)))] as const);
    const leaves = bundles.flatMap(([{ width }, file]) => decodeBundle(file, width));
    expect(leaves.length).toBeGreaterThan(50);
    const files = [
      ...bundles.map(([, file]) => file),
      ...changedTiles(0, size).map((tile) => readFileSync(join(folder(), tilePath(tile)))),
      bytes,
    ];
    for (const each of [...leaves, ...files]) expect(found(each, [...everyText(), DOCUMENT])).toStrictEqual([]);
  });

  test('the export, but for the documents that were sent in with a notice', async () => {
    let lines = 0;
    for await (const line of linesOf(loggedCommits(city.installation.everything))) {
      lines += 1;
      expect(found(line, everyText())).toStrictEqual([]);
    }
    expect(lines).toBeGreaterThan(50);
  });

  test('an event on the bus', async () => {
    const { items } = await city.installation.ports.store.feed(undefined, 10_000);
    const events = items.flatMap(cloudEventsOf);
    expect(events.length).toBeGreaterThan(50);
    for (const event of events) expect(found(JSON.stringify(event), [...everyText(), DOCUMENT])).toStrictEqual([]);
  });
});

const publicPages = async (): Promise<ReadonlyMap<string, string>> => {
  const pages = new Map<string, string>();
  const waiting = ['/', '/?lang=es', '/feed.atom', '/calendar.ics', '/check', '/log/vkey', '/openapi.json'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path) || path.startsWith('/dev/') || path.startsWith('/log/tile/')) continue;
    const { text } = await request('GET', `${city.url}${path}`, { headers: { accept: 'text/html' } });
    pages.set(path, text);
    for (const [, linked = ''] of text.matchAll(/(?:href|action)="([^"]+)"/g)) {
      const url = new URL(linked.replaceAll('&amp;', '&'), city.url);
      // Pages name each other in every language, on every day and in every order: one choice at a time shows all that they can.
      if (!/^(?:\?(?:format|lang)=[a-z]+)?$/.test(url.search) || url.pathname.startsWith('/docs/')) continue;
      if (url.origin === city.url && !waiting.includes(url.pathname + url.search)) waiting.push(url.pathname + url.search);
    }
    if (pages.size > 1_000) throw new Error(`the pages never end: ${[...pages.keys()].slice(-20).join(' ')}`);
  }
  return pages;
};

test('no public page, feed or file shows a secret; what an official said stands on pages, and in no feed or data', async () => {
  const pages = await publicPages();
  for (const path of [
    `/changes/${CHANGE}`,
    `/features/${WAITING.key}`,
    '/rules',
    '/?format=json',
    `/changes/${CHANGE}?format=csv`,
  ])
    expect(pages.has(path), path).toBe(true);
  for (const [path, text] of pages) expect(found(text, [...everySecret(), DOCUMENT]), path).toStrictEqual([]);
  const data = [...pages].filter(([path]) => /format=|\.atom|\.ics|^\/log\//.test(path));
  expect(data.length).toBeGreaterThan(10);
  for (const [path, text] of data) expect(found(text, Object.values(SPOKEN)), path).toStrictEqual([]);
  expect(found(pages.get(`/changes/${CHANGE}`) ?? '', [SPOKEN.vetoed])).toStrictEqual([SPOKEN.vetoed]);
});

test('no answer of the API shows any of it', async () => {
  const paths = [
    '/v1/features',
    '/v1/changes',
    `/v1/changes/${CHANGE}`,
    `/v1/features/${WAITING.key}`,
    `/v1/features/${WAITING.key}/history?limit=1000`,
    '/v1/features/northcam/history?limit=1000',
  ];
  for (const path of paths) {
    const { status, text } = await request('GET', `${city.url}${path}`, { token: city.itToken });
    expect([path, status]).toStrictEqual([path, 200]);
    expect(found(text, [...everyText(), DOCUMENT]), path).toStrictEqual([]);
  }
});
