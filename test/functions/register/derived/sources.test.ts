import { describe, expect, test } from 'vitest';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { listTasks, readFigures, readKeyRecord, readSources } from '../../../../functions/register/derived/records.ts';
import { driftAfterReport } from '../../../../functions/register/derived/reported.ts';
import { atOnce, NOON } from '../../openGate.ts';
import { adoptRules } from '../../reactions/notify/mailing.ts';
import { type DerivedCity, dayAt, holdsAnew, openDerived, said } from './derivedCity.ts';

const SOURCES = {
  it: { kind: 'city', every: 'P2D' },
  police: { kind: 'city', every: 'P30D' },
  audit: { kind: 'audit', every: 'P90D' },
  statement: { kind: 'vendor', every: 'P3D' },
} as const;
const rules = { ...atOnce, observe: { sources: SOURCES } };

const DAY = dayAt('03');

const stories = async ({ events }: DerivedCity) => (await events()).map(said).filter((each) => each.includes('silent'));

test('a source is silent from its time on until it looks again; one that the policy does not name never is', async () => {
  const city = await openDerived({ rules });
  await city.report({ source: 'it', features: { acme: false } });
  await city.report({ source: 'anybody', features: { acme: false } });
  await city.until(dayAt('04'));
  await city.report({ source: 'it', features: {} });
  await city.until('2026-03-04T13:00:00.000Z');
  expect(await stories(city)).toEqual([`2026-03-04T12:00:00.000Z null: TaskOpened look silent`]);
  await city.report({ source: 'it', features: { acme: false } });
  await city.until(dayAt('05'));
  expect((await stories(city)).slice(1)).toEqual([`2026-03-04T13:00:00.000Z null: TaskClosed look silent`]);
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ tasks: 0 });
  expect(await readSources(city.ports.sideStore, 'acme')).toMatchObject([
    { source: 'anybody', every: null, silentFrom: null },
    { source: 'it', every: 'P2D', silentFrom: '2026-03-06T13:00:00.000Z' },
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

const naming = (...names: readonly string[]) => ({
  ...atOnce,
  observe: { sources: Object.fromEntries(names.map((name) => [name, { kind: 'city' as const, every: 'P2D' }])) },
});

/** A city with features of two vendors, whose policy names sources from March 3 on. */
const named = async (...names: readonly string[]) => {
  const city = await openDerived({ rules: null });
  for (const feature of ['acme', 'acme.lpr', 'other.lpr']) await city.gate.notice({ feature });
  await city.until(dayAt('03'));
  await adoptPolicy(city.gate.ports, naming(...names));
  return city;
};

const looks = async ({ ports }: DerivedCity) =>
  ((await listTasks(ports.sideStore, { limit: 99 }))?.items ?? []).flatMap((task) =>
    task.because === 'silent' ? [`${task.source} at ${task.vendor} since ${task.since.slice(5, 10)}`] : [],
  );
const expected = async ({ ports }: DerivedCity) =>
  ((await readSources(ports.sideStore)) ?? []).map(
    ({ source, vendor, lookedAt, expectedFrom }) =>
      `${source} at ${vendor} ${lookedAt === null ? 'from' : 'looked'} ${(lookedAt ?? expectedFrom)?.slice(5, 10)}`,
  );

describe('a source that the policy names and that never reported', () => {
  test('is silent at each vendor with features from the policy and its time on', async () => {
    const city = await named('it');
    await city.until('2026-03-05T11:59:00.000Z');
    expect(await looks(city)).toEqual([]);
    await city.until(dayAt('05'));
    expect(await looks(city)).toEqual(['it at acme since 03-05', 'it at other since 03-05']);
    const look = { key: null, kind: 'look', vendor: 'other', source: 'it', change: null, digest: null };
    expect((await listTasks(city.ports.sideStore, { vendor: 'other', limit: 9 }))?.items.at(0)).toMatchObject(look);
    expect(await stories(city)).toEqual(Array(2).fill(`${dayAt('05')} null: TaskOpened look silent`));
    await holdsAnew(city);
  });

  test('is expected at no other vendor once it has reported for one', async () => {
    const city = await named('it', 'police');
    await city.until(dayAt('06'));
    await city.report({ source: 'it', features: { acme: false } });
    await city.until(dayAt('07'));
    expect(await looks(city)).toEqual(['police at acme since 03-05', 'police at other since 03-05']);
    expect((await stories(city)).slice(4)).toEqual(Array(2).fill(`${dayAt('06')} null: TaskClosed look silent`));
    expect(await expected(city)).toEqual(['it at acme looked 03-06', 'police at acme from 03-03', 'police at other from 03-03']);
    await holdsAnew(city);
    await city.until(dayAt('08'));
    expect(await looks(city)).toEqual(['police at acme since 03-05', 'police at other since 03-05', 'it at acme since 03-08']);
  });

  test('is expected at a vendor whose first feature comes later from then on, never at one that was only seen', async () => {
    const city = await named('it');
    await city.until(dayAt('04'));
    await city.report({ source: 'portal', features: { 'unknown.vendor': true }, vendor: 'unknown' });
    await city.gate.notice({ feature: 'other' });
    await city.gate.notice({ feature: 'new.lpr' });
    await city.gate.notice({ feature: 'new.faces' });
    await city.until(dayAt('05'));
    const places = (await expected(city)).filter((each) => each.startsWith('it'));
    expect(places).toEqual(['it at acme from 03-03', 'it at new from 03-04', 'it at other from 03-03']);
    await holdsAnew(city);
  });

  test('keeps its time while policies go on to name it, and is forgotten by one that does not', async () => {
    const city = await named('it');
    await city.until(dayAt('04'));
    await adoptRules(city.gate, naming('it', 'police'));
    await city.until(dayAt('05'));
    expect(await looks(city)).toEqual(['it at acme since 03-05', 'it at other since 03-05']);
    await adoptRules(city.gate, naming('police'));
    await city.until('2026-03-05T13:00:00.000Z');
    expect(await looks(city)).toEqual([]);
    expect(await expected(city)).toEqual(['police at acme from 03-04', 'police at other from 03-04']);
    await holdsAnew(city);
  });

  test('a signed statement of a vendor is the report of a source of that kind only', async () => {
    const city = await openDerived({ rules: null });
    await city.gate.notice({ feature: 'acme' });
    await city.report({ source: 'it', attested: true, features: { acme: false } });
    await city.report({ source: 'statement', attested: true, features: { acme: false } });
    const rules = naming('it');
    const statement = { kind: 'vendor' as const, every: 'P2D' };
    await adoptPolicy(city.gate.ports, { ...rules, observe: { sources: { ...rules.observe.sources, statement } } });
    await city.until(dayAt('03'));
    expect((await expected(city)).filter((each) => each.includes('from'))).toEqual(['it at acme from 03-02']);
    await holdsAnew(city);
  });
});
