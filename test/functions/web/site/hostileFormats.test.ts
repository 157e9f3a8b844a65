import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_TEXTS } from '../../../support/hostileTexts.ts';
import { type City, openCity } from './support/city.ts';
import { sayEverywhere } from './support/hostileVendor.ts';
import { readCalendar, readCsv, readXml } from './support/readers.ts';

let city: City;
beforeAll(async () => {
  city = await openCity();
  await sayEverywhere(city, 'plain', 'Plain words');
  for (const [index, text] of HOSTILE_TEXTS.entries()) await sayEverywhere(city, `v${index}`, text);
});
afterAll(() => city.close());

const ALL = HOSTILE_TEXTS.map((text, index) => [text, `v${index}`] as const);
const body = async (path: string): Promise<string> => (await city.get(path)).text();

describe('Atom', () => {
  test.each(ALL)('%s', async (text, vendor) => {
    const [feed, peer] = [readXml(await body(`/feed.atom?vendor=${vendor}`)), readXml(await body('/feed.atom?vendor=plain'))];
    expect(feed.elements).toEqual(peer.elements);
    expect(feed.texts.filter((each) => each === text).length).toBe(peer.texts.filter((each) => each === 'Plain words').length);
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
    expect(summaries(file)).toEqual(summaries(peer).map((summary) => summary.replace('Plain words', () => text)));
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
