import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { LogError } from '../../../domain/log/encoding.ts';
import { formatVerifierKey, parseVerifierKey } from '../../../domain/log/note.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { forgetLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { macsUnder } from '../../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { checkLog } from '../../../infra/cli/verify/check.ts';
import { lifeLines } from '../../../infra/cli/verify/report.ts';
import { logSource } from '../../../infra/cli/verify/source.ts';
import { CommandRefused } from '../../../infra/local/errors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { announceElsewhere, handoverTo, rotateLogKey } from '../../../infra/local/logLife.ts';
import { beginCommitKeyRotation, generateLogKey, openSecrets } from '../../../infra/local/secrets.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { startServer } from '../../../infra/local/server.ts';
import { logFolder, readSettings } from '../../../infra/local/settings.ts';
import { folderOfTest } from '../../support/folders.ts';
import { printed } from './cityProcess.ts';
import { cliOn } from './process.ts';
import { changeDatabase, copiesOfRevokedCity, copyFolder } from './revokedCity.ts';

const progress = { tick: () => undefined, end: () => undefined };

const openedInstallation = async () => {
  const data = folderOfTest('rotate');
  let now = '2026-03-02T12:00:00.000Z';
  const settings = readSettings({ ALDERGATE_DATA: data, ALDERGATE_LOG_ORIGIN: 'city.example/log' }, join(data, 'none'));
  const installation = openInstallation(settings, () => now);
  onTestFinished(installation.close);
  const ports = () => sequencerPorts({ ...installation, secrets: openSecrets(join(data, 'keys.json')) });
  const write = async (vendor: string) => {
    await addVendor(installation.ports, vendor, vendor);
    await sequence(ports());
  };
  await write('acme');
  const check = (vkey: string, state = join(data, 'seen.json'), folder = logFolder(settings)) => {
    const key = parseVerifierKey(vkey);
    const log = { origin: key.name, keys: [key] };
    return checkLog({ source: logSource(folder), where: folder, log, state, progress, notices: true });
  };
  const rotate = (overlap = 'P30D') => rotateLogKey({ ...installation, secrets: openSecrets(join(data, 'keys.json')) }, overlap);
  const at = (instant: string) => {
    now = instant;
  };
  return { data, installation, ports, write, check, rotate, at };
};

test('while both keys sign a verifier that pinned either succeeds; then the old one signs no more, and leads to the next', async () => {
  const { rotate, write, check, at, ports } = await openedInstallation();
  const { from, to, until } = await rotate();
  expect(until).toBe('2026-04-01T12:00:00.000Z');
  await write('bravo');
  const [byOld, byNew] = [await check(from), await check(to)];
  expect(lifeLines(parseVerifierKey(from), byOld)).toEqual([
    `the pinned key counts until ${until}; it vouches for the next one, which signed this checkpoint too; pin that one: ${to}`,
  ]);
  expect(byNew.checkpoint.bytes).toEqual(byOld.checkpoint.bytes);
  expect(lifeLines(parseVerifierKey(to), byNew)[0]).toContain(`by the key before it: ${from}`);
  at(until);
  await sequence(ports());
  await expect(check(from)).rejects.toThrow(
    `vouched for the key that signs now, by a signature in the log itself; pin that one: ${to}`,
  );
  expect((await check(to)).checkpoint.size).toBe(3);
});

test('a checkpoint by the old key alone is refused once the log is older than its end', async () => {
  const { installation, rotate, check, at, ports } = await openedInstallation();
  const old = ports().signer;
  const { from, until } = await rotate();
  at(until);
  await addVendor(installation.ports, 'bravo', 'Bravo');
  // Somebody has the old key and continues signing with it.
  await sequence({ ...ports(), signer: old });
  await expect(check(from)).rejects.toThrow(`signed this log until ${until}`);
});

test('rotations follow each other, never two at once; a pin of long ago leads to the newest key', async () => {
  const { rotate, write, check, at } = await openedInstallation();
  const first = await rotate();
  await expect(rotate()).rejects.toThrow(
    new CommandRefused(`until ${first.until} two keys sign; rotate again after that, or with --overlap P0D`),
  );
  at(first.until);
  const second = await rotate('P1D');
  // The refused one has prepared no key, whose end would be another.
  expect(second.until).toBe('2026-04-02T12:00:00.000Z');
  at('2026-05-02T12:00:00.000Z');
  await write('bravo');
  await expect(check(first.from)).rejects.toThrow(second.to);
  expect((await check(second.to)).replay.life.handovers.length).toBe(2);
});

