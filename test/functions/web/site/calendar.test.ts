import { beforeAll, expect, test } from 'vitest';
import { driftCase, putCase } from '../../register/derived/derivedCity.ts';
import { cityForAll } from './support/city.ts';
import { readCalendar, readXml } from './support/readers.ts';

const city = cityForAll();
beforeAll(async () => {
  const contract = await city.notify({ kind: 'contract', title: 'Contract', endsAt: '2026-12-31', effectiveAt: '2026-03-20' });
  await city.approve(contract);
  const vetoed = await city.notify({ feature: 'acme.alerts', title: 'Alerts' });
  await city.certify(vetoed);
  await city.sign(vetoed, { decision: 'refuse' });
  const waiting = await city.notify({ feature: 'acme.search', title: 'Search' });
  await city.certify(waiting);
  await city.notify({ feature: 'other.portal', title: 'A portal', effectiveAt: '2026-06-01T00:00:00Z' });
});

type Dates = readonly (readonly [string, string, string])[];

const dates = async (query = ''): Promise<Dates> => {
  const { items } = (await (await city.get(`/calendar?format=json${query}`)).json()) as {
    items: { at: string; what: string; change: string }[];
  };
  return items.map(({ at, what, change }) => [at, what, change]);
};

test('every kind of date, soonest first', async () => {
  expect(await dates()).toEqual([
    ['2026-03-08T14:00:00.000Z', 'deadline', 'acme.search/1'],
    ['2026-03-20T06:00:00.000Z', 'effective', 'acme/1'],
    ['2026-04-01T00:00:00.000Z', 'effective', 'acme.alerts/1'],
    ['2026-04-01T00:00:00.000Z', 'effective', 'acme.search/1'],
    ['2026-04-02T14:00:00.000Z', 'vetoEnds', 'acme.alerts/1'],
    ['2026-06-01T00:00:00.000Z', 'effective', 'other.portal/1'],
    ['2026-06-01T14:00:00.000Z', 'lapses', 'acme.search/1'],
    ['2026-06-01T14:00:00.000Z', 'lapses', 'other.portal/1'],
    ['2027-01-01T07:00:00.000Z', 'expires', 'acme/1'],
  ]);
});

test('page by page', async () => {
  const all = await dates();
  const first = (await (await city.get('/calendar?format=json&limit=4')).json()) as { next: string };
  expect(await dates(`&cursor=${first.next}`)).toEqual(all.slice(4));
});

test('the calendar to subscribe to: one event a date, the same names the next time', async () => {
  const file = async () => readCalendar(await city.page('/calendar.ics'));
  const uids = async () => (await file()).flatMap(([name, value]) => (name === 'UID' ? [value] : []));
  const first = await uids();
  expect(first).toHaveLength((await dates()).length);
  expect(new Set(first).size).toBe(first.length);
  expect(await uids()).toEqual(first);
  expect(await file()).toContainEqual(['SUMMARY', 'Last day for the mayor: Search']);
  const long = await city.notify({ feature: 'acme.long', title: 'Ω'.repeat(150) });
  expect(await file()).toContainEqual(['SUMMARY', `Lapses without a decision: ${'Ω'.repeat(150)}`]);
  expect(long.status).toBe('pending');
});

test('the feed: each entry has an address of its own that stays', async () => {
  const all = await city.page('/feed.atom');
  const ids = [...all.matchAll(/<entry><id>([^<]*)/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(readXml(all).elements.slice(0, 4)).toEqual(['feed', 'title', 'id', 'updated']);
  expect(ids).toContain('https://gate.example/changes/other.portal/1/revision-1');
  expect(ids).toContain('https://gate.example/changes/acme/1/approved');
  expect(all).toContain('<id>https://gate.example/feed.atom</id>');
  const times = [...all.matchAll(/<updated>([^<]*)/g)].map(([, at]) => at ?? '');
  expect(times.toSorted().toReversed()[0]).toBe(times[0]);
});

test('the feed: each case of drift when it opened and when it closed', async () => {
  const given = { since: '2026-03-01T08:00:00.000Z', openedAt: '2026-03-02T08:00:00.000Z' };
  await putCase(city.ports.sideStore, 'other.portal', driftCase({ ...given, kind: 'version' }));
  const over = { ...given, until: '2026-03-03T07:00:00.000Z', closedAt: '2026-03-03T08:00:00.000Z' };
  await putCase(city.ports.sideStore, 'acme.ghost', driftCase({ ...over, kind: 'never-announced' }));
  const entries = (feed: string) =>
    [
      ...feed.matchAll(
        /<entry><id>https:\/\/gate\.example([^<]*)<\/id><title>([^<]*)<\/title><updated>([^<]*)<.*?href="([^"]*)".*?>([^<]*)<\/summary>/g,
      ),
    ]
      .map(([, ...parts]) => parts)
      .filter(([id]) => id?.includes('/on-without-permission/'));
  const path = '/features/acme.ghost';
  const [portal, closed, opened] = [
    [
      '/features/other.portal/on-without-permission/2026-03-02T08:00:00.000Z/opened',
      'A portal',
      '2026-03-02T08:00:00.000Z',
      'https://gate.example/features/other.portal',
      'Seen on at the vendor in another version than the city allows: A portal (other.portal)',
    ],
    [
      `${path}/on-without-permission/2026-03-02T08:00:00.000Z/closed`,
      'acme.ghost',
      '2026-03-03T08:00:00.000Z',
      `https://gate.example${path}`,
      'No longer on without permission: acme.ghost (acme.ghost)',
    ],
    [
      `${path}/on-without-permission/2026-03-02T08:00:00.000Z/opened`,
      'acme.ghost',
      '2026-03-02T08:00:00.000Z',
      `https://gate.example${path}`,
      'Seen on at the vendor, which never announced it: acme.ghost (acme.ghost)',
    ],
  ];
  expect(entries(await city.page('/feed.atom'))).toEqual([closed, opened, portal]);
  expect(await city.page('/feed.atom?lang=es')).toContain(
    'Visto encendido en el proveedor en otra versión que la que la ciudad permite: A portal (other.portal)',
  );
});
