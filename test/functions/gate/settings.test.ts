import { expect, test } from 'vitest';
import { settingsAggregate } from '../../../functions/gate/aggregates.ts';
import { recordTimeZone, zoneInForce } from '../../../functions/gate/rules.ts';
import { load } from '../../../functions/platform/store/load.ts';
import { NOON, openGate } from '../openGate.ts';

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
