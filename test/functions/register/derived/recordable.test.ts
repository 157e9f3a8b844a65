import { describe, expect, test } from 'vitest';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { refoldDerived } from '../../../../functions/register/derived/follow.ts';
import { listTasks } from '../../../../functions/register/derived/records.ts';
import { COUNCIL } from '../../../support/fixtures/city.ts';
import { atOnce } from '../../openGate.ts';
import { type DerivedCity, derivedIn, openDerived } from './derivedCity.ts';

const KEY = 'acme.lpr';
const NO = { votes: Object.fromEntries(COUNCIL.map((seat) => [seat, 'no'])) };

const refused = async ({ gate }: DerivedCity, notice: Parameters<DerivedCity['gate']['notice']>[0]): Promise<Received> => {
  const sent = await gate.notice({ feature: KEY, kind: 'update', optOut: 'yes', withoutAction: 'on', ...notice });
  await gate.certify(sent.change, sent.digest, NO);
  return sent;
};

const others = async (city: DerivedCity, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    const { change } = await city.gate.notice({ feature: KEY, kind: 'update', title: `Another ${n}` });
    await city.gate.withdraw(change);
  }
};

const tasksOfFirst = async ({ ports }: DerivedCity): Promise<readonly string[]> =>
  ((await listTasks(ports.sideStore, { limit: 50 }))?.items ?? [])
    .filter(({ change }) => change === `${KEY}/1`)
    .map(({ kind, because, since }) => `${kind} ${because} ${since.slice(0, 10)}`);

const recorded = async ({ gate }: DerivedCity, { digest }: Received): Promise<string> => {
  const report = { revision: 1, digest, note: 'Off.', evidence: null, caller: { name: 'console', person: 'ida' } };
  const done = await recordOptOut(gate.ports, { key: KEY, n: 1, ...report }, null);
  return done.ok ? 'recorded' : done.rejection.code;
};

describe('a refused change that is followed by others', () => {
  test('is to be opted out of while that can be recorded; once it cannot, it is looked at', async () => {
    const city = await openDerived({ rules: atOnce });
    const first = await refused(city, {});
    await others(city, 3);
    await city.until('2026-03-03T12:00:00.000Z');
    expect(await tasksOfFirst(city)).toEqual(['opt-out announced 2026-03-02']);
    await others(city, 2);
    await city.until('2026-03-04T12:00:00.000Z');
    expect(await recorded(city, first)).toBe('closed');
    expect(await tasksOfFirst(city)).toEqual([]);
    await city.until('2026-03-09T12:00:00.000Z');
    expect(await tasksOfFirst(city)).toEqual(['look took-effect 2026-03-09']);
    const before = await derivedIn(city.ports.sideStore);
    await refoldDerived(city.ports);
    expect(await derivedIn(city.ports.sideStore)).toStrictEqual(before);
    await city.report({ features: { [KEY]: false } });
    await city.until('2026-03-10T12:00:00.000Z');
    expect(await tasksOfFirst(city)).toEqual([]);
  });

  test('keeps its opt-out while its words still count', async () => {
    const city = await openDerived({ rules: atOnce });
    const first = await refused(city, { effectiveAt: '2026-03-20T00:00:00.000Z' });
    await others(city, 5);
    await city.until('2026-03-04T12:00:00.000Z');
    expect(await tasksOfFirst(city)).toEqual(['opt-out announced 2026-03-02']);
    expect(await recorded(city, first)).toBe('recorded');
    await city.until('2026-03-05T12:00:00.000Z');
    expect(await tasksOfFirst(city)).toEqual([]);
  });
});
