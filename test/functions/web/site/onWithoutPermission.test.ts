import { beforeEach, describe, expect, test } from 'vitest';
import type { DriftCase } from '../../../../domain/derived/record.ts';
import type { CaseJson } from '../../../../functions/register/views/observedJson.ts';
import { expectIn, expectNotIn } from '../../../support/texts.ts';
import { walked } from '../../../support/walked.ts';
import { answer } from '../../register/derived/derivedCity.ts';
import { type Known, noon, putKnown } from './support/cases.ts';
import { cityForEach } from './support/city.ts';
import { readCsv, textOf } from './support/readers.ts';

const PATH = '/on-without-permission';

const city = cityForEach();

const open = (from: string): Partial<DriftCase> => ({ since: noon(from), openedAt: noon(from) });
const over = (from: string, to: string, closedBy: DriftCase['closedBy'] = null): Partial<DriftCase> => ({
  ...open(from),
  until: noon(to),
  closedAt: noon(to),
  closedBy,
});
const EVIDENCE = { title: 'Screenshot', sha256: 'ab'.repeat(32) };

/** Seen on for others and in another version than approved, by two sources. */
const SHARED: Partial<DriftCase> = {
  ...open('2026-02-20'),
  kind: 'audience',
  seen: { on: true, agencies: ['Sheriff', 'State Patrol'], version: '2026.4' },
  approved: answer({ onFor: ['Police'], variant: 'audience', change: 2, version: '2026.3' }),
  sources: [
    { source: 'nightly check', kind: 'city', person: null },
    { source: 'portal', kind: 'vendor', person: 'hc' },
  ],
  confirmed: true,
  evidence: [EVIDENCE],
};
const before = over('2026-01-05', '2026-01-09', { source: 'portal' });

/** The clock stands at noon of the third of March, less four hours. */
const TOLD: readonly Known[] = [
  { key: 'acme.share', cases: [{ ...before, kind: 'never-announced' }, SHARED] },
  { key: 'acme', cases: [over('2026-02-01', '2026-02-01', { change: 1 })] },
  { key: 'acme.ghost', cases: [open('2026-03-03')] },
  { key: 'acme.quiet' },
];

const json = (query = '') =>
  city.json<{ readonly items: readonly CaseJson[]; readonly next: string | null }>(`${PATH}?format=json${query}`);

const cardsOf = (html: string) => [...html.matchAll(/<li class="card">([\s\S]*?)<\/li>/g)].map(([, card = '']) => textOf(card));

