import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { ANNOUNCED, DERIVED } from '../../../../functions/register/derived/records.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { walked } from '../../../support/walked.ts';
import { keyRecord, putKeyRecord, putTask, task } from '../../register/derived/derivedCity.ts';
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
const shown = ({ items }: Pick<Page, 'items'>) =>
  items.map(({ at, what, key, title }) => `${at.slice(5, 10)} ${what} ${key ?? '-'}: ${title}`);

const open = async (): Promise<City> => {
  const city = await openCity();
  onTestFinished(city.close);
  await city.notify({ feature: 'acme', kind: 'contract', title: 'The contract', endsAt: '2026-12-31' });
  await city.notify({ feature: 'acme.search', title: 'Search' });
  for (const each of TASKS) await putTask(city.ports.sideStore, each);
  return city;
};

const OVERDUE = ['03-02 switchOff acme.search: Search'];
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
  test('has what must be done by an instant before what comes at it: its last day is the day before', async () => {
    const city = await open();
    const at = (await calendarOf(city)()).items.find(({ what }) => what === 'effective')?.at ?? expect.fail();
    await putTask(city.ports.sideStore, acme({ key: 'acme.soon', change: 'acme.soon/1', by: at }));
    const { items } = await calendarOf(city)();
    expect(items.filter((item) => item.at === at).map(({ what }) => what)).toStrictEqual(['optOut', 'effective', 'effective']);
  });

  test('shows by when the city has to do what among the dates, soonest first, and what is overdue until it is done; what may go on is no date', async () => {
    const city = await open();
    const calendar = calendarOf(city);
    expect(shown(await calendar())).toStrictEqual([...OVERDUE, ...DUE]);
    expect((await calendar()).items[2]).toStrictEqual({
      at: DAY('03-20'),
      what: 'optOut',
      because: 'announced',
      key: 'acme.search',
      change: 'acme.search/1',
      title: 'Search',
      body: null,
      since: '2026-01-01T00:00:00.000Z',
    });
    expect(await city.page('/calendar?format=csv')).toContain('"2026-03-02T07:00:00.000Z","switchOff","acme.search/1"');
    city.passDays(20);
    expect(shown(await calendar())).toStrictEqual([...OVERDUE, ...DUE]);
  });

  test('goes on page by page, whatever stands at one instant', async () => {
    const city = await open();
    for (const n of [1, 2, 3, 4, 5])
      await putTask(city.ports.sideStore, acme({ key: `acme.f${n}`, change: `acme.f${n}/1`, by: DAY('04-01') }));
    await putTask(city.ports.sideStore, acme({ key: 'acme.g', change: 'acme.g/1', by: '2026-04-01T00:00:00.000Z' }));
    const calendar = calendarOf(city);
    await putTask(city.ports.sideStore, acme({ kind: 'look', key: 'acme.u', urgent: true, by: '2026-03-02T07:00:00.000Z' }));
    const all = shown(await calendar());
    expect(all).toHaveLength(OVERDUE.length + DUE.length + 7);
    for (const limit of [1, 2, 3, 7]) {
      const pages = await walked((cursor) => calendar(`&limit=${limit}${cursor && `&cursor=${cursor}`}`));
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      expect(shown({ items: pages.flat() }), `${limit} a page`).toStrictEqual(all);
    }
    const wrong = Buffer.from('a\nb\nc').toString('base64url');
    expect((await city.get(`/calendar?format=json&cursor=${wrong}`)).status).toBe(400);
  });

  test('begins with what is to do now', async () => {
    const city = await open();
    const urgent = async () =>
      /<section aria-labelledby="urgent-heading">.*?<\/section>/s
        .exec(await city.page('/calendar'))?.[0]
        .replaceAll(/<[^>]+>/g, ' ');
    const text = (await urgent()) ?? '';
    for (const said of ['Search', 'acme.search/1', 'Sunday, March 1, 2026', 'County', 'acme.unannounced'])
      expect(text).toContain(said);
    expect(text).not.toContain('may be switched on');
    for (let n = 0; n < 20; n += 1)
      await putTask(city.ports.sideStore, acme({ kind: 'switch-off', key: `acme.u${n}`, urgent: true, by: DAY('03-01') }));
    expect((await urgent())?.match(/acme\.u\d+\b/g)).not.toHaveLength(40);
    expect(await city.page('/calendar')).toContain('There is more to do now than fits here.');
  });

  test('to subscribe to names each task by what it is, also when its day moves', async () => {
    const city = await open();
    const file = async () => readCalendar(await city.page('/calendar.ics'));
    const uids = async () => (await file()).flatMap(([name, value]) => (name === 'UID' ? [value] : []));
    const first = await uids();
    expect(first).toHaveLength(OVERDUE.length + DUE.length);
    expect(new Set(first).size).toBe(first.length);
    expect(await file()).toContainEqual(['SUMMARY', 'Switch it off at the vendor: Search']);
    expect(await file()).toContainEqual(['SUMMARY', 'Opt out at the vendor: Search']);
    expect(await file()).toContainEqual(['SUMMARY', 'Check at the vendor what is on: nightly check']);
    expect(await city.page('/calendar.ics')).toContain(`URL:${ORIGIN}/vendors/acme`);
    await putTask(city.ports.sideStore, acme({ by: DAY('03-21') }));
    expect(new Set(await uids())).toStrictEqual(new Set(first));
    city.passDays(30);
    expect(await file()).toContainEqual(['SUMMARY', 'Opt out at the vendor: Search']);
  });
});

