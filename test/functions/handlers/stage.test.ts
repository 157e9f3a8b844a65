import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  assertNoOtherImport,
  clearImporting,
  closedFindings,
  markImporting,
  OtherImport,
  STAGE_KIND,
  staged,
  stageStanding,
  whenOpen,
  whileImporting,
} from '../../../functions/handlers/runtime/stage.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store, StoredCommit } from '../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { sideStoreOfTest } from '../../support/stores.ts';

let heads: Set<string>;
let failing: Error | undefined;
let sideStore: SideStore;
let ports: { readonly commits: Store; readonly sideStore: SideStore };
beforeEach(() => {
  heads = new Set();
  failing = undefined;
  sideStore = sideStoreOfTest();
  const head = async (stream: string) => {
    await setImmediate();
    if (failing !== undefined) throw failing;
    return heads.has(stream) ? ({ stream } as StoredCommit) : undefined;
  };
  ports = { commits: { head } as unknown as Store, sideStore };
});

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const SOURCE = { archive: digest('a'), privatePart: digest('b'), keepLinks: false };

const standing = () => stageStanding(ports);

test('a token, a vendor or a time zone opens nothing; a roster does, and so does a policy', async () => {
  for (const stream of ['access/1', 'vendor/acme', 'settings', 'log']) heads.add(stream);
  expect(await standing()).toBe('closed');
  for (const stream of ['roster', 'policy']) {
    heads = new Set([stream]);
    expect(await standing()).toBe('open');
  }
});

test('where something is published the stage is open, whatever was removed from it, and whatever mark was put back', async () => {
  const published = { ...ports, isPublished: async () => true };
  expect(await stageStanding({ ...ports, isPublished: async () => false })).toBe('closed');
  expect(await stageStanding(published)).toBe('open');
  await sideStore.put(STAGE_KIND, 'importing', SOURCE);
  expect(await stageStanding(published)).toBe('open');
  expect(await stageStanding({ ...ports, isPublished: async () => false })).toBe('importing');
});

test('a head that cannot be read is there; a store that cannot be read says nothing', async () => {
  failing = new CorruptStore('roster@1: no valid MAC');
  expect(await standing()).toBe('open');
  failing = new StoreUnavailable('throttled');
  await expect(standing()).rejects.toThrow('throttled');
});

test('an import closes from before its first commit until behind its last write', async () => {
  await markImporting(ports, SOURCE);
  expect(await standing()).toBe('importing');
  heads.add('roster');
  expect(await standing()).toBe('importing');
  await clearImporting(sideStore);
  expect(await standing()).toBe('open');
});

test('an import continues the interrupted one, or none: another one is told its files', async () => {
  await assertNoOtherImport(sideStore, SOURCE);
  await markImporting(ports, SOURCE);
  await assertNoOtherImport(sideStore, SOURCE);
  await markImporting(ports, SOURCE);
  const others = [
    { ...SOURCE, archive: digest('c') },
    { ...SOURCE, privatePart: digest('c') },
    { ...SOURCE, privatePart: null },
    { ...SOURCE, keepLinks: true },
  ];
  for (const other of others)
    for (const begin of [() => assertNoOtherImport(sideStore, other), () => markImporting(ports, other)])
      await expect(begin()).rejects.toThrow(`of the archive ${digest('a')} with the private part ${digest('b')} was`);
  expect(await sideStore.get(STAGE_KIND, 'importing')).toEqual(SOURCE);
});

test('an import writes nothing more once another run of it has ended, nor while another one runs', async () => {
  await markImporting(ports, SOURCE);
  const imported = whileImporting(sideStore, SOURCE);
  await imported.put('token', 'a', 1);
  await clearImporting(sideStore);
  await expect(imported.put('token', 'a', 2)).rejects.toThrow('another run of this import has ended');
  await markImporting(ports, { ...SOURCE, keepLinks: true });
  await expect(imported.put('token', 'a', 2)).rejects.toThrow('another run of this import has ended');
  expect(await sideStore.get('token', 'a')).toBe(1);
});