test('a key that leaked is replaced at once while the one before it still signs, and takes both with it', async () => {
  const { rotate, write, check, at } = await openedInstallation();
  const first = await rotate();
  at('2026-03-03T12:00:00.000Z');
  const second = await rotate('P0D');
  expect(second).toMatchObject({ from: first.to, until: '2026-03-03T12:00:00.000Z' });
  await write('bravo');
  for (const leaked of [first.from, first.to])
    await expect(check(leaked)).rejects.toThrow(`signed this log until ${second.until}. It vouched for the key that signs now`);
  expect((await check(second.to)).checkpoint.size).toBe(4);
});

test('a fork is noticed across a rotation: what was seen under the old key is known under the new one', async () => {
  const { data, rotate, check } = await openedInstallation();
  const { from, to } = await rotate();
  const { size } = (await check(from)).checkpoint;
  const other = await openedInstallation();
  const foreign = await other.rotate();
  const { checkpoint: seen } = await other.check(foreign.from);
  expect(seen.size).toBe(size);
  const state = join(data, 'memory.json');
  writeFileSync(state, JSON.stringify({ [foreign.from]: Buffer.from(seen.bytes).toString() }));
  await expect(check(to, state)).rejects.toThrow('forked');
});

test('the overlap of a rotation that was cut off before its announcement begins when it is run again', async () => {
  const { installation, data, rotate, at } = await openedInstallation();
  const cut = { ...installation.everything, append: () => Promise.reject(new Error('cut off')) };
  const secrets = openSecrets(join(data, 'keys.json'));
  await expect(rotateLogKey({ ...installation, secrets, everything: cut }, 'P30D')).rejects.toThrow('cut off');
  at('2026-05-02T12:00:00.000Z');
  expect((await rotate('P7D')).until).toBe('2026-05-09T12:00:00.000Z');
});

test('a crash at any write heals when the rotation is run again: one new key, and both sign', async () => {
  for (let at = 1; ; at += 1) {
    const { installation, data, write, check, rotate } = await openedInstallation();
    let writes = 0;
    const failing = <Args extends unknown[], R>(write: (...args: Args) => Promise<R>) => {
      return async (...args: Args) => {
        writes += 1;
        if (writes >= at) throw new Error('crash');
        return write(...args);
      };
    };
    const { sideStore } = installation.ports;
    const ports = {
      ...installation.ports,
      sideStore: { ...sideStore, put: failing(sideStore.put), remove: failing(sideStore.remove) },
    };
    const everything = { ...installation.everything, append: failing(installation.everything.append) };
    const secrets = openSecrets(join(data, 'keys.json'));
    const crashed = await rotateLogKey({ ...installation, secrets, ports, everything }, 'P30D').then(
      () => false,
      () => true,
    );
    if (!crashed) break;
    const { from, to } = await rotate();
    await write('bravo');
    for (const vkey of [from, to]) expect((await check(vkey)).replay.life.handovers.length).toBe(1);
  }
});

describe('a key elsewhere', () => {
  const elsewhere = () => logSigner(generateLogKey(), 'city.example/log');
  const until = '2026-04-01T12:00:00.000Z';

  test('that signed the handover takes over the log that moves to it, and the old key leads verifiers to it', async () => {
    const { data, installation, ports, check } = await openedInstallation();
    const [old, next] = [formatVerifierKey(ports().signer.key), elsewhere()];
    const vkey = formatVerifierKey(next.key);
    const signature = await next.sign(Buffer.from(await handoverTo(installation, vkey, until)));
    for (const _ of [1, 2]) {
      const done = await announceElsewhere(installation, { vkey, until, signature });
      expect(done).toEqual({ from: old, to: vkey, until });
    }
    const here = await check(old);
    expect(here.checkpoint.size).toBe(2);
    expect(lifeLines(parseVerifierKey(old), here)[0]).toContain(`pin that one: ${vkey}`);
    // The installation goes on where the new key is, and signs with that alone.
    const folder = join(data, 'elsewhere');
    await forgetLogIndex(installation.ports.sideStore);
    await sequence({ ...ports(), blobs: folderBlobs(folder), signer: next });
    const there = (pinned: string) => check(pinned, join(data, 'there.json'), folder);
    await expect(there(old)).rejects.toThrow(vkey);
    expect((await there(vkey)).checkpoint.size).toBe(2);
  });

  test('that did not sign this handover is refused, and nothing is announced', async () => {
    const { installation, ports, check } = await openedInstallation();
    const [next, other] = [elsewhere(), elsewhere()];
    const vkey = formatVerifierKey(next.key);
    const text = Buffer.from(await handoverTo(installation, vkey, until));
    for (const signature of [await other.sign(text), await next.sign(Buffer.from('another text')), new Uint8Array(3)])
      await expect(announceElsewhere(installation, { vkey, until, signature })).rejects.toThrow(LogError);
    expect((await check(formatVerifierKey(ports().signer.key))).replay.life.handovers).toEqual([]);
  });
});

