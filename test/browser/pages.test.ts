// What holds for every page as text: its headers, its markup, and that its words come from a catalogue.
import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FONTS, fontPath, STYLE_PATH } from '../../functions/web/site/assets.ts';
import { openCity, ROSTER } from '../functions/web/site/support/city.ts';
import { everyPage } from './matrix/pages.ts';

let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  installation = await everyPage();
});
afterAll(() => installation?.close());

const CLOSED =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

test('every page answers with the headers of a careful site, and holds no script, style or handler of its own', async () => {
  for (const { name, address } of installation.pages) {
    const answer = await fetch(address, { headers: { accept: 'text/html' } });
    const page = await answer.text();
    const { headers } = answer;
    const scripts = page.match(/<script[^>]*>/g) ?? [];
    const policy = scripts.length === 0 ? CLOSED : `${CLOSED}; script-src 'self'`;
    expect(headers.get('content-security-policy'), name).toBe(policy);
    expect(
      scripts.filter((tag) => !/ src="\/assets\//.test(tag)),
      name,
    ).toEqual([]);
    expect(page, name).not.toMatch(/<style|<[^>]+ (?:style|on[a-z]+)=/);
    const links = /^\/(?:[dmn]\/|worklist)/.test(new URL(address).pathname);
    expect(Object.fromEntries(headers), name).toMatchObject({
      'cache-control': 'no-store',
      'content-type': expect.stringMatching(/^text\/html; charset=utf-8$/i),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=(), display-capture=(), geolocation=()'),
      'referrer-policy': links ? 'same-origin' : 'strict-origin-when-cross-origin',
      vary: expect.stringContaining('Accept-Language'),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers.get('x-robots-tag') === 'noindex, nofollow', name).toBe(links);
    expect(headers.get('set-cookie'), name).toBeNull();
    expect(headers.get('strict-transport-security'), name).toBeNull();
  }
});

describe('behind https', () => {
  test('every answer asks to be reached by https alone, whatever it is', async () => {
    const city = await openCity();
    for (const path of [
      '/',
      '/nothing',
      '/d/nothing',
      '/?format=json',
      '/?format=csv',
      '/calendar.ics',
      '/feed.atom',
      STYLE_PATH,
    ]) {
      const { headers } = await city.get(path);
      expect(headers.get('strict-transport-security'), path).toBe('max-age=31536000');
      expect(headers.get('content-security-policy'), path).toBe(CLOSED);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
    expect((await city.post('/rules', {})).headers.get('content-security-policy')).toBe(CLOSED);
    await city.close();
  });

  test('what is named by its contents is kept for ever, and nothing else', async () => {
    const city = await openCity();
    for (const path of [STYLE_PATH, ...FONTS.map(fontPath)]) {
      const answer = await city.get(path);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    expect((await city.get('/assets/icon.svg')).headers.get('cache-control')).toBe('public, max-age=86400');
    await city.close();
  });
});

/**
 * The recommended rules except two. The doctype is in lower case, which HTML allows. Several fields of a form may have one name, which is
 * how a form without scripts sends a list, such as agencies or the changes ticked on a desk.
 */
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended'],
  rules: { 'doctype-style': ['error', { style: 'lowercase' }], 'form-dup-name': 'off' },
});

const TONGUES = ['en', 'es', 'ar-xb'] as const;

/** Each page in one language by turns: the languages differ in their texts alone, which are escaped alike. */
test('every page is valid HTML', async () => {
  const faults: string[] = [];
  for (const [index, { name, address }] of installation.pages.entries()) {
    const tongue = TONGUES[index % TONGUES.length] ?? 'en';
    const url = new URL(address);
    url.searchParams.set('lang', tongue);
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    const { results } = await validator.validateString(await answer.text());
    const messages = results.flatMap(({ messages: found }) => found);
    faults.push(...messages.map(({ ruleId, message, selector }) => `${name} (${tongue}): ${ruleId}: ${message}, at ${selector}`));
  }
  expect(faults).toEqual([]);
});

test('the judge finds an element where it may not stand', async () => {
  const { valid } = await validator.validateString(
    '<!doctype html><html lang="en"><head><title>x</title></head><body><p><div></div></p></body></html>',
  );
  expect(valid).toBe(false);
});

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