describe('of two hundred tasks', () => {
  let asked: (readonly [kind: string, limit: number | undefined])[] = [];
  let get: (path: string) => Promise<Response>;

  beforeAll(async () => {
    const city = await openCity();
    for (let n = 0; n < 200; n += 1)
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
    expect(limits).toStrictEqual(path.includes('json') ? [6, 6] : [51, 22]);
  });
});

describe('an opt-out that was recorded', () => {
  const EVIDENCE = { sha256: 'ab'.repeat(32), title: 'Screen of the <settings>' };
  const recorded = async (city: City, feature: string, evidence: typeof EVIDENCE | null = null) => {
    const { change, revision, digest } = await city.notify({
      feature,
      title: `About ${feature}`,
      optOutBy: '2026-03-20T06:00:00Z',
      withoutAction: 'on',
    });
    const [key = '', n = ''] = change.split('/');
    return async (): Promise<void> => {
      const caller = { name: 'it', person: 'hm' };
      const done = await recordOptOut(
        city.ports,
        {
          key,
          n: Number(n),
          revision,
          digest,
          note: 'Settings, AI',
          evidence,
          caller,
        },
        null,
      );
      expect(done).toMatchObject({ ok: true });
      await catchUp(city.ports, key);
    };
  };
  const open = async () => {
    const city = await openCity();
    onTestFinished(city.close);
    const record = [
      await recorded(city, 'acme.in-time'),
      await recorded(city, 'acme.late'),
      await recorded(city, 'acme.proven', EVIDENCE),
      await recorded(city, 'acme.never'),
    ];
    await record[0]?.();
    city.passDays(20);
    for (const each of record.slice(1, 3)) await each();
    return city;
  };
  const textOf = (page: string, from: string): string =>
    (page.split(from)[1] ?? '')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(' .', '.');

  test('stands beside the vendor’s day in the calendar, in both languages', async () => {
    const city = await open();
    const { items } = await calendarOf(city)();
    const standing = items.flatMap(({ what, key, ...date }) =>
      what === 'effective' ? [[key, 'optedOut' in date ? date.optedOut : null]] : [],
    );
    expect(Object.fromEntries(standing)).toStrictEqual({
      'acme.in-time': 'counts',
      'acme.late': 'late',
      'acme.proven': 'claimed',
      'acme.never': null,
    });
    const table = textOf(await city.page('/calendar'), '<table class="dates">');
    const said = ['The city opted out.', 'Two people must confirm it.', 'too late.', 'It turns nothing on'];
    for (const [index, key] of ['in-time', 'proven', 'late', 'never'].entries())
      expect(table).toContain(`${said[index]} About acme.${key}`);
    expect(await city.page('/calendar?format=csv')).toContain('"counts"');
    expect(await city.page('/calendar.ics')).toContain('DESCRIPTION:acme.in-time/1\\nThe city opted out.');
  });

  test('stands on the page of its feature with who recorded it and the proof, beside what is to do', async () => {
    const city = await open();
    const page = async (key: string, query = '') =>
      textOf(await city.page(`/features/${key}?${query}`), '>What the city has to do<');
    expect(await page('acme.in-time')).toContain('This was recorded on March 3, 2026 at 8:00 AM by The Mayor.');
    expect(await page('acme.late')).toContain('on March 23, 2026 at 9:00 AM by The Mayor. That was too late');
    expect(await page('acme.proven')).toContain('Its proof: Screen of the &lt;settings&gt;. abab');
    expect(await page('acme.never')).toBe('');
    await putKeyRecord(
      city.ports.sideStore,
      keyRecord({
        key: 'acme.never',
        tasks: [
          task({
            key: 'acme.never',
            vendor: 'acme',
            change: 'acme.never/1',
            by: DAY('03-20'),
            how: 'In <Settings>',
            urgent: true,
          }),
          task({
            key: 'acme.never',
            vendor: 'acme',
            change: null,
            kind: 'switch-on',
            because: 'approved',
            by: null,
            agencies: ['Police'],
            below: 2,
          }),
        ],
      }),
    );
    const told = await page('acme.never');
    for (const said of [
      'acme.never/1',
      'Thursday, March 19, 2026',
      'In &lt;Settings&gt;',
      'For Police only.',
      '2 entries beneath it',
    ])
      expect(told).toContain(said);
    expect(await page('acme.never', 'at=2026-03-04')).toBe('');
  });
});

test('the numbers count what was announced, opted out in time and too late, and never looked at', async () => {
  const city = await openCity();
  onTestFinished(city.close);
  const counts = { announced: 12, optedOut: 5, late: 2, neverLooked: 3 };
  const rows = async () =>
    [...(await city.page('/numbers')).matchAll(/<tr><th scope="row">([^<]+)<\/th><td>(\d+)<\/td>/g)].map(
      ([, what, count]) => `${what}: ${count}`,
    );
  const json = async () => (await (await city.get('/numbers?format=json')).json()) as { announced?: unknown };
  expect((await json()).announced).toStrictEqual({ announced: 0, optedOut: 0, late: 0, neverLooked: 0 });
  await city.ports.sideStore.put(DERIVED.figures, ANNOUNCED, counts);
  expect((await json()).announced).toStrictEqual(counts);
  expect((await rows()).map((row) => row.split(': ')[1])).toEqual(expect.arrayContaining(['12', '5', '2', '3']));
  expect(await city.page('/numbers?format=csv')).toContain('"changes.neverLooked","3"');
});
