import { expect, test, vi } from 'vitest';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { encodeBundle, tilePath } from '../../../domain/log/tile.ts';
import { isLoggedBefore, publishedCheck, sequencerProgress } from '../../../functions/log/health.ts';
import { hold } from '../../../functions/log/sequencer/logIndex.ts';
import { readFile } from '../../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { comparedWith, contradictedLimits, currentLogName, nameOfLog } from '../../../functions/log/verify/history.ts';
import { consumersCheck } from '../../../functions/platform/feed/consumers.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { BY_MAYOR, openGate } from '../openGate.ts';
import { turnsDuring } from '../turnsDuring.ts';
import { bench, newSigner, nextCommit, ORIGIN } from './sequencer/ports.ts';

test('of what a consumer left undone each page is looked at in a turn of its own, and what is held is read once for it', async () => {
  const ports = { ...bench(), isReleased: async () => true, wallMs: () => 0, clock: () => '2026-03-02T12:01:00.000Z' };
  await ports.write('feature/acme', 350);
  await hold(ports, [{ stream: 'feature/acme', version: 1, problem: 'it may not stand' }]);
  const list = vi.spyOn(ports.sideStore, 'list');
  const check = consumersCheck(ports, [sequencerProgress(ports.sideStore)]);
  expect(await turnsDuring(async () => expect(await check()).toEqual([]))).toBe(3);
  expect(list.mock.calls.filter(([kind]) => kind === 'log-held')).toHaveLength(4);
});

test('what nobody has tried to handle is overdue only while a server runs', async () => {
  const ports = { ...bench(), isReleased: async () => true, wallMs: () => 0, clock: () => '2026-03-02T13:00:00.000Z' };
  await ports.write('feature/acme');
  const found = (runs: boolean) => consumersCheck(ports, [sequencerProgress(ports.sideStore)], runs)();
  expect(await found(true)).toMatchObject([{ code: 'consumers-stuck' }]);
  expect(await found(false)).toEqual([]);
});

/** All commits here are of this instant. */
const NOON = '2026-03-02T12:00:00.000Z';
/** A commit that two gates have. */
const KNOWN = nextCommit('settings', undefined);

test('a published log that other keys signed, or that is not the store’s, is found', async () => {
  const ports = bench();
  const codes = async (other: Partial<typeof ports> = {}) =>
    (await publishedCheck({ ...ports, ...other })()).map(({ code }) => code);
  expect(await codes()).toEqual([]);
  await ports.write('feature/acme');
  await sequence(ports);
  expect(await codes()).toEqual([]);
  const older = await ports.blobs.get('checkpoint');
  await ports.write('feature/acme');
  await sequence(ports);
  expect(await codes({ blobs: { ...ports.blobs, get: async () => older } })).toEqual([]);
  expect(await codes({ signer: newSigner() })).toEqual(['other-keys']);
  expect(await codes({ store: bench().store })).toEqual(['log-conflict']);
});

test('what is published and not in the store speaks against its streams, or all where the files cannot be read', async () => {
  const [{ blobs, ...ports }, other] = [bench(), bench()];
  const streams = async (of = other, get = blobs.get) =>
    (await contradictedLimits({ store: of.store, blobs: { get } })).map(({ stream }) => stream).sort();
  for (const { store } of [ports, other]) await store.append([KNOWN]);
  for (const { write } of [ports, other]) await write('feature/acme');
  const revoked = { type: 'RevocationRecorded', v: 1, at: NOON, key: 'acme.lpr', change: 1, ...BY_MAYOR };
  await ports.store.append([nextCommit('revocation', undefined, [revoked])]);
  expect(await streams()).toEqual([]);
  await sequence({ ...ports, blobs });
  expect(await streams({ ...ports, blobs })).toEqual([]);
  expect(await streams()).toEqual(['feature/acme', 'feature/acme.lpr', 'revocation']);
  expect(await streams(other, async (path) => (path === 'checkpoint' ? blobs.get(path) : undefined))).toEqual(['*']);
});

