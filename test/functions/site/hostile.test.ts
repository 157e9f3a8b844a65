import { afterAll, beforeAll, expect, test } from 'vitest';
import { type City, certificate, decision, openCity } from './support/city.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus '",
  '</textarea></title></style><b>bold</b>',
  '<!-- -->',
  '&lt;script&gt;',
  '{title} {n} {body}',
  '$' + '{process.env.PATH}',
  '=HYPERLINK("https://evil.example","x")',
  '+1+cmd|calc',
  '@SUM(A1)',
  ']]><x/>',
  'אבג שלום',
  'ＡＢＣ',
  'a'.repeat(190),
  '<svg/onload=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '%0d%0aSet-Cookie: x=1',
  'BEGIN:VEVENT',
  '\\n,;',
];
const PLAIN = 'Plain words';

let city: City;
const pathsOf = new Map<string, readonly string[]>();

/** One feature whose vendor says `text` wherever a vendor can say anything, decided and undecided. */
const build = async (key: string, text: string): Promise<readonly string[]> => {
  const words = {
    title: text,
    summary: text,
    description: text,
    version: text.slice(0, 100),
    documents: [{ title: text, kind: 'other', url: 'https://vendor.example/a' }],
  };
  const change = await city.notify({ feature: key, ...words });
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  const terms = { audience: text.slice(0, 80), conditions: text, comment: text };
  await city.post(clerk, certificate(change, terms));
  await city.post(mayor, decision(change, terms));
  return [`/features/${key}`, `/changes/${key}/1`, clerk, mayor, `/?q=${encodeURIComponent(text)}&prefix=${key}`];
};

beforeAll(async () => {
  city = await openCity();
  for (const [index, text] of [PLAIN, ...HOSTILE].entries()) pathsOf.set(text, await build(`acme.t${index}`, text));
});
afterAll(() => city.close());

/** How often each element stands in a page. */
const elements = (html: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [, name = ''] of html.matchAll(/<([a-z][a-z0-9]*)/g)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

test.each(HOSTILE)('%s is text on every page', async (text) => {
  const plain = pathsOf.get(PLAIN) ?? [];
  for (const [index, path] of (pathsOf.get(text) ?? []).entries()) {
    const [page, peer] = await Promise.all([city.get(path), city.get(plain[index] ?? '')]);
    expect(page.status).toBe(200);
    const html = await page.text();
    // A search that finds nothing has fewer rows, so only the pages about the feature itself are compared.
    if (!path.startsWith('/?')) expect(elements(html)).toEqual(elements(await peer.text()));
    expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>|javascript:alert\(1\)">x<\/a>\s*</);
  }
});

test('a spreadsheet finds no formula', async () => {
  const table = await (await city.get('/?format=csv')).text();
  expect(table).not.toMatch(/(?:^|,)"[=+@-]/m);
  expect(table).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`);
});

test('feed and calendar hold no markup and no line of a vendor', async () => {
  const feed = await (await city.get('/feed.atom')).text();
  expect(feed).not.toMatch(/<script|<img|<svg/);
  const calendar = await (await city.get('/calendar.ics')).text();
  const begun = calendar.split('\r\n').filter((line) => line === 'BEGIN:VEVENT').length;
  expect(begun).toBe(calendar.split('\r\n').filter((line) => line.startsWith('UID:')).length);
});
