import { beforeAll, expect, test } from 'vitest';
import { Notice } from '../../../../domain/feature/notice.ts';
import { HOSTILE_TEXTS, LONG_WORD, REFUSED_TEXTS } from '../../../support/pseudo.ts';
import { answer } from '../../register/derived/derivedCity.ts';
import { noon, putKnown } from './support/cases.ts';
import { type City, certificate, cityForAll, cityForTest, decision, NOTICE } from './support/city.ts';
import { plainOf, readCalendar, readCsv, readReferences, readXml } from './support/readers.ts';

const PLAIN = 'Plain words';

/** One vendor that says a text wherever a vendor, an official who copies it or who looks at it can say anything. */
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

/**
 * A feature that is on for an audience under conditions, and was on without permission, and one whose second wording waits: every word of
 * both is the text.
 */
const sayEverywhere = async (city: City, vendor: string, text: string): Promise<Said> => {
  const change = await city.notify(noticeOf(vendor, text));
  const { clerk, mayor } = await city.linksTo(change);
  const terms = { audience: text.slice(0, 80), conditions: text, comment: text };
  await city.post(clerk, certificate(change, terms));
  await city.post(mayor, decision(change, terms));
  await city.notify(noticeOf(`${vendor}.part`, 'The first wording'));
  await city.notify({ ...noticeOf(`${vendor}.part`, text), revises: 1 });
  const seen = { on: true, agencies: [text], version: text };
  const proof = { title: text, sha256: 'ab'.repeat(32) };
  const day = noon('2026-02-01');
  const past = {
    since: day,
    until: day,
    closedAt: day,
    closedBy: { source: text },
    seen,
    evidence: [proof],
    approved: answer({ onFor: [text], variant: 'audience', version: text }),
    sources: [{ source: text, kind: 'city' as const, person: text }],
  };
  const reports = [{ source: text, person: text, seen, evidence: proof, note: text }];
  const source = { vendor, source: text, every: 'P1D', silentFrom: day };
  await putKnown(city, [{ key: vendor, cases: [past], reports }], [source]);
  return { vendor, text, clerk, mayor };
};

const pagesOf = ({ vendor, clerk, mayor }: Said) => [
  `/?vendor=${vendor}`,
  `/?vendor=${vendor}&at=${city.now()}`,
  `/on-without-permission?key=${vendor}`,
  `/vendors/${vendor}`,
  `/features/${vendor}`,
  `/features/${vendor}?at=${city.now()}`,
  `/features/${vendor}.part`,
  `/changes/${vendor}/1`,
  `/changes/${vendor}.part/1`,
  `/changes/${vendor}.part/1/packet`,
  `/packet?change=${vendor}/1&change=${vendor}.part/1`,
  clerk,
  mayor,
  `${clerk}/desk/consent?body=council&change=${vendor}.part/1`,
];

const said: Said[] = [];
let plainElements: readonly Readonly<Record<string, number>>[] = [];
/** The feed, which shows the newest only: read again after every few vendors. */
const feeds: string[] = [];
const VENDORS_A_FEED = 5;

const city = cityForAll();
beforeAll(async () => {
  const peer = await sayEverywhere(city, 'plain', PLAIN);
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    said.push(await sayEverywhere(city, `v${index}`, text));
    if (index % VENDORS_A_FEED !== VENDORS_A_FEED - 1) continue;
    feeds.push(await city.page('/feed.atom'));
    city.passDays(1 / 86_400);
  }
  plainElements = await Promise.all(pagesOf(peer).map(async (path) => elements(await city.page(path))));
});

