import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../../../../domain/derived/tasks.ts';
import { putTask } from '../../../../functions/register/derived/records.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { task } from '../../register/derived/given.ts';
import { type City, ORIGIN, openCity } from './support/city.ts';
import { readCalendar } from './support/readers.ts';

const DAY = (date: string): string => `2026-${date}T06:00:00.000Z`;
const acme = (over: Partial<Task>): Task => task({ key: 'acme.search', vendor: 'acme', change: 'acme.search/1', ...over });

const TASKS: readonly Task[] = [
  acme({ by: DAY('03-20'), how: 'In <Settings>, choose off.' }),
  acme({ kind: 'look', because: 'takes-effect', by: DAY('06-01') }),
  acme({ key: 'acme', kind: 'switch-off', because: 'ends', by: DAY('05-01'), change: null, digest: null, below: 2 }),
  acme({ kind: 'look', key: null, source: 'nightly check', because: 'silent', change: null, digest: null, by: DAY('03-11') }),
  acme({
    key: 'acme.unannounced',
    kind: 'switch-off',
    because: 'never-announced',
    urgent: true,
    by: null,
    change: null,
    digest: null,
  }),
  acme({ kind: 'switch-off', because: 'seen-on-for-others', agencies: ['County'], urgent: true, by: '2026-03-02T07:00:00.000Z' }),
  acme({ kind: 'switch-on', because: 'approved', by: null, agencies: ['Police'] }),
  acme({ key: 'other.x', vendor: 'other', change: 'other.x/1', by: DAY('03-25') }),
];

interface Item {
  readonly at: string;
  readonly what: string;
  readonly key: string | null;
  readonly title: string;
  readonly because?: string;
}
interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const calendarOf =
  (city: City) =>
  async (query = ''): Promise<Page> =>
    (await (await city.get(`/calendar?format=json${query}`)).json()) as Page;
const shown = ({ items }: Page) => items.map(({ at, what, key, title }) => `${at.slice(5, 10)} ${what} ${key ?? '-'}: ${title}`);

const open = async (): Promise<City> => {
  const city = await openCity();
  onTestFinished(city.close);
  await city.notify({ feature: 'acme', kind: 'contract', title: 'The contract', endsAt: '2026-12-31' });
  await city.notify({ feature: 'acme.search', title: 'Search' });
  for (const each of TASKS) await putTask(city.ports.sideStore, each);
  return city;
};

const DUE = [
  '03-11 look -: nightly check',
  '03-20 optOut acme.search: Search',
  '03-25 optOut other.x: other.x',
  '04-01 effective acme.search: Search',
  '04-01 effective acme: The contract',
  '05-01 switchOff acme: The contract',
  '06-01 look acme.search: Search',
  '06-01 lapses acme.search: Search',
  '06-01 lapses acme: The contract',
];

