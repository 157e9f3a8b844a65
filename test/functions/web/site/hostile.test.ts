import { afterAll, beforeAll, expect, test } from 'vitest';
import { Notice } from '../../../../domain/feature/notice.ts';
import { HOSTILE_TEXTS, REFUSED_TEXTS } from '../../../support/hostileTexts.ts';
import { type City, NOTICE, openCity } from './support/city.ts';
import { pagesOf, type Said, sayEverywhere } from './support/hostileVendor.ts';

const PLAIN = 'Plain words';

let city: City;
let plain: Said;
const said: Said[] = [];

beforeAll(async () => {
  city = await openCity();
  plain = await sayEverywhere(city, 'plain', PLAIN);
  for (const [index, text] of HOSTILE_TEXTS.entries()) said.push(await sayEverywhere(city, `v${index}`, text));
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
  const peers = pagesOf(plain);
  for (const [place, path] of pagesOf(one).entries()) {
    const [page, peer] = await Promise.all([city.get(path), city.get(peers[place] ?? '')]);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(elements(html), path).toEqual(elements(await peer.text()));
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
  expect(textOf(html)).toContain(`without “${text}”`);
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
