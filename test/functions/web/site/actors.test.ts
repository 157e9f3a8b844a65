import { expect, test } from 'vitest';
import { readFeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { cityForTest, ROSTER } from './support/city.ts';

const NEW_MAYOR = { name: 'The Next Mayor', email: 'next@city.example' };

test.each([
  ['has left', (id: string) => id !== 'hm' && id !== 'h1', { id: 'next' }],
  ['has left, and the id stands for somebody else', (id: string) => id !== 'hm' && id !== 'h1', { id: 'hm' }],
] as const)('who acted is named as on the day of the act, once that person %s', async (_, stays, next) => {
  const city = await cityForTest();
  const change = await city.notify();
  await city.certify(change, { mover: 'district-1' });
  await city.sign(change);
  const page = await city.text('/changes/acme/1');
  const proof = await city.text(`/features/acme/proof?at=${city.now()}`);
  const { approvals } = await readFeatureJson(city.ports, 'acme', { context: {} });
  for (const text of [page, proof]) expect(text).toContain('The Mayor signed');
  expect(approvals.map(({ name }) => name)).toEqual(['The City Clerk', 'The Mayor']);
  city.passDays(1);
  const mayor = ROSTER.holders.find(({ id }) => id === 'hm');
  const others = ROSTER.holders.filter(({ id }) => stays(id));
  await city.replaceHolders([...others, { ...mayor, ...NEW_MAYOR, ...next }], 'h2', 'clerk');
  const roles = (text: string): string[] =>
    text.match(/The (?:Next )?Mayor signed|Moved by [^.]*|Council member, District \d \w+/g) ?? [];
  expect(await city.text('/rules')).toContain(NEW_MAYOR.name);
  expect(roles(await city.text('/changes/acme/1'))).toEqual(roles(page));
  expect(await city.text(`/features/acme/proof?at=${new Date(Date.parse(city.now()) - 86_400_000).toISOString()}`)).toContain(
    'The Mayor signed',
  );
  expect((await readFeatureJson(city.ports, 'acme', { context: {} })).approvals).toEqual(approvals);
});
