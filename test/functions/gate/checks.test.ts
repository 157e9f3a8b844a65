import { expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { settingsAggregate } from '../../../functions/gate/aggregates.ts';
import { checkRows, recordsCheck, termsCheck } from '../../../functions/gate/checks.ts';
import { recordTimeZone, zoneInForce } from '../../../functions/gate/rules.ts';
import { addVendor, revokeVendorKey, rotateVendor } from '../../../functions/gate/vendors.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { load } from '../../../functions/platform/store/load.ts';
import type { Store, StoredCommit } from '../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../functions/platform/store/record.ts';
import type { SideKind, SideStore } from '../../../functions/platform/store/sideStore.ts';
import { roster } from '../../support/fixtures/city.ts';
import { type Gate, NOON, openGate, rosterFile } from '../openGate.ts';

const found = (gate: Gate) =>
  recordsCheck(gate.ports)().then((findings) => findings.map(({ code, detail }) => `${code}: ${detail}`));

/** Resolves with the id of its key. */
const sharing = async (gate: Gate) => {
  const added = await addVendor(gate.ports, 'beta', 'Beta');
  if (!added.ok) throw new Error(added.rejection.detail);
  return added.keys[0]?.id ?? expect.fail('no key');
};

test('a key without its secret is named, as long as it is valid', async () => {
  const gate = await openGate();
  const key = await sharing(gate);
  await gate.sideStore.remove('vendor-secret', key);
  expect(await found(gate)).toEqual([
    `record-altered: The secret of key ${key} of beta is missing or altered: what it signs is refused.`,
  ]);
  await rotateVendor(gate.ports, 'beta');
  expect(await found(gate)).toHaveLength(1);
  await revokeVendorKey(gate.ports, 'beta', key);
  expect(await found(gate)).toEqual([]);
});

test('an address that is gone, or another one, is named with the person, and no other is', async () => {
  const gate = await openGate();
  const { value } = (await gate.sideStore.list('directory')).find(({ id }) => id === 'mayor') ?? expect.fail('no mayor');
  const report = [
    'record-altered: The mail address of mayor is missing, or not the one the roster committed to: no mail leaves.',
  ];
  await gate.sideStore.put('directory', 'mayor', { ...(value as object), email: 'other@city.example' });
  expect(await found(gate)).toEqual(report);
  await gate.sideStore.remove('directory', 'mayor');
  expect(await found(gate)).toEqual(report);
  await gate.sideStore.put('directory', 'mayor', value);
  expect(await found(gate)).toEqual([]);
});

test('an address that is written while one looks, behind the roster that commits to it, is not missing', async () => {
  const { sideStore, ports } = await openGate();
  const address = (await sideStore.get('directory', 'mayor')) ?? expect.fail('no mayor');
  await sideStore.remove('directory', 'mayor');
  const writtenOnceMissed: SideStore = Object.assign(Object.create(sideStore), {
    get: async (kind: SideKind, id: string) => {
      const value = await sideStore.get(kind, id);
      if (id === 'mayor' && value === undefined) await sideStore.put('directory', 'mayor', address);
      return value;
    },
  });
  expect(await recordsCheck({ ...ports, sideStore: writtenOnceMissed })()).toEqual([]);
});

const withEvents = (row: StoredCommit) => newRecord({ ...commitOf(row), events: [{ type: 'Imagined' }] }, row);
const unread = () => {
  throw new CorruptStore('the MAC is not valid');
};

test.each<[string, (second: StoredCommit) => StoredCommit | undefined, RegExp, number]>([
  ['that is gone', () => undefined, /^2 .*@2 is missing$/, 4],
  ['that cannot be read', unread, /^2 the MAC is not valid$/, 4],
  ['in another place', (second) => ({ ...second, version: 3 }), /^2 .*@2 is missing$/, 4],
  [
    'behind another',
    (row) => newRecord({ ...commitOf(row), prev: digestOf('') }, row),
    /@2: prev is not the hash of the commit before$/,
    5,
  ],
  ['with another state', (second) => ({ ...second, state: '{}' }), /@2: its state is not what its events give$/, 5],
  ['with a state of other code, which nobody reads', (second) => ({ ...second, state: '{}', stateVersion: 0 }), /^none$/, 5],
  [
    'with an unknown event',
    withEvents,
    /@2: its events cannot be folded: \/type is missing, or not of the form that it must have$/,
    5,
  ],
])('a row %s is found by what is wrong with it', async (_, altered, problem, count) => {
  const gate = await openGate({ honest: false });
  await rotateVendor(gate.ports, 'acme');
  const history: Store['history'] = async (stream, range) => {
    const read = await gate.store.history(stream, range);
    return read.flatMap((row) => (stream === 'vendor/acme' && row.version === 2 ? (altered(row) ?? []) : row));
  };
  const { rows, problems } = await checkRows({ ...gate.store, history });
  expect([rows, problems.map((each) => `${each.version} ${each.problem}`).join() || 'none']).toEqual([
    count,
    expect.stringMatching(problem),
  ]);
});

test('terms that end soon and that no other follows are found, by the days of the city', async () => {
  const gate = await openGate({ officials: rosterFile(roster({ mayor: { to: '2026-04-30' }, clerk: { to: '2026-12-31' } })) });
  const [found, ...others] = await termsCheck(gate.ports)();
  expect(others).toEqual([]);
  expect(found).toMatchObject({ code: 'term-ends', detail: expect.stringContaining('of mayor in mayor/mayor ends 2026-04-30') });
});

const inLog = async (gate: Awaited<ReturnType<typeof openGate>>) => (await load(gate.store, settingsAggregate, 'settings')).state;

test('the setting is recorded once, with the version of the time zone data', async () => {
  const gate = await openGate({ zone: 'America/Denver' });
  await recordTimeZone(gate.ports);
  await recordTimeZone(gate.ports);
  expect(await inLog(gate)).toEqual({ timeZone: { zone: 'America/Denver', tzdata: process.versions.tz, since: NOON } });
  expect(await gate.store.history('settings', {})).toHaveLength(1);
});

test('decisions are made in the zone of the log, whatever the setting of a process', async () => {
  const gate = await openGate({ zone: 'America/Denver' });
  const elsewhere = { ...gate.ports, zone: 'UTC' };
  expect(await zoneInForce(elsewhere)).toBe('America/Denver');
  const { digest } = await gate.notice();
  // In Denver it is still the second of March, in UTC the third.
  gate.at('2026-03-03T02:00:00.000Z');
  await expect(gate.certify('acme/1', digest)).rejects.toThrow('meeting-in-future');
});

test('an installation without any records its setting before it decides', async () => {
  const gate = await openGate({ zone: 'America/Denver' });
  const { store } = gate;
  const fresh = {
    ...gate.ports,
    store: { ...store, head: async (stream: string) => (stream === 'settings' ? undefined : store.head(stream)) },
  };
  expect(await zoneInForce(fresh)).toBe('America/Denver');
});
