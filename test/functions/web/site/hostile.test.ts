import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Notice } from '../../../../domain/feature/notice.ts';
import { HOSTILE_TEXTS, REFUSED_TEXTS } from '../../../support/hostileTexts.ts';
import { type City, NOTICE, openCity } from './support/city.ts';
import { pagesOf, type Said, sayEverywhere } from './support/hostileVendor.ts';
import { readCalendar, readCsv, readXml } from './support/readers.ts';

const PLAIN = 'Plain words';

let city: City;
const said: Said[] = [];
/** The elements of each page of the vendor that says plain words. */
const plainElements: Readonly<Record<string, number>>[] = [];

const body = async (path: string): Promise<string> => city.page(path);

beforeAll(async () => {
  city = await openCity();
  const plain = await sayEverywhere(city, 'plain', PLAIN);
  for (const [index, text] of HOSTILE_TEXTS.entries()) said.push(await sayEverywhere(city, `v${index}`, text));
  for (const path of pagesOf(plain)) plainElements.push(elements(await body(path)));
});
afterAll(() => city.close());

/** How often each element stands in a page. */
const elements = (html: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [, name = ''] of html.matchAll(/<([a-zA-Z!?/][a-zA-Z0-9]*)/g)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** The text of a page: markup left out, references read. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

test('there are fifty, each of which a vendor may send; what may not be sent is refused', () => {
  expect(new Set(HOSTILE_TEXTS).size).toBe(50);
  for (const title of HOSTILE_TEXTS) expect(Notice.safeParse({ ...NOTICE, title, summary: title }).success, title).toBe(true);
  for (const title of REFUSED_TEXTS) expect(Notice.safeParse({ ...NOTICE, title }).success, JSON.stringify(title)).toBe(false);
});

test.each(HOSTILE_TEXTS.map((text, index) => [text, index] as const))('%s is text on every page', async (text, index) => {
  const one = said[index];
  if (one === undefined) throw new Error('not built');
  for (const [place, path] of pagesOf(one).entries()) {
    const page = await city.get(path);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(elements(html), path).toEqual(plainElements[place]);
    if (path !== `/numbers?vendor=${one.vendor}`) expect(textOf(html), path).toContain(text);
  }
});

test.each(HOSTILE_TEXTS)('%s is searched for as it is', async (text) => {
  const [page, peer] = await Promise.all([
    city.get(`/?q=${encodeURIComponent(text)}&vendor=nobody`),
    city.get(`/?q=${encodeURIComponent(PLAIN)}&vendor=nobody`),
  ]);
  const html = await page.text();
  expect(elements(html)).toEqual(elements(await peer.text()));
  const typed = /name="q" value="([^"]*)"/.exec(html)?.[1] ?? '';
  expect(textOf(typed)).toBe(text);
});

test.each(['//evil.example/x', '///evil.example', '/.//evil.example/x'])(
  'the page for %s has no link that leaves, but to the city’s own contact',
  async (path) => {
    const page = await city.get(path);
    expect(page.status).toBe(404);
    const html = await page.text();
    expect(html).toContain('hreflang="es"');
    expect([...html.matchAll(/ (?:href|action|src)="([^"]*)"/g)].map(([, to = '']) => to)).toSatisfy((links: string[]) =>
      links.every((to) => /^(?:\/(?!\/)|#|mailto:clerk@city\.example$)/.test(to)),
    );
  },
);

const ALL = HOSTILE_TEXTS.map((text, index) => [text, `v${index}`] as const);

describe('Atom', () => {
  test.each(ALL)('%s', async (text, vendor) => {
    const [feed, peer] = [readXml(await body(`/feed.atom?vendor=${vendor}`)), readXml(await body('/feed.atom?vendor=plain'))];
    expect(feed.elements).toEqual(peer.elements);
    expect(feed.texts.filter((each) => each === text).length).toBe(peer.texts.filter((each) => each === PLAIN).length);
  });
});

describe('iCalendar', () => {
  test.each(ALL)('%s', async (text, vendor) => {
    const [file, peer] = [
      readCalendar(await body(`/calendar.ics?vendor=${vendor}`)),
      readCalendar(await body('/calendar.ics?vendor=plain')),
    ];
    expect(file.map(([name]) => name)).toEqual(peer.map(([name]) => name));
    const summaries = (lines: typeof file): readonly string[] =>
      lines.flatMap(([name, value]) => (name === 'SUMMARY' ? [value] : []));
    expect(summaries(file)).toEqual(summaries(peer).map((summary) => summary.replace(PLAIN, () => text)));
  });
});

describe('CSV and JSON', () => {
  const TABLES = ['/?format=csv&vendor=', '/calendar?format=csv&vendor='];
  test.each(ALL)('%s', async (text, vendor) => {
    for (const path of TABLES) {
      const [table, peer] = [readCsv(await body(path + vendor)), readCsv(await body(`${path}plain`))];
      expect(table.map((row) => row.length)).toEqual(peer.map((row) => row.length));
      const cells = table.flat();
      expect(cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([]);
      expect(
        cells.some((cell) => cell === text || cell === `'${text}`),
        path,
      ).toBe(true);
    }
    const { items } = JSON.parse(await body(`/?format=json&vendor=${vendor}`)) as {
      items: { title: string; conditions: string[] }[];
    };
    expect(items.map(({ title }) => title)).toEqual([text, text]);
    expect(items[0]?.conditions).toEqual([text]);
  });
});
