import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROSTER } from '../functions/web/site/support/city.ts';
import { everyPage } from './matrix/pages.ts';

const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
  '!doctype',
]);
/** Elements that are the same in every language (names, hashes, programs), or are marked with another language. */
const OWN = /^<(?:code|pre|bdi|style|script|textarea)\b|^<(?!html)[^>]+ lang="|^<[^>]+ translate="no"/;
const SPOKEN = /(?:aria-label|placeholder|alt|title)="([^"]*)"/g;

/** Returns the texts of a page in its own language: between tags, and in attributes that screen readers read. */
const textsOf = (page: string): readonly string[] => {
  const texts: string[] = [];
  let skipping = 0;
  for (const [part] of page.matchAll(/<[^>]*>|[^<]+/g)) {
    if (!part.startsWith('<')) {
      if (skipping === 0) texts.push(part);
      continue;
    }
    const name = /^<\/?([!a-z0-9]+)/i.exec(part)?.[1]?.toLowerCase() ?? '';
    if (skipping === 0 && !part.startsWith('</')) texts.push(...[...part.matchAll(SPOKEN)].map(([, text]) => text ?? ''));
    if (VOID.has(name) || part.endsWith('/>')) continue;
    if (part.startsWith('</')) skipping = Math.max(0, skipping - 1);
    else if (skipping > 0 || OWN.test(part)) skipping += 1;
  }
  return texts;
};

/** Names given by officials and names of formats: the same in every language. */
const DATA = [
  ...Object.values(ROSTER.bodies).flatMap(({ name }) => (typeof name === 'string' ? name : Object.values(name))),
  ...ROSTER.holders.map(({ name }) => name),
  'Acme Cameras Council and mayor By ballots by ballots Police SHA JSON CSV Atom iCalendar https mayor council board district chair member clerk large release note acme newly elected',
  // A vendor's titles in a select, where they cannot be marked.
  'FreeForm search for vehicles Nationwide lookup The portal A small fix A list of wanted plates',
  // The city, as the owner of its own entries.
  'Test City',
].join(' ');
const known = new Set(DATA.match(/\p{L}+/gu));

/** Addresses, mail addresses and keys of features. */
const ADDRESS = /[^\s\p{Script=Arabic}]*[\w-][./@:]\w[^\s\p{Script=Arabic}]*/gu;

let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  installation = await everyPage();
});
afterAll(() => installation?.close());

test('every text of every page comes from a catalogue', async () => {
  const strangers: string[] = [];
  for (const { name, address, route } of installation.pages) {
    // The developers' pages have a catalogue of their own, in English and Spanish alone.
    if (route.startsWith('/docs')) continue;
    const url = new URL(address);
    url.searchParams.set('lang', 'ar-xb');
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    expect(page, name).toContain('<html lang="ar-xb" dir="rtl">');
    for (const text of textsOf(page.slice(page.indexOf('<body>')))) {
      const words = text.replaceAll(ADDRESS, '').match(/\p{Script=Latin}{3,}/gu) ?? [];
      if (words.some((word) => !known.has(word))) strangers.push(`${name}: ${text.trim().slice(0, 160)}`);
    }
  }
  expect([...new Set(strangers)]).toEqual([]);
});

test('a text that is in no catalogue is found', () => {
  const page = '<body><p lang="en">Vendor</p><p aria-label="Close">نص <b>Hello</b><code>x</code></p><bdi>Title</bdi>';
  expect(textsOf(page).map((text) => text.trim())).toEqual(['Close', 'نص', 'Hello']);
});