describe('with cases', () => {
  beforeEach(async () => {
    await city.notify({ feature: 'acme.share', title: 'Search across all cities' });
    await putKnown(city, TOLD);
  });

  test('those that are open come first, each with what was seen beside what was approved, by whom, and for how many days', async () => {
    const html = await city.page(PATH);
    const [ghost = '', share = '', acme = '', past = '', ...more] = cardsOf(html);
    expect(more).toStrictEqual([]);
    expect(ghost).toMatch(/acme\.ghost .*1 day , since March 3, 2026 \./);
    expectIn(
      share,
      'Search across all cities acme.share',
      '12 days , since February 20, 2026 . 17 days in all.',
      'Reported by nightly check and portal ( nightly check for the city; portal for the vendor, The City Clerk ) . This is confirmed.',
      'on for Sheriff and State Patrol , version 2026.4',
      'on only for Police , version 2026.3',
      `Screenshot SHA-256 ${EVIDENCE.sha256}`,
    );
    expect(share).not.toContain('How it ended');
    expect(acme).toMatch(/1 day , on February 1, 2026 \..*acme\/1 covers it now\./);
    expect(past).toMatch(/5 days , from January 5, 2026 to January 9, 2026 \..*nothing \(off: waiting\).*portal looked again/);
    expect(html.indexOf('>On now</h2>')).toBeLessThan(html.indexOf('acme.ghost'));
    expect(html.indexOf('>Over</h2>')).toBeGreaterThan(html.indexOf('Search across all cities'));
    expect(textOf(html)).toContain('2 on now 2 over');
  });

  test('page, JSON and CSV have the same cases with the same days, page by page, too', async () => {
    const { items, next } = await json();
    expect(next).toBeNull();
    expect(items.map(({ key, since, days, daysOfKey, until }) => [key, since, days, daysOfKey, until === null])).toStrictEqual([
      ['acme.ghost', noon('2026-03-03'), 1, 1, true],
      ['acme.share', noon('2026-02-20'), 12, 17, true],
      ['acme', noon('2026-02-01'), 1, 1, false],
      ['acme.share', noon('2026-01-05'), 5, 17, false],
    ]);
    expect(items[1]).toMatchObject({
      title: 'Search across all cities',
      kind: 'audience',
      approved: { onFor: ['Police'], change: 'acme.share/2', version: '2026.3' },
      evidence: [EVIDENCE],
    });
    expect(items[2]?.closedBy).toStrictEqual({ change: 'acme/1' });
    const [head = [], ...rows] = readCsv(await city.page(`${PATH}?format=csv`));
    const cells = (...names: readonly string[]) => rows.map((row) => names.map((name) => row[head.indexOf(name)] ?? ''));
    expect(cells('key', 'title', 'kind', 'since', 'until', 'days', 'daysOfKey')).toStrictEqual(
      items.map(({ key, title, kind, since, until, days, daysOfKey }) =>
        [key, title ?? '', kind, since, until ?? '', days, daysOfKey].map(String),
      ),
    );
    const names = ['seenFor', 'seenVersion', 'approvedFor', 'approvedVersion', 'status', 'sources', 'confirmed', 'evidence'];
    expect(cells(...names)[1]).toStrictEqual([
      'Sheriff; State Patrol',
      '2026.4',
      'Police',
      '2026.3',
      'audience',
      'nightly check (city); portal (vendor)',
      'true',
      `Screenshot (${EVIDENCE.sha256})`,
    ]);
    expect(cells('closedBy').flat()).toStrictEqual(['', '', 'acme/1', 'portal']);
    const cards = cardsOf(await city.page(PATH));
    expect(cards.map((card) => Number(/ (\d+) days? ,/.exec(card)?.[1]))).toStrictEqual(items.map(({ days }) => days));

    const pages = await walked((cursor) => json(`&limit=1${cursor && `&cursor=${cursor}`}`));
    expect(pages).toStrictEqual(items.map((item) => [item]));
    const first = await city.get(`${PATH}?format=csv&limit=3`);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(readCsv(await city.page(link)).slice(1)).toStrictEqual(rows.slice(3));
    const more = /<a rel="next" href="([^"]+)"/.exec(await city.page(`${PATH}?limit=3`))?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(cardsOf(await city.page(more))).toStrictEqual(cards.slice(3));
  });

  test.each([
    ['open=true', ['acme.ghost open', 'acme.share open']],
    ['open=false', ['acme over', 'acme.share over']],
    ['key=acme.share', ['acme.share open', 'acme.share over']],
    ['key=acme.share&open=false', ['acme.share over']],
  ])('%s has only those', async (query, found) => {
    const { items } = await json(`&${query}`);
    expect(items.map(({ key, until }) => `${key} ${until === null ? 'open' : 'over'}`)).toStrictEqual(found);
  });

  test.each(['open=perhaps', 'key=UPPER', 'cursor=%21'])('%s is refused', async (query) => {
    expect((await city.get(`${PATH}?${query}`)).status).toBe(400);
  });

  test('the register and the numbers link to it from their headlines, and mark what is on without permission beside its state', async () => {
    const page = await city.page('/');
    expect(page).toContain(`<li class="no"><a href="${PATH}"><b>2</b> on without permission</a></li>`);
    expect(textOf(page)).toContain('0 on 1 waiting 0 off 2 on without permission');
    expect(textOf(page)).toContain('off: waiting on without permission Waiting for');
    await city.shows('/?lang=es', `<a href="${PATH}?lang=es">`);
    await city.hides('/?at=2026-03-02', 'on without permission</a>');
    expect((await city.page('/vendors/acme')).match(/<small class="no">on without permission/g)).toHaveLength(1);
    await city.shows(`${PATH}?key=acme.quiet`, 'It was never seen on without permission.');
    await city.shows('/numbers', `<a href="${PATH}">2 on without permission</a>`);
    expect(await city.json('/numbers?format=json')).toMatchObject({ drift: 2 });
    await city.shows('/numbers?format=csv', '"drift","2"');
  });
});

test('what is over is neither in the headline nor marked in the register, which still leads to it', async () => {
  await city.notify();
  await putKnown(city, [{ key: 'acme', cases: [over('2026-02-01', '2026-02-03')] }]);
  const page = await city.page('/');
  expectNotIn(page, '<li class="no">', '<small class="no">');
  expect(page).toContain(`<a href="${PATH}">Nothing is known to be on without permission.</a>`);
  await city.says(PATH, 'Nothing is known to be on without permission.');
  await putKnown(city, [{ key: 'acme.ghost', cases: [open('2026-02-01')] }]);
  await city.says('/', '1 on without permission');
  for (const path of ['/', '/numbers']) await city.hides(path, 'Nothing is known');
});

test('of more than five cases on a page the details are folded; they are in the page, and it stays small', async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `acme.f${n}`, cases: [{ ...open('2026-03-01'), evidence: [EVIDENCE] }] }));
  await putKnown(city, many(5));
  await city.hides(PATH, '<details>');
  await putKnown(city, many(40));
  const page = await city.page(PATH);
  expect(page.match(/<details>/g)).toHaveLength(20);
  expect(page.match(new RegExp(EVIDENCE.sha256, 'g'))).toHaveLength(20);
  expect(Buffer.byteLength(page)).toBeLessThan(36_000);
});
