import { beforeAll, describe, expect, test } from 'vitest';
import { Notice } from '../../../../domain/feature/notice.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { HOSTILE_TEXTS, LONG_WORD, REFUSED_TEXTS } from '../../../support/pseudo.ts';
import { type City, certificate, cityForAll, decision, NOTICE } from './support/city.ts';
import { readCalendar, readCsv, readXml } from './support/readers.ts';

const PLAIN = 'Plain words';

const said: Said[] = [];
/** The elements of each page of the vendor that says plain words. */
const plainElements: Readonly<Record<string, number>>[] = [];

const body = async (path: string): Promise<string> => city.page(path);

const plain = new Map<string, Promise<string>>();
/** What is answered about the vendor that says plain words, asked for once. */
const plainOf = (path: string): Promise<string> => {
  const known = plain.get(path) ?? body(`${path}plain`);
  plain.set(path, known);
  return known;
};

const city = cityForAll();
beforeAll(async () => {
  const peer = await sayEverywhere(city, 'plain', PLAIN);
  for (const [index, text] of HOSTILE_TEXTS.entries()) said.push(await sayEverywhere(city, `v${index}`, text));
  for (const path of pagesOf(peer)) plainElements.push(elements(await body(path)));
});

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

/** Each text is on a quarter of the pages, and each page has a quarter of the texts: all are written by the same templates. */
test.each(HOSTILE_TEXTS.map((text, index) => [text, index] as const))('%s is text on the pages', async (text, index) => {
  const one = said[index];
  if (one === undefined) throw new Error('not built');
  for (const [place, path] of pagesOf(one).entries()) {
    if ((place + index) % 4 !== 0) continue;
    const page = await city.get(path);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(elements(html), path).toEqual(plainElements[place]);
    if (path !== `/numbers?vendor=${one.vendor}`) expect(textOf(html), path).toContain(text);
  }
});

test('each is searched for as it is', async () => {
  const peer = elements(await city.page(`/?q=${encodeURIComponent(PLAIN)}&vendor=nobody`));
  for (const text of HOSTILE_TEXTS) {
    const html = await city.page(`/?q=${encodeURIComponent(text)}&vendor=nobody`);
    expect(elements(html), text).toEqual(peer);
    expect(textOf(/name="q" value="([^"]*)"/.exec(html)?.[1] ?? '')).toBe(text);
  }
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

describe.each(HOSTILE_TEXTS.map((text, index) => [text, `v${index}`] as const))('%s', (text, vendor) => {
  test('is text in the feed', async () => {
    const [feed, peer] = [readXml(await body(`/feed.atom?vendor=${vendor}`)), readXml(await plainOf('/feed.atom?vendor='))];
    expect(feed.elements).toEqual(peer.elements);
    expect(feed.texts.filter((each) => each === text).length).toBe(peer.texts.filter((each) => each === PLAIN).length);
  });

  test('is text in the calendar', async () => {
    const [file, peer] = [
      readCalendar(await body(`/calendar.ics?vendor=${vendor}`)),
      readCalendar(await plainOf('/calendar.ics?vendor=')),
    ];
    expect(file.map(([name]) => name)).toEqual(peer.map(([name]) => name));
    const summaries = (lines: typeof file): readonly string[] =>
      lines.flatMap(([name, value]) => (name === 'SUMMARY' ? [value] : []));
    expect(summaries(file)).toEqual(summaries(peer).map((summary) => summary.replace(PLAIN, () => text)));
  });

  test('is text in tables and JSON', async () => {
    for (const path of ['/?format=csv&vendor=', '/calendar?format=csv&vendor=']) {
      const [table, peer] = [readCsv(await body(path + vendor)), readCsv(await plainOf(path))];
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

/** What became of one vendor that says a text wherever a vendor, or an official who copies it, can say anything. */
interface Said {
  readonly vendor: string;
  readonly text: string;
  readonly clerk: string;
  readonly mayor: string;
}

const noticeOf = (feature: string, text: string) => ({
  feature,
  kind: 'update' as const,
  title: text,
  summary: text,
  description: `${text}\n${LONG_WORD}`,
  version: text.slice(0, 100),
  effectiveAt: '2026-05-01T00:00:00Z',
  documents: [{ title: text, kind: 'other', url: 'https://vendor.example/a' }],
});

/** A feature that is on for an audience under conditions, and one whose second wording waits: every word of both is the text. */
const sayEverywhere = async (city: City, vendor: string, text: string): Promise<Said> => {
  const change: Received = await city.notify(noticeOf(vendor, text));
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  const terms = { audience: text.slice(0, 80), conditions: text, comment: text };
  await city.post(clerk, certificate(change, terms));
  await city.post(mayor, decision(change, terms));
  await city.notify(noticeOf(`${vendor}.part`, 'The first wording'));
  await city.notify({ ...noticeOf(`${vendor}.part`, text), revises: 1 });
  return { vendor, text, clerk, mayor };
};

/** Every page on which the words of such a vendor stand. */
const pagesOf = ({ vendor, clerk, mayor }: Said): readonly string[] => [
  `/?vendor=${vendor}`,
  `/?vendor=${vendor}&at=2026-03-03T15:00:00Z`,
  `/vendors/${vendor}`,
  `/features/${vendor}`,
  `/features/${vendor}?at=2026-03-03T15:00:00Z`,
  `/features/${vendor}.part`,
  `/features/${vendor}/proof?at=2026-03-03T15:00:00Z`,
  `/changes/${vendor}/1`,
  `/changes/${vendor}.part/1`,
  `/changes/${vendor}.part/1/packet`,
  `/packet?change=${vendor}/1&change=${vendor}.part/1`,
  `/calendar?vendor=${vendor}&month=2026-05`,
  `/numbers?vendor=${vendor}`,
  clerk,
  mayor,
  `${clerk}/desk/consent?body=council&change=${vendor}.part/1`,
];
