import { beforeAll, expect, test } from 'vitest';
import { readFeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { walked } from '../../../support/walked.ts';
import { cityForAll, cityForTest, holdersWith } from './support/city.ts';

const KEYS = ['acme', 'acme.lpr', 'acme.lpr.search', 'acme.never'];
const SEARCH = 'acme.lpr.search';

const moments: string[] = [];
/** One moment between what happens, and the very moment of it. */
const mark = () => {
  for (const _ of ['of it', 'after it']) {
    moments.push(city.now());
    city.passDays(1);
  }
};

/** In effect at the vendor when it arrives, so that an approval replaces the one before at once. */
const approve = async (feature: string, title: string) => {
  const change = await city.notify({ feature, title, effectiveAt: '2026-03-01T00:00:00Z' });
  mark();
  const terms: Record<string, string> = feature === 'acme.lpr' ? { audience: 'Police' } : {};
  await city.certify(change, { meetingDate: city.now().slice(0, 10), ...terms });
  expect((await city.sign(change, terms)).status).toBe(303);
  mark();
  return change;
};

const city = cityForAll();
beforeAll(async () => {
  mark();
  await approve('acme', 'The contract');
  await approve('acme.lpr', 'Readers');
  await approve(SEARCH, 'Search');
  const second = await approve(SEARCH, 'Search, second');
  await city.post(`${await city.toMayor(second)}/revoke`, { reason: 'No.' });
  mark();
});

interface Page {
  readonly items: readonly { readonly key: string; readonly title: string | null }[];
  readonly next: string | null;
}
const listAt = async (at: string, query = ''): Promise<Page['items']> =>
  (await walked((cursor) => city.json<Page>(`/?format=json&at=${at}${query}${cursor && `&cursor=${cursor}`}`))).flat();

test('the list of a past day is what the answers of that day are, key by key, page by page, too', async () => {
  for (const at of moments) {
    const all = await listAt(at);
    expect(await listAt(at, '&limit=1')).toEqual(all);
    const items = new Map(all.map((item) => [item.key, item]));
    for (const key of KEYS) {
      const answer = await readFeatureJson(city.ports, key, { context: {}, at });
      const { title: _, ...listed } = items.get(key) ?? { title: null };
      if (items.has(key)) expect(listed, `${key} at ${at}`).toEqual(answer);
      else expect(answer, `${key} at ${at}`).toMatchObject({ status: 'unknown', change: null });
    }
  }
});

test('what came later changes nothing: not the state, not the name', async () => {
  const before = await Promise.all(moments.map((at) => listAt(at)));
  await approve(SEARCH, 'Search, third');
  await city.notify({ feature: 'acme.never', title: 'Never before' });
  expect(await Promise.all(before.map((_, index) => listAt(moments[index] ?? '')))).toEqual(before);
  const titles = before.map((items) => items.find(({ key }) => key === SEARCH)?.title);
  expect([...new Set(titles)]).toEqual([undefined, 'Search', 'Search, second']);
});

test('the pages name their day and show what was known on it', async () => {
  const [begun, revoked] = [moments[0], moments[17]];
  const register = await city.page(`/?at=${moments[5]}`);
  expect(register).toContain('As it was known on <time');
  expect(register).not.toContain('role="search"');
  expect(register).toMatch(/<h2><a href="\/vendors\/acme"><bdi[^>]*>Acme Cameras</);
  await city.shows(`/?at=${begun}`, 'Nothing was known by then.');
  await city.shows(`/features/${SEARCH}?at=${revoked}`, 'Search, second');
  await city.hides(`/features/${SEARCH}?at=${revoked}`, 'Search, third');
  await city.hides(`/features/${SEARCH}?at=${begun}`, 'Search, second');
});

test.each(['/', '/features/acme'])('%s: nobody knows the future', async (path) => {
  const page = await city.get(`${path}?at=2030-01-01`);
  expect(page.status).toBe(400);
  expect(await page.text()).toContain('That day has not come yet');
  expect((await city.get(`${path}?at=${city.now().slice(0, 10)}`)).status).toBe(200);
});

test('a day is asked for at its last moment: without what begins with the next, with what ends with it', async () => {
  const ofDays = await cityForTest();
  await ofDays.approve(await ofDays.notify({ effectiveAt: '2026-03-01' }), { from: '2026-03-06', until: '2026-03-07' });
  ofDays.passDays(20);
  const on = async (day: string) => {
    const { status } = await ofDays.json<{ status: string }>(`/features/acme?format=json&at=${day}`);
    await ofDays.says(`/?at=${day}`, `March ${Number(day.slice(-2))}, 2026 this was on`);
    return status;
  };
  expect(await on('2026-03-05')).toBe('scheduled');
  expect(await on('2026-03-06')).toBe('enabled');
  expect(await on('2026-03-07')).toBe('enabled');
  expect(await on('2026-03-08')).toBe('expired');
});

test('a long history goes on behind its newest part, also of one instant: no vendor sends an act out of sight', async () => {
  const city = await cityForTest();
  await city.notify();
  for (let n = 2; n <= 101; n += 1) await city.notify({ revises: 1, summary: `Words ${n}.` });
  const [page, first] = [await city.page('/features/acme?lang=en'), 'sent notice of change 1:'];
  expect(page).not.toContain(first);
  const [, link = ''] = /<a href="([^"]*history=[^"]*)">/.exec(page) ?? [];
  expect(link).toContain('lang=en');
  await city.shows(link.replaceAll('&amp;', '&'), first);
});

const NEW_MAYOR = { name: 'The Next Mayor', email: 'next@city.example' };

test.each([
  ['has left', 'next'],
  ['has left, and the id stands for somebody else', 'hm'],
])('who acted is named as on the day of the act, once that person %s', async (_, id) => {
  const city = await cityForTest();
  const change = await city.notify();
  await city.certify(change, { mover: 'district-1' });
  await city.sign(change);
  const page = await city.text('/changes/acme/1');
  const feature = await city.text('/features/acme');
  const { approvals } = await readFeatureJson(city.ports, 'acme', { context: {} });
  for (const text of [page, feature]) expect(text).toContain('The Mayor signed');
  expect(approvals.map(({ name }) => name)).toEqual(['The City Clerk', 'The Mayor']);
  city.passDays(1);
  const holders = holdersWith('hm', { ...NEW_MAYOR, id }).filter((each) => each.id !== 'h1');
  await city.replaceHolders(holders, 'h2', 'clerk');
  const roles = (text: string) => text.match(/The (?:Next )?Mayor signed|Moved by [^.]*|Council member, District \d \w+/g) ?? [];
  await city.says('/rules', NEW_MAYOR.name);
  expect(roles(await city.text('/changes/acme/1'))).toEqual(roles(page));
  await city.says(`/features/acme?at=${new Date(Date.parse(city.now()) - 86_400_000).toISOString()}`, 'The Mayor signed');
  expect((await readFeatureJson(city.ports, 'acme', { context: {} })).approvals).toEqual(approvals);
});