describe('the calendar', () => {
  test('shows by when the city has to do what among the dates, soonest first; what is urgent or may go on is no date', async () => {
    const city = await open();
    const calendar = calendarOf(city);
    expect(shown(await calendar())).toStrictEqual(DUE);
    expect((await calendar()).items[1]).toStrictEqual({
      at: DAY('03-20'),
      what: 'optOut',
      because: 'announced',
      key: 'acme.search',
      change: 'acme.search/1',
      title: 'Search',
      body: null,
      bodies: [],
      since: '2026-01-01T00:00:00.000Z',
    });
    expect(shown(await calendar('&vendor=other'))).toStrictEqual(['03-25 optOut other.x: other.x']);
    expect(shown(await calendar('&body=council')).filter((line) => /optOut|look|switchOff/.test(line))).toStrictEqual([]);
    city.passDays(20);
    expect(shown(await calendar())).toStrictEqual(DUE.slice(2));
  });

  test('goes on page by page, whatever stands at one instant', async () => {
    const city = await open();
    for (const n of [1, 2, 3, 4, 5])
      await putTask(city.ports.sideStore, acme({ key: `acme.f${n}`, change: `acme.f${n}/1`, by: DAY('04-01') }));
    await putTask(city.ports.sideStore, acme({ key: 'acme.g', change: 'acme.g/1', by: '2026-04-01T00:00:00.000Z' }));
    const calendar = calendarOf(city);
    const all = shown(await calendar());
    expect(all).toHaveLength(DUE.length + 6);
    for (const limit of [1, 2, 3, 7]) {
      const found: string[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const page: Page = await calendar(`&limit=${limit}${next === '' ? '' : `&cursor=${next}`}`);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...shown(page));
        next = found.length > all.length ? null : page.next;
      }
      expect(found, `${limit} a page`).toStrictEqual(all);
    }
    const wrong = Buffer.from('a\nb\nc').toString('base64url');
    expect((await city.get(`/calendar?format=json&cursor=${wrong}`)).status).toBe(400);
  });

  test('begins with what is to do now, in both languages', async () => {
    const city = await open();
    const text = async (query: string) =>
      /<h1>.*<table class="dates">.*?<\/table>/s
        .exec(await city.page(`/calendar?${query}`))?.[0]
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .replaceAll(' .', '.');
    const english = await text('lang=en');
    expect(english).toContain('To do now');
    expect(english).toContain(
      'Switch it off at the vendor Search acme.search/1 This is overdue. By the end of Sunday, March 1, 2026. It was seen on for more than those who may use it. Switch it off for County.',
    );
    expect(english).toContain('Switch it off at the vendor acme.unannounced acme.unannounced No day is set. It was seen on.');
    expect(english).toContain('The end of Thursday, March 19, 2026 Opt out at the vendor The vendor says it will come.');
    expect(english).not.toContain('may be switched on');
    const spanish = await text('lang=es');
    for (const each of [
      'Hay que hacerlo ya',
      'Está atrasado',
      'Hay que apagarlo para County',
      'Excluir a la ciudad en el proveedor',
    ])
      expect(spanish).toContain(each);
    expect(await text('lang=en&vendor=other')).not.toContain('To do now');
    expect(await text('lang=en&body=council')).not.toContain('To do now');
    for (let n = 0; n < 20; n += 1)
      await putTask(city.ports.sideStore, acme({ kind: 'switch-off', key: `acme.u${n}`, urgent: true, by: DAY('03-01') }));
    expect(await text('lang=en')).toContain('There is more to do now than fits here.');
  });

  test('to subscribe to names each task by what it is, also when its day moves', async () => {
    const city = await open();
    const file = async () => readCalendar(await city.page('/calendar.ics'));
    const uids = async () => (await file()).flatMap(([name, value]) => (name === 'UID' ? [value] : []));
    const first = await uids();
    expect(first).toHaveLength(DUE.length);
    expect(new Set(first).size).toBe(DUE.length);
    expect(await file()).toContainEqual(['SUMMARY', 'Opt out at the vendor: Search']);
    expect(await file()).toContainEqual(['SUMMARY', 'Look at the vendor what is on: nightly check']);
    expect(await city.page('/calendar.ics')).toContain(`URL:${ORIGIN}/vendors/acme`);
    await putTask(city.ports.sideStore, acme({ by: DAY('03-21') }));
    expect(new Set(await uids())).toStrictEqual(new Set(first));
  });
});

describe('of ten times as many tasks', () => {
  let asked: (readonly [kind: string, limit: number | undefined])[] = [];
  let get: (path: string) => Promise<Response>;

  beforeAll(async () => {
    const city = await openCity();
    for (let n = 0; n < 1_000; n += 1)
      await putTask(
        city.ports.sideStore,
        acme({ key: `acme.f${n}`, change: `acme.f${n}/1`, urgent: n % 2 === 0, by: DAY('04-01') }),
      );
    const sideStore = {
      ...city.ports.sideStore,
      list: (...[kind, prefix, range]: Parameters<City['ports']['sideStore']['list']>) => {
        asked.push([kind, range?.limit]);
        return city.ports.sideStore.list(kind, prefix, range);
      },
    };
    const app = siteApp({ ...city.deps, ports: { ...city.ports, sideStore } });
    get = async (path) => app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } });
    return city.close;
  });

  test.each(['/calendar', '/calendar?format=json&limit=5'])('%s reads as many as it shows', async (path) => {
    asked = [];
    expect((await get(path)).status).toBe(200);
    const limits = asked.flatMap(([kind, limit]) => (kind === 'derived-task' ? [limit] : []));
    expect(limits).toStrictEqual(path.includes('json') ? [6] : [51, 22]);
  });
});
