import { expect, test } from 'vitest';
import { settingsAggregate } from '../../../functions/gate/aggregates.ts';
import { checkRows, recordsCheck } from '../../../functions/gate/checks.ts';
import { recordTimeZone, zoneInForce } from '../../../functions/gate/rules.ts';
import { addVendor, revokeVendorKey, rotateVendor } from '../../../functions/gate/vendors.ts';
import { load } from '../../../functions/platform/store/load.ts';
import { type Gate, NOON, openGate } from '../openGate.ts';

const found = (gate: Gate): Promise<readonly string[]> =>
  recordsCheck(gate.ports)().then((findings) => findings.map(({ code, detail }) => `${code}: ${detail}`));

/** Registers a vendor that signs with a shared secret. Resolves with the id of its key. */
const sharing = async (gate: Gate): Promise<string> => {
  const added = await addVendor(gate.ports, 'beta', 'Beta');
  if (!added.ok) throw new Error(added.rejection.detail);
  return added.keys[0]?.id ?? expect.fail('no key');
};

test('a gate that has what its events name has nothing to report', async () => {
  const gate = await openGate();
  await sharing(gate);
  expect(await found(gate)).toEqual([]);
});

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

test('every row is read once, stream by stream', async () => {
  const { store } = await openGate();
  const seen: string[] = [];
  const { rows, problems } = await checkRows(store, ({ stream, version }) => void seen.push(`${stream}@${version}`));
  expect(problems).toEqual([]);
  expect(rows).toBe(seen.length);
  expect(seen).toEqual(['policy@1', 'roster@1', 'settings@1', 'vendor/acme@1']);
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