const elements = (html: string) => {
  const counts: Record<string, number> = {};
  for (const [, name = ''] of html.matchAll(/<([a-zA-Z!?/][a-zA-Z0-9]*)/g)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const textOf = (html: string) => readReferences(plainOf(html));

test('there are fifty, each of which a vendor may send; what may not be sent is refused', () => {
  expect(new Set(HOSTILE_TEXTS).size).toBe(50);
  for (const title of HOSTILE_TEXTS) expect(Notice.safeParse({ ...NOTICE, title, summary: title }).success, title).toBe(true);
  for (const title of REFUSED_TEXTS) expect(Notice.safeParse({ ...NOTICE, title }).success, JSON.stringify(title)).toBe(false);
});

/** Each text is on a quarter of the pages, and each page has a quarter of the texts: all are written by the same templates. */
test.each(HOSTILE_TEXTS.map((text, index) => [text, index] as const))('%s is text on the pages', async (text, index) => {
  for (const [place, path] of pagesOf(said[index] ?? expect.fail('not built')).entries()) {
    if ((place + index) % 4 !== 0) continue;
    const page = await city.get(path);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(elements(html), path).toEqual(plainElements[place]);
    expect(textOf(html), path).toContain(text);
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

test('lists of what waits have them as text, too', async () => {
  const clerk = await city.toClerk(await city.notify({ feature: 'acme.a' }));
  for (const path of [`${clerk}/inbox`, `${clerk}/desk`]) {
    const page = await city.page(path);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  }
});

test.each(['//evil.example/x', '///evil.example', '/.//evil.example/x'])(
  'the page for %s has no link that leaves, but to the city’s own contact',
  async (path) => {
    const page = await city.get(path);
    expect(page.status).toBe(404);
    const html = await page.text();
    expect(html).toContain('hreflang="es"');
    for (const [, to = ''] of html.matchAll(/ (?:href|action|src)="([^"]*)"/g))
      expect(to).toMatch(/^(?:\/(?!\/)|#|mailto:clerk@city\.example$)/);
  },
);

test('each is text in the feed', () => {
  const read = feeds.map(readXml);
  const [entry] = (read[0]?.elements.join(' ') ?? '').split(' entry').slice(1);
  for (const { elements: names } of read) {
    const [head = '', ...entries] = names.join(' ').split(' entry');
    expect(head).toBe('feed title id updated link link author name subtitle');
    expect(new Set(entries)).toEqual(new Set([entry]));
  }
  const texts = read.flatMap((feed) => feed.texts);
  for (const text of HOSTILE_TEXTS) expect(texts.filter((each) => each === text).length, text).toBeGreaterThanOrEqual(4);
});

test('each is text in the calendar', async () => {
  const file = readCalendar(await city.page('/calendar.ics'));
  const summaries = file.flatMap(([name, value]) => (name === 'SUMMARY' ? [value] : []));
  const plain = summaries.filter((summary) => summary.endsWith(`: ${PLAIN}`));
  expect(plain).toHaveLength(4);
  for (const text of HOSTILE_TEXTS) for (const summary of plain) expect(summaries).toContain(summary.replace(PLAIN, () => text));
});

test('a line of a condition begins no formula either', async () => {
  const ofLines = await cityForTest();
  await ofLines.approve(await ofLines.notify(), { conditions: 'Only these:\n=1+1' });
  await ofLines.shows('/?format=csv', "Only these:\n'=1+1");
});

test('each is text in tables and JSON', async () => {
  for (const path of ['/', '/calendar', '/on-without-permission']) {
    const rows = readCsv(await city.page(`${path}?format=csv&limit=1000`));
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    const cells = rows.flat();
    expect(cells.filter((cell) => /(?:^|;)[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([]);
    const texts = new Set(cells.map((cell) => cell.replaceAll(/(?:^|(?<=;))'(?=[=+\-@＝＠])/g, '')));
    for (const text of HOSTILE_TEXTS) expect(texts, `${path} ${text}`).toContain(text);
  }
  type Items<T> = { readonly items: readonly (T & { readonly key: string })[] };
  const { items } = await city.json<Items<{ title: string; conditions: string[] }>>('/?format=json&limit=1000');
  const cases = await city.json<Items<{ seen: unknown; evidence: unknown; sources: unknown }>>(
    '/on-without-permission?format=json&limit=1000',
  );
  for (const { vendor, text } of said) {
    const own = items.filter(({ key }) => key.split('.')[0] === vendor);
    expect(own.map(({ title }) => title)).toEqual([text, text]);
    expect(own[0]?.conditions).toEqual([text]);
    expect(cases.items.find(({ key }) => key === vendor)).toMatchObject({
      seen: { version: text },
      evidence: [{ title: text }],
      sources: [{ source: text }],
    });
  }
});

test('what a vendor says cannot end the quotation on a page that it stands in', async () => {
  const change = await city.notify({ ...NOTICE, title: 'Search” is off. Read «this"' });
  const { clerk } = await city.linksTo(change);
  await city.says(clerk, "“ Search' is off. Read 'this' ”");
});
