import { beforeAll, expect, test } from 'vitest';
import { readFeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { walked } from '../../../support/walked.ts';
import { cityForAll } from './support/city.ts';

const KEYS = ['acme', 'acme.lpr', 'acme.lpr.search', 'acme.never'];

const moments: string[] = [];

/** In effect at the vendor when it arrives, so that an approval replaces the one before at once. */
const effectiveAt = '2026-03-01T00:00:00Z';

/** One moment between what happens, and the very moment of it. */
const mark = (): void => {
  moments.push(city.now());
  city.passDays(1);
  moments.push(city.now());
  city.passDays(1);
};

const approve = async (feature: string, title: string): Promise<void> => {
  const change = await city.notify({ feature, title, effectiveAt });
  mark();
  const terms: Record<string, string> = feature === 'acme.lpr' ? { audience: 'Police' } : {};
  const meetingDate = city.now().slice(0, 10);
  await city.certify(change, { meetingDate, ...terms });
  const signed = await city.sign(change, terms);
  expect(signed.status).toBe(303);
  mark();
};

const city = cityForAll();
beforeAll(async () => {
  mark();
  await approve('acme', 'The contract');
  await approve('acme.lpr', 'Readers');
  await approve('acme.lpr.search', 'Search');
  const second = await city.notify({ feature: 'acme.lpr.search', title: 'Search, second', effectiveAt });
  mark();
  const meetingDate = city.now().slice(0, 10);
  await city.certify(second, { meetingDate });
  await city.sign(second);
  mark();
  await city.post(`${await city.link('mayor', 'mayor', second)}/revoke`, { reason: 'No.' });
  mark();
});

interface Item {
  readonly key: string;
  readonly title: string | null;
}

interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const listAt = async (at: string, query = ''): Promise<readonly Item[]> => {
  const page = async (cursor: string) =>
    (await (await city.get(`/?format=json&at=${at}${query}${cursor && `&cursor=${cursor}`}`)).json()) as Page;
  return (await walked(page)).flat();
};

test('the list of a past day is what the answers of that day are, key by key', async () => {
  for (const at of moments) {
    const items = new Map((await listAt(at)).map((item) => [item.key, item]));
    for (const key of KEYS) {
      const answer = await readFeatureJson(city.ports, key, { context: {}, at });
      const { title: _, ...listed } = items.get(key) ?? { title: null };
      if (items.has(key)) expect(listed, `${key} at ${at}`).toEqual(answer);
      else expect(answer, `${key} at ${at}`).toMatchObject({ status: 'unknown', change: null });
    }
  }
});

test('page by page it is the same list', async () => {
  for (const at of moments) expect(await listAt(at, '&limit=1')).toEqual(await listAt(at));
});

test('what came later changes nothing: not the state, not the name', async () => {
  const before = await Promise.all(moments.map((at) => listAt(at)));
  const third = await city.notify({ feature: 'acme.lpr.search', title: 'Search, third', effectiveAt });
  const meetingDate = city.now().slice(0, 10);
  await city.certify(third, { meetingDate });
  await city.sign(third);
  await city.notify({ feature: 'acme.never', title: 'Never before' });
  expect(await Promise.all(moments.map((at) => listAt(at)))).toEqual(before);
  const titles = before.map((items) => items.find(({ key }) => key === 'acme.lpr.search')?.title);
  expect([...new Set(titles)]).toEqual([undefined, 'Search', 'Search, second']);
});

test('the pages name their day and show what was known on it', async () => {
  const at = moments[5] ?? '';
  const register = await city.page(`/?at=${at}`);
  expect(register).toContain('As it was known on <time');
  expect(register).not.toContain('role="search"');
  expect(await city.page(`/?at=${moments[0]}`)).toContain('Nothing was known by then.');
  expect(register).toMatch(/<h2><a href="\/vendors\/acme"><bdi[^>]*>Acme Cameras</);
  const feature = await city.page(`/features/acme.lpr.search?at=${moments.at(-3)}`);
  expect(feature).toContain('Search, second');
  expect(feature).not.toContain('Search, third');
  const early = await city.page(`/features/acme.lpr.search?at=${moments[0]}`);
  expect(early).not.toContain('Search, second');
  const proof = await city.page(`/features/acme/proof?at=${moments.at(-1)}`);
  expect(proof).toMatch(/<b>Yes\. On <time/);
  const second = await city.page(`/features/acme.lpr.search/proof?at=${moments.at(-3)}`);
  expect(second).toMatch(/<p><b><bdi[^>]*>Search, second</);
});

test.each(['/', '/features/acme', '/features/acme/proof'])('%s: nobody knows the future', async (path) => {
  const page = await city.get(`${path}?at=2030-01-01`);
  expect(page.status).toBe(400);
  expect(await page.text()).toContain('That day has not come yet');
  const today = city.now().slice(0, 10);
  expect((await city.get(`${path}?at=${today}`)).status).toBe(200);
});
