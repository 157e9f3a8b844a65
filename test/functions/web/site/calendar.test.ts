import { beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { ANNOUNCED, DERIVED } from '../../../../functions/register/derived/records.ts';
import { walked } from '../../../support/walked.ts';
import { driftCase, putCase, putTask, task } from '../../register/derived/derivedCity.ts';
import { type City, cityForAll, cityForEach, cityForTest, ORIGIN } from './support/city.ts';
import { readCalendar, readXml } from './support/readers.ts';

interface Item {
  readonly at: string;
  readonly what: string;
  readonly key: string | null;
  readonly change: string | null;
  readonly title: string;
}

const calendarOf = (city: City, query = '') =>
  city.json<{ items: readonly Item[]; next: string | null }>(`/calendar?format=json${query}`);
const fileOf = async (city: City) => readCalendar(await city.page('/calendar.ics'));
const namesOf = async (city: City) => (await fileOf(city)).flatMap(([name, value]) => (name === 'UID' ? [value] : []));

describe('what is decided', () => {
  const city = cityForAll();
  beforeAll(async () => {
    await city.approve(
      await city.notify({ kind: 'contract', title: 'Contract', endsAt: '2026-12-31', effectiveAt: '2026-03-20' }),
    );
    const vetoed = await city.notify({ feature: 'acme.alerts', title: 'Alerts' });
    await city.certify(vetoed);
    await city.refuse(vetoed);
    await city.certify(await city.notify({ feature: 'acme.search', title: 'Search' }));
    await city.notify({ feature: 'other.portal', title: 'A portal', effectiveAt: '2026-06-01T00:00:00Z', endsAt: '2026-05-31' });
  });

  test('every kind of date, soonest first, page by page, too', async () => {
    const dates = async (query = '') => (await calendarOf(city, query)).items.map(({ at, what, change }) => [at, what, change]);
    const all = [
      ['2026-03-08T14:00:00.000Z', 'deadline', 'acme.search/1'],
      ['2026-03-20T06:00:00.000Z', 'effective', 'acme/1'],
      ['2026-04-01T00:00:00.000Z', 'effective', 'acme.alerts/1'],
      ['2026-04-01T00:00:00.000Z', 'effective', 'acme.search/1'],
      ['2026-04-02T14:00:00.000Z', 'vetoEnds', 'acme.alerts/1'],
      ['2026-06-01T00:00:00.000Z', 'effective', 'other.portal/1'],
      ['2026-06-01T06:00:00.000Z', 'lapses', 'other.portal/1'],
      ['2027-01-01T07:00:00.000Z', 'expires', 'acme/1'],
    ];
    expect(await dates()).toEqual(all);
    // What ends at midnight stands on the day that it ends.
    const starts = (await fileOf(city)).flatMap(([name, value]) => (name === 'DTSTART' ? [value] : []));
    expect(starts.slice(-3)).toEqual(['20260601T000000Z', '20260531', '20261231']);
    const { next } = await calendarOf(city, '&limit=4');
    expect(await dates(`&cursor=${next}`)).toEqual(all.slice(4));
    await city.shows(
      '/calendar?lang=es',
      '>El viernes 20 de marzo de 2026 a las 00:00<',
      '>El jueves 2 de abril de 2026 a las 08:00<',
    );
  });

  test('without a policy nobody has a last day, and what ends undecided lapses', async () => {
    const own = await cityForTest({ policy: null });
    await own.notify({ feature: 'acme.maps', endsAt: '2026-05-31' });
    expect((await calendarOf(own)).items.at(-1)).toMatchObject({ at: '2026-06-01T06:00:00.000Z', what: 'lapses' });
  });

  test('the day of a removal, also after others that come later', async () => {
    const own = await cityForTest();
    const removal = (title: string, day: string) =>
      own.notify({ feature: 'acme.maps', kind: 'removal', title, effectiveAt: `${day}T00:00:00Z` });
    await removal('Away', '2026-05-01');
    for (const n of [1, 2, 3, 4]) await removal(`Away, too, ${n}`, '2026-05-02');
    const found = (await calendarOf(own)).items.filter(({ what }) => what === 'removed');
    expect(found).toMatchObject([{ at: '2026-05-01T00:00:00.000Z', change: 'acme.maps/1', title: 'Away' }]);
  });

  test('the feed: each entry has an address of its own that stays', async () => {
    const all = await city.page('/feed.atom');
    const ids = [...all.matchAll(/<entry><id>([^<]*)/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(readXml(all).elements.slice(0, 4)).toEqual(['feed', 'title', 'id', 'updated']);
    for (const entry of ['other.portal/1/revision-1', 'acme/1/approved']) expect(ids).toContain(`${ORIGIN}/changes/${entry}`);
    expect(all).toContain(`<id>${ORIGIN}/feed.atom</id>`);
    const times = [...all.matchAll(/<updated>([^<]*)/g)].map(([, at]) => at ?? '');
    expect(times.toSorted().at(-1)).toBe(times[0]);
  });

  test('the feed: each case of drift when it opened and when it closed', async () => {
    const [opened, closed] = ['2026-03-02T08:00:00.000Z', '2026-03-03T08:00:00.000Z'];
    const given = { since: '2026-03-01T08:00:00.000Z', openedAt: opened };
    await putCase(city.ports.sideStore, 'other.portal', driftCase({ ...given, kind: 'version' }));
    const over = { ...given, until: '2026-03-03T07:00:00.000Z', closedAt: closed };
    await putCase(city.ports.sideStore, 'acme.ghost', driftCase({ ...over, kind: 'never-announced' }));
    const entry = /<entry><id>([^<]*)<\/id><title>([^<]*)<\/title><updated>([^<]*)<.*?href="([^"]*)".*?>([^<]*)<\/summary>/g;
    const entries = [...(await city.page('/feed.atom')).matchAll(entry)]
      .map(([, ...parts]) => parts)
      .filter(([id]) => id?.includes('/on-without-permission/'));
    const expected = (key: string, title: string, at: string, summary: string, why = '') => {
      const page = `${ORIGIN}/features/${key}`;
      const event = at === opened ? 'opened' : 'closed';
      return [`${page}/on-without-permission/${opened}/${event}`, title, at, page, `${summary}: ${title} (${key})${why}`];
    };
    expect(entries).toEqual([
      expected('acme.ghost', 'acme.ghost', closed, 'No longer on without permission'),
      expected(
        'acme.ghost',
        'acme.ghost',
        opened,
        'On without permission',
        '. It was seen on. The vendor never sent the city a notice of it.',
      ),
      expected(
        'other.portal',
        'A portal',
        opened,
        'On without permission',
        '. Another version was seen on than the one the city said yes to.',
      ),
    ]);
    await city.shows('/feed.atom?lang=es', 'Encendido sin permiso: A portal (other.portal). Se vio otra versión encendida');
  });

  test('the feed: what one report opened, and another time that was over before it, are entries of their own', async () => {
    const [openedAt, since] = ['2026-03-02T10:00:00.000Z', '2026-02-20T08:00:00.000Z'];
    const past = { since, until: '2026-02-21T08:00:00.000Z', openedAt, closedAt: openedAt };
    for (const each of [{ since: '2026-03-01T08:00:00.000Z', openedAt }, past])
      await putCase(city.ports.sideStore, 'acme.twice', driftCase(each));
    const ids = [...(await city.page('/feed.atom')).matchAll(/<entry><id>[^<]*\/acme\.twice\/on-without-permission\/([^<]*)/g)];
    expect(new Set(ids.map(([, id]) => id))).toEqual(new Set([`${since}/closed`, `${since}/opened`, `${openedAt}/opened`]));
    expect(ids.length).toBe(3);
  });
});

const day = (date: string) => `2026-${date}T06:00:00.000Z`;
const acme = (over: Partial<Task>): Task => task({ key: 'acme.search', vendor: 'acme', change: 'acme.search/1', ...over });
const NO_CHANGE = { change: null, digest: null };
const OVERDUE = { urgent: true, by: '2026-03-02T07:00:00.000Z' };

const TASKS: readonly Task[] = [
  acme({ by: day('03-20'), how: 'In <Settings>, choose off.' }),
  acme({ kind: 'look', because: 'takes-effect', by: day('06-01') }),
  acme({ key: 'acme', kind: 'switch-off', because: 'ends', by: day('05-01'), ...NO_CHANGE, below: 2 }),
  acme({ kind: 'look', key: null, source: 'nightly check', because: 'silent', ...NO_CHANGE, by: day('03-11') }),
  acme({ key: 'acme.unannounced', kind: 'switch-off', because: 'never-announced', urgent: true, by: null, ...NO_CHANGE }),
  acme({ kind: 'switch-off', because: 'seen-on-for-others', agencies: ['County'], ...OVERDUE }),
  acme({ kind: 'switch-on', because: 'approved', by: null, agencies: ['Police'] }),
  acme({ key: 'other.x', vendor: 'other', change: 'other.x/1', by: day('03-25') }),
];
const DATES = [
  '03-02 switchOff acme.search: Search',
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

describe('what the city has to do', () => {
  const city = cityForEach();
  const put = async (...tasks: readonly Task[]) => {
    for (const each of tasks) await putTask(city.ports.sideStore, each);
  };
  const open = async () => {
    await city.notify({ feature: 'acme', kind: 'contract', title: 'The contract', endsAt: '2026-12-31' });
    await city.notify({ feature: 'acme.search', title: 'Search' });
    await put(...TASKS);
  };
  const pagesOf = (limit: number) => walked((cursor) => calendarOf(city, `&limit=${limit}${cursor && `&cursor=${cursor}`}`));
  const shown = (items: readonly Item[]) =>
    items.map(({ at, what, key, title }) => `${at.slice(5, 10)} ${what} ${key ?? '-'}: ${title}`);

  test('stands among the dates, soonest first, what is overdue until it is done; what may go on is no date', async () => {
    await open();
    const { items } = await calendarOf(city);
    expect(shown(items)).toStrictEqual(DATES);
    expect(items[2]).toStrictEqual({
      at: day('03-20'),
      what: 'optOut',
      because: 'announced',
      key: 'acme.search',
      change: 'acme.search/1',
      title: 'Search',
      body: null,
      since: '2026-01-01T00:00:00.000Z',
    });
    await city.shows('/calendar?format=csv', '"2026-03-02T07:00:00.000Z","switchOff","acme.search/1"');
    const overdue = 'The end of Sunday, March 1, 2026 Switch it off at the vendor It was due by March 1, 2026, 2 days ago.';
    await city.says('/calendar', overdue, 'Opt out at the vendor The vendor says');
    city.passDays(20);
    expect(shown((await calendarOf(city)).items)).toStrictEqual(DATES);
  });

  test('goes on page by page; at one instant, what must be done before it comes first: its last day is the day before', async () => {
    await open();
    const at = '2026-04-01T00:00:00.000Z';
    const long = (of: string, over: Partial<Task>) => {
      const key = `acme${`.${of.repeat(40)}`.repeat(4)}`;
      return acme({ key, change: `${key}/1`, ...over });
    };
    const many = [1, 2, 3, 4, 5].map((n) => long(`${n}`, { by: day('04-01') }));
    await put(...many, long('g', { by: at }), long('u', { kind: 'look', ...OVERDUE }));
    const { items } = await calendarOf(city);
    expect(items).toHaveLength(DATES.length + 7);
    expect(items.filter((item) => item.at === at).map(({ what }) => what)).toStrictEqual(['optOut', 'effective', 'effective']);
    for (const limit of [1, 2, 3, 7]) {
      const pages = await pagesOf(limit);
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      // Of two that are overdue, each page has one.
      expect(
        pages.flat().toSorted((a, b) => ascending(a.at, b.at)),
        `${limit} a page`,
      ).toStrictEqual(items);
    }
    const { next } = await calendarOf(city, '&limit=2');
    const wrong = `${next?.slice(0, 8)}${Buffer.from('a\nb\nc').toString('base64url')}`;
    expect((await city.get(`/calendar?format=json&cursor=${wrong}`)).status).toBe(400);
  });

  test('is not all that is seen, however much of it is overdue', async () => {
    await open();
    for (let n = 10; n < 90; n++) await put(acme({ key: `acme.late${n}`, ...OVERDUE }));
    const { items } = await calendarOf(city, '&limit=20');
    expect(shown(items.slice(4))).toStrictEqual(DATES.slice(1));
    await city.shows('/calendar', 'href="/vendors/acme"');
    expect(new Set(shown((await pagesOf(20)).flat())).size).toBe(DATES.length + 80);
  });

  test('to subscribe to names each task by what it is, also when its day moves', async () => {
    await open();
    const first = await namesOf(city);
    expect([first.length, new Set(first).size]).toEqual([DATES.length, DATES.length]);
    const optOut = ['SUMMARY', 'Opt out at the vendor: Search'];
    const others = ['Switch it off at the vendor: Search', 'Check at the vendor what is on: nightly check'];
    expect(await fileOf(city)).toEqual(expect.arrayContaining([optOut, ...others.map((text) => ['SUMMARY', text])]));
    await city.shows('/calendar.ics', `URL:${ORIGIN}/vendors/acme`);
    await put(acme({ by: day('03-21') }));
    expect(new Set(await namesOf(city))).toStrictEqual(new Set(first));
    city.passDays(30);
    expect(await fileOf(city)).toContainEqual(optOut);
  });

  test('is counted in the numbers: announced, opted out in time and too late, and never looked at', async () => {
    const counts = { announced: 12, optedOut: 5, late: 2, neverLooked: 3 };
    const told = async () => (await city.json<{ announced?: unknown }>('/numbers?format=json')).announced;
    expect(await told()).toStrictEqual({ announced: 0, optedOut: 0, late: 0, neverLooked: 0 });
    await city.ports.sideStore.put(DERIVED.figures, ANNOUNCED, counts);
    expect(await told()).toStrictEqual(counts);
    const rows = [...(await city.page('/numbers')).matchAll(/<tr><th scope="row">[^<]+<\/th><td>(\d+)<\/td>/g)];
    expect(rows.map(([, count]) => count)).toEqual(expect.arrayContaining(['12', '5', '2', '3']));
    await city.shows('/numbers?format=csv', '"changes.neverLooked","3"');
  });
});