const { newer, settings, folder, file } = copiesOfRevokedCity();
const run = (...args: readonly string[]) => cliOn(folder(), ...args);
const keys = () => z.object({ commit: z.array(z.string()) }).parse(JSON.parse(readFileSync(file('keys.json'), 'utf8'))).commit;
const keyIds = (): readonly unknown[] =>
  [
    ['aldergate.db', 'commits'],
    ['side.db', 'side'],
    ['consumers.db', 'side'],
  ].flatMap(([name = '', table = '']) => {
    const database = new DatabaseSync(file(name));
    const found = database.prepare(`SELECT DISTINCT mac_key AS id FROM ${table}`).all();
    database.close();
    return found.map(({ id }) => id);
  });

test('every row and record gets a MAC by the new key; one that had none stays unreadable', async () => {
  copyFolder(newer, folder());
  const [before, oldIds] = [keys(), keyIds()];
  changeDatabase(file('aldergate.db'), "UPDATE commits SET mac = zeroblob(32) WHERE stream = 'feature/northcam.lpr'");
  const rotated = await run('keys', 'rotate-commit', '--json');
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(keys()).toHaveLength(1);
  expect(keys()).not.toEqual(before);
  expect(keyIds().filter((id) => oldIds.includes(id))).toHaveLength(1);
  expect(await run('fsck')).toMatchObject(printed('feature/northcam.lpr@1', 1));
});

test('that records were removed before is known after it', async () => {
  copyFolder(newer, folder());
  const removal = "DELETE FROM side WHERE id IN (SELECT id FROM side WHERE kind <> 'seal' LIMIT 1)";
  changeDatabase(file('side.db'), removal);
  expect(await run('keys', 'rotate-commit')).toMatchObject({ code: 0 });
  expect(await run('doctor')).toMatchObject(printed('Records of side.db were lost', 1));
});

test('a server that read the keys before they were replaced does not start with them', async () => {
  copyFolder(newer, folder());
  const installation = openInstallation({ ...settings, data: folder() });
  onTestFinished(installation.close);
  expect(await run('keys', 'rotate-commit')).toMatchObject({ code: 0 });
  await expect(startServer(installation, () => undefined)).rejects.toThrow('keys.json was replaced while the gate started');
});

test('interrupted between the commits and the records, the folder can be served, and the same command completes it', async () => {
  copyFolder(newer, folder());
  const path = file('keys.json');
  beginCommitKeyRotation(path);
  const store = openSqliteStore(file('aldergate.db'), macsUnder(openSecrets(path).commitKeys, 'commits'));
  expect(await store.renewMacs()).toBeGreaterThan(5);
  await store.close();
  expect(keys()).toHaveLength(2);
  const installation = openInstallation({ ...settings, data: folder() });
  expect(await installation.ports.store.head('feature/northcam')).toMatchObject({ version: 9 });
  expect(await installation.ports.sideStore.list('directory')).not.toEqual([]);
  expect(await installation.recordMacs.altered()).toEqual([]);
  await installation.close();
  expect(await run('keys', 'rotate-commit')).toMatchObject({ code: 0 });
  expect(new Set(keyIds()).size).toBe(2);
  expect(keys()).toHaveLength(1);
  expect(await run('fsck')).toMatchObject({ code: 0 });
});
