import { expect, test } from 'vitest';
import { refoldDerived } from '../../../../functions/register/derived/follow.ts';
import { readAnnounced } from '../../../../functions/register/derived/records.ts';
import { derivedIn, openDerived } from './derivedCity.ts';

test('announced changes are counted as they come and as their days pass, and the same when all is folded anew', async () => {
  const city = await openDerived();
  const { sideStore } = city.ports;
  const counts = async () => Object.values(await readAnnounced(sideStore));
  expect(await counts()).toStrictEqual([0, 0, 0, 0]);
  const announced = { optOut: 'yes', effectiveAt: '2026-03-10T00:00:00.000Z' } as const;
  for (const feature of ['acme.a', 'acme.b']) await city.gate.notice({ feature, ...announced });
  await city.gate.notice({ feature: 'acme', kind: 'contract', endsAt: '2026-12-31' });
  await city.until('2026-03-09T12:00:00.000Z');
  expect(await counts()).toStrictEqual([2, 0, 0, 0]);
  await city.until('2026-03-10T12:00:00.000Z');
  expect(await counts()).toStrictEqual([2, 0, 0, 2]);
  await city.report({ features: { 'acme.a': false } });
  await city.until('2026-03-11T12:00:00.000Z');
  expect(await counts()).toStrictEqual([2, 0, 0, 1]);
  const before = await derivedIn(sideStore);
  await refoldDerived(city.ports);
  expect(await derivedIn(sideStore)).toStrictEqual(before);
});