test('a partial tile that a full one has replaced is cut from that, and only then', async () => {
  const full = new Uint8Array(256 * 32).map((_, at) => at % 251);
  const tile = (width: number) => ({ tile: { level: 0, index: 0, width } });
  const served = (width: number, bytes: Uint8Array) => ({
    get: async (path: string) => (path === tilePath(tile(width).tile) ? bytes : undefined),
  });
  expect(await readFile(served(256, full), tile(5))).toEqual(full.slice(0, 5 * 32));
  expect(await readFile(served(5, full.slice(1, 161)), tile(5))).toEqual(full.slice(1, 161));
  expect(await readFile(served(5, full), tile(256))).toBeUndefined();
  const entries = Array.from({ length: 256 }, (_, n) => new Uint8Array([n]));
  const get = async (path: string) => (path === 'tile/entries/000' ? encodeBundle(entries) : undefined);
  expect(await readFile({ get }, { bundle: { index: 0, width: 5 } })).toEqual(encodeBundle(entries.slice(0, 5)));
});

const AFTER_NOON = '2026-03-02T12:00:00.001Z';

test('a commit from before the instant that is not in the log, be it the last of many', async () => {
  const ports = bench();
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(true);
  await ports.write('feature/acme', 250);
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
  await sequence(ports);
  // The log is not in itself.
  await ports.write('log');
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(true);
  await ports.write('feature/acme');
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
  expect(await isLoggedBefore(ports, NOON)).toBe(true);
  for (const version of [252, 251]) {
    await hold(ports, [{ stream: 'feature/acme', version, problem: 'it may not stand' }]);
    expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(version === 251);
  }
  await ports.write('feature/other');
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
});

test('a head is compared with the end of its stream in the log, which is learned once', async () => {
  const { store } = await openGate();
  const head = await store.head('roster');
  const hash = hashOf(head?.bytes ?? new Uint8Array());
  let learned = 0;
  const says = async (end: { readonly version: number; readonly hash: string | null }) => {
    const catchUp = async () => {
      learned += 1;
    };
    const lacking = comparedWith(store, { catchUp, endOf: () => end });
    return [await lacking('roster', head), await lacking('roster', head)][1];
  };
  expect(await says({ version: 0, hash: null })).toBeUndefined();
  expect(await says({ version: 1, hash })).toBeUndefined();
  expect(await says({ version: 1, hash: null })).toBeUndefined();
  expect(await says({ version: Number.POSITIVE_INFINITY, hash: null })).toBe('a commit of the log may not stand');
  expect(await says({ version: 1, hash: hashOf(new Uint8Array()) })).toBe('version 1 in the log is another commit');
  expect(await says({ version: 2, hash })).toBe('version 2 is in the log and not in the store');
  expect(learned).toBe(6);
});

test('a log keeps the name under which it was published or, where the file is lost, signed; another given name is refused once it holds notices', async () => {
  const ports = bench();
  await ports.write('settings');
  expect(await currentLogName(ports)).toBeUndefined();
  await sequence(ports);
  expect(await nameOfLog(ports, undefined, 'other.example/log')).toEqual({ ok: true, name: 'other.example/log' });
  await ports.write('feature/acme');
  await sequence(ports);
  for (const lost of [false, true]) {
    if (lost) await ports.blobs.remove('checkpoint');
    expect(await currentLogName(ports)).toBe(ORIGIN);
    expect(await nameOfLog(ports, undefined, 'other.example/log')).toEqual({ ok: true, name: ORIGIN });
    expect(await nameOfLog(ports, 'other.example/log', ORIGIN)).toMatchObject({ ok: false });
  }
  const head = () => Promise.reject(new CorruptStore('altered'));
  expect(await currentLogName({ ...ports, store: { ...ports.store, head } })).toBeUndefined();
});