test('a stage that was opened while the archive was looked at takes no import, and stays open', async () => {
  heads.add('roster');
  await expect(markImporting(ports, SOURCE)).rejects.toThrow('the stage is open');
  expect(await standing()).toBe('open');
});

test('the mark of an earlier release, and one that is not to be read, are those of another import', async () => {
  await sideStore.put(STAGE_KIND, 'importing', true);
  for (const begin of [() => assertNoOtherImport(sideStore, SOURCE), () => markImporting(ports, SOURCE)])
    await expect(begin()).rejects.toThrow('an import of unknown files was interrupted: deploy another stage');
  const altered: SideStore = { ...sideStore, get: async () => undefined };
  await expect(markImporting({ ...ports, sideStore: altered }, SOURCE)).rejects.toThrow(OtherImport);
});

test('half a history is no open stage, whenever its import begins: the heads are read before the mark', async () => {
  const get: SideStore['get'] = async (...key) => {
    const mark = await sideStore.get(...key);
    await markImporting(ports, SOURCE);
    heads.add('roster');
    return mark;
  };
  expect(await stageStanding({ ...ports, sideStore: { ...sideStore, get } })).toBe('closed');
});

test('while the stage is closed nothing is made; then it is made once, and never asked again', async () => {
  const make = vi.fn(async () => async (event: string) => `done ${event}`);
  const handle = whenOpen(ports, make, async (event: string) => (event === 'tampered' ? 'reported' : undefined));
  expect([await handle('sweep'), await handle('tampered')]).toEqual([undefined, 'reported']);
  expect(make).not.toHaveBeenCalled();
  heads.add('policy');
  expect([await handle('sweep'), await handle('sweep')]).toEqual(['done sweep', 'done sweep']);
  expect(make).toHaveBeenCalledTimes(1);
  failing = new StoreUnavailable('throttled');
  await sideStore.put(STAGE_KIND, 'importing', SOURCE);
  expect(await handle('sweep')).toBe('done sweep');
});

test('what could not be made is made at the next event', async () => {
  heads.add('roster');
  const make = vi.fn(async () => async () => 'done').mockRejectedValueOnce(new Error('no key'));
  const handle = whenOpen(ports, make);
  await expect(handle('sweep')).rejects.toThrow('no key');
  expect(await handle('sweep')).toBe('done');
});

test('what answers HTTP is made anew, with its ports and keys, once the stage opened', async () => {
  let keys = 'of the stage';
  const openPorts = vi.fn(async () => ports);
  const look = await staged(openPorts, async (_, seen) => ({ keys, seen }));
  expect((await look()).made.keys).toBe('of the stage');
  await markImporting(ports, SOURCE);
  keys = 'imported';
  expect(await look()).toMatchObject({ standing: 'importing', made: { keys: 'of the stage' } });
  heads.add('roster');
  await clearImporting(sideStore);
  const { standing: now, made } = await look();
  expect({ now, keys: made.keys, seen: made.seen() }).toEqual({ now: 'open', keys: 'imported', seen: 'open' });
  await look();
  expect(openPorts).toHaveBeenCalledTimes(2);
});

test('HTTP does not rest on a stage that could not be asked, and looks again', async () => {
  failing = new StoreUnavailable('throttled');
  heads.add('roster');
  const look = await staged(
    async () => ports,
    async () => 'made',
  );
  expect(await look()).toEqual({ standing: 'unknown', made: 'made' });
  failing = undefined;
  expect(await look()).toEqual({ standing: 'open', made: 'made' });
});

test('/readyz says what to do, and nothing of an open stage', () => {
  expect(closedFindings('closed')).toMatchObject([{ code: 'closed', detail: expect.stringContaining('enter them, or import') }]);
  expect(closedFindings('importing')).toMatchObject([
    { code: 'closed', detail: expect.stringContaining('run the same import again') },
  ]);
  expect([...closedFindings('open'), ...closedFindings('unknown')]).toEqual([]);
});
