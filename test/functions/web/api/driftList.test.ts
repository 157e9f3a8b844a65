import { expect, test } from 'vitest';
import { CaseJson } from '../../../../functions/register/views/observedJson.ts';
import { type Known, noon, putKnown } from '../site/support/cases.ts';
import { story } from './story.ts';
import { get, notified } from './world.ts';

const KNOWN: readonly Known[] = [
  {
    key: 'acme',
    cases: [
      { since: noon('2026-01-05'), until: noon('2026-01-09'), closedAt: noon('2026-01-09'), closedBy: { change: 1 } },
      { since: noon('2026-01-20') },
    ],
  },
  { key: 'acme.ghost', cases: [{ since: noon('2026-02-01'), kind: 'never-announced' }] },
];

const opened = async () => {
  const { world, acme } = await story();
  await putKnown(world.deps, KNOWN);
  const list = async (query = '', scope = 'state:read') => get(world, `/v1/drift${query}`, await world.token(scope));
  const items = async (query = '') => ((await list(query)).body as { readonly items: readonly CaseJson[] }).items;
  return { world, acme, list, items };
};

test('lists what was seen on beyond what is approved, what is open first, with its days and its title', async () => {
  const { world, acme, items } = await opened();
  const { body } = await notified(world, acme);
  expect(body.change).toBe('acme/1');
  const all = await items();
  for (const item of all) expect(CaseJson.parse(item)).toStrictEqual(item);
  expect(all.map(({ key, since, until }) => [key, since, until])).toStrictEqual([
    ['acme.ghost', noon('2026-02-01'), null],
    ['acme', noon('2026-01-20'), null],
    ['acme', noon('2026-01-05'), noon('2026-01-09')],
  ]);
  expect(all.map(({ title }) => title === null)).toStrictEqual([true, false, false]);
  const [, open, past] = all;
  expect([past?.days, past?.closedBy, open?.closedBy]).toStrictEqual([5, { change: 'acme/1' }, null]);
  expect(past?.daysOfKey).toBe((open?.days ?? 0) + 5);
});

test('only what is open or over, a page at a time, by either scope and no other', async () => {
  const { list, items } = await opened();
  expect((await items('?open=true')).map(({ key }) => key)).toStrictEqual(['acme.ghost', 'acme']);
  expect((await items('?open=false')).map(({ key }) => key)).toStrictEqual(['acme']);
  const first = await list('?limit=2', 'observe');
  const { next } = first.body as { readonly next: string };
  expect(await list(`?cursor=${next}`, 'observe')).toMatchObject({
    body: { items: [{ since: noon('2026-01-05') }], next: null },
  });
  expect(await list('?cursor=%21')).toMatchObject({ status: 400 });
  expect(await list('?open=perhaps')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/open' }] } });
  expect(await list('', 'notice')).toMatchObject({ status: 403 });
});
