import { expect, test } from 'vitest';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { listTasks, readFigures, readKeyRecord, readSources } from '../../../../functions/register/derived/records.ts';
import { driftAfterReport } from '../../../../functions/register/derived/reported.ts';
import { atOnce, NOON } from '../../openGate.ts';
import { type DerivedCity, openDerived, said } from './derivedCity.ts';

const rules = {
  ...atOnce,
  observe: {
    sources: {
      it: { kind: 'city', every: 'P2D' },
      police: { kind: 'city', every: 'P30D' },
      audit: { kind: 'audit', every: 'P90D' },
      statement: { kind: 'vendor', every: 'P3D' },
    },
  },
} as const;

const DAY = '2026-03-03T12:00:00.000Z';

const stories = async ({ events }: DerivedCity): Promise<readonly string[]> =>
  (await events()).map(said).filter((each) => !each.includes('switch-off'));

test('a source is silent from its time on until it looks again; one that the policy does not name never is', async () => {
  const city = await openDerived({ rules });
  await city.report({ source: 'it', features: { acme: false } });
  await city.report({ source: 'anybody', features: { acme: false } });
  await city.until('2026-03-04T12:00:00.000Z');
  expect(await stories(city)).toEqual([`2026-03-04T12:00:00.000Z null: TaskOpened look silent`]);
  expect((await listTasks(city.ports.sideStore, { limit: 9 }))?.items).toMatchObject([
    { key: null, kind: 'look', vendor: 'acme', source: 'it', change: null, digest: null },
  ]);
  await city.report({ source: 'it', features: { acme: false } });
  await city.until('2026-03-05T12:00:00.000Z');
  expect((await stories(city)).slice(1)).toEqual([`2026-03-04T12:00:00.000Z null: TaskClosed look silent`]);
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ tasks: 0 });
  expect(await readSources(city.ports.sideStore, 'acme')).toMatchObject([
    { source: 'anybody', every: null, silentFrom: null },
    { source: 'it', every: 'P2D', silentFrom: '2026-03-06T12:00:00.000Z' },
  ]);
});

test('the policy in force at its place in the log says what a report counts as', async () => {
  const city = await openDerived({ rules });
  await city.report({ source: 'it', features: { acme: true } });
  await city.report({ source: 'statement', features: { acme: true } });
  await city.report({ source: 'it', attested: true, features: { acme: true } });
  await city.report({ source: 'anybody', features: { acme: true } });
  await city.until(DAY);
  const record = await readKeyRecord(city.ports.sideStore, 'acme');
  expect(record?.reports.map(({ source, attested, kind, named }) => [source, attested, kind, named])).toEqual([
    ['it', false, 'city', true],
    ['statement', false, 'vendor', true],
    ['it', true, 'vendor', false],
    ['anybody', false, 'city', false],
  ]);
});

test('what a vendor attests under the name of a source of the city closes nothing of the city', async () => {
  const city = await openDerived({ rules });
  await city.report({ source: 'it', features: { acme: true } });
  await city.until(DAY);
  await city.report({ source: 'it', attested: true, features: { acme: false } });
  await city.report({ source: 'anybody', features: { acme: false } });
  await city.until('2026-03-03T13:00:00.000Z');
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ openCases: 1 });
  await city.report({ source: 'police', features: { acme: false } });
  await city.until('2026-03-03T14:00:00.000Z');
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ openCases: 0, pastCases: 1 });
});

test('a report is answered as it will be folded', async () => {
  const city = await openDerived({ rules });
  await city.report({ source: 'audit', features: { acme: true } });
  await city.until(DAY);
  const evidence = { sha256: '0'.repeat(64), title: 'A picture of the settings' };
  const asked = (source: string, person: string | null) =>
    driftAfterReport(
      { ...city.gate.ports },
      { vendor: 'acme', source, attested: false },
      { source, observedAt: DAY, features: { acme: false, 'acme.lpr': true }, evidence, note: null },
      person,
    );
  const lpr = { key: 'acme.lpr', drift: { kind: 'never-announced', since: DAY } };
  expect(await asked('audit', null)).toMatchObject({ drift: [lpr], closed: ['acme'] });
  expect(await asked('it', 'ann')).toMatchObject({ drift: [{ key: 'acme', drift: { since: NOON } }, lpr], closed: [] });
  await city.report({ source: 'police', person: 'ann', features: { acme: false } });
  await city.until('2026-03-03T13:00:00.000Z');
  expect(await asked('it', 'ann')).toMatchObject({ closed: [] });
  expect(await asked('it', null)).toMatchObject({ closed: [] });
  expect(await asked('it', 'bob')).toMatchObject({ closed: ['acme'] });
});

test('a policy that is adopted later says from then on how often a source must look', async () => {
  const city = await openDerived({ rules: null });
  await city.report({ source: 'it', features: { acme: false } });
  await city.until(DAY);
  expect(await readSources(city.ports.sideStore)).toMatchObject([{ source: 'it', every: null, silentFrom: null, next: null }]);
  await adoptPolicy(city.gate.ports, rules);
  await city.until('2026-03-03T13:00:00.000Z');
  const silentFrom = '2026-03-04T12:00:00.000Z';
  expect(await readSources(city.ports.sideStore)).toMatchObject([{ source: 'it', every: 'P2D', silentFrom, next: silentFrom }]);
});
