// What holds for every page: as text, which is its headers, its markup, and that its words come from a catalogue; and in a browser.
import { HtmlValidate } from 'html-validate';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FONTS, fontPath, STYLE_PATH } from '../../functions/web/site/assets.ts';
import { openCity, ROSTER } from '../functions/web/site/support/city.ts';
import { sharedBrowser } from '../support/browser.ts';
import { pressOn, tabTo } from './keyboard.ts';
import { allLoads, lookAtAll, openWindow, pairwise } from './matrix/look.ts';
import { everyPage, NOT_PAGES } from './matrix/pages.ts';

let browser: Browser;
let installation: Awaited<ReturnType<typeof everyPage>>;
/** Each page as its address gives it, in the language that runs from right to left. */
const texts = new Map<
  string,
  { readonly address: string; readonly route: string; readonly answer: Response; readonly page: string }
>();
beforeAll(async () => {
  [browser, installation] = await Promise.all([sharedBrowser(), everyPage()]);
  for (const { name, address, route } of installation.pages) {
    const url = new URL(address);
    url.searchParams.set('lang', 'ar-xb');
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    texts.set(name, { address, route, answer, page: await answer.text() });
  }
});
afterAll(() => installation?.close());

test('every page that can be got is among those looked at', () => {
  const looked = new Set(installation.pages.map(({ route }) => route));
  const pages = installation.routes.filter((route) => NOT_PAGES.every((other) => !other.test(route)));
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((route) => !looked.has(route))).toEqual([]);
});

test('every page answers as it should', () => {
  const unreadable = ['feature that cannot be read', 'change that cannot be read'];
  const refused = ['no such page', 'no such link', 'dead link', 'bad address', 'worklist, who asks', ...unreadable];
  for (const [name, { answer }] of texts)
    expect(answer.status >= 400 ? 'refused' : 'shown', name).toBe(refused.includes(name) ? 'refused' : 'shown');
});

const CLOSED =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

test('every page answers with the headers of a careful site, and holds no script, style or handler of its own', () => {
  for (const [name, { address, answer, page }] of texts) {
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

test('every page is valid HTML', async () => {
  const faults: string[] = [];
  for (const [name, { page }] of texts) {
    const { results } = await validator.validateString(page);
    const messages = results.flatMap(({ messages: found }) => found);
    faults.push(...messages.map(({ ruleId, message, selector }) => `${name}: ${ruleId}: ${message}, at ${selector}`));
  }
  expect(faults).toEqual([]);
});

test('the judge finds an element where it may not stand', async () => {
  const { valid } = await validator.validateString(
    '<!doctype html><html lang="en"><head><title>x</title></head><body><p><div></div></p></body></html>',
  );
  expect(valid).toBe(false);
});

const VOID = new Set('area base br col embed hr img input link meta source track wbr !doctype'.split(' '));
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

const ADDRESS = /[^\s\p{Script=Arabic}]*[\w-][./@:]\w[^\s\p{Script=Arabic}]*/gu;

test('every text of every page comes from a catalogue', () => {
  const strangers: string[] = [];
  for (const [name, { route, page }] of texts) {
    // The developers' pages have a catalogue of their own, in English and Spanish alone.
    if (route.startsWith('/docs')) continue;
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

/** Pages that differ from others of their route in their texts and numbers alone, and are long. */
const ALIKE = /^docs for |^docs, (?:hiding|records|what)|^numbers, /;

/** Returns the pages in the order of selection: the first of each route before its other states. */
const inOrder = (): readonly string[] => {
  const pages = installation.pages.filter(({ name }) => !ALIKE.test(name));
  const routes = [...Map.groupBy(pages, ({ route }) => route).values()];
  return [...routes.flatMap((states) => states.slice(0, 1)), ...routes.flatMap((states) => states.slice(1))].map(
    ({ name }) => name,
  );
};

/** How many routes are looked at a second time, wide; `npm run prove` looks at the rest. */
const WIDE = 4;
const selection = () => pairwise(inOrder(), inOrder().length + WIDE);

test('the selection is small and the same each time; it sees every page narrow, the first wide, and all languages light and dark', () => {
  const names = inOrder();
  expect(names.length).toBe(installation.pages.length - 8);
  const loads = selection();
  expect(loads).toEqual(selection());
  expect(allLoads(names)).toEqual(expect.arrayContaining([...loads]));
  expect(new Set(loads.flatMap(({ page, width }) => (width === 320 ? [page] : [])))).toEqual(new Set(names));
  const wide = loads.filter(({ width }) => width === 1280);
  expect(wide.map(({ page }) => page)).toEqual(names.slice(0, WIDE));
  for (const some of [loads, wide])
    expect(new Set(some.map(({ tongue, scheme }) => `${tongue} ${scheme}`)).size).toBeGreaterThan(3);
});

test('nothing is wrong with any of them', async () => {
  expect(await lookAtAll(browser, installation.pages, selection())).toEqual([]);
});

test('in colours that the reader forces, the vote that is marked still differs from the others', async () => {
  const page = await (await openWindow(browser, { width: 320, scheme: 'dark' })).newPage();
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(installation.pages.find(({ name }) => name === 'to certify')?.address ?? '');
  await page.check('[name="vote.district-1"][value=no]');
  /** A few pixels below the word, as they are drawn: computed styles are still those of the site. */
  const drawn = async (vote: string) => {
    const { x = 0, y = 0, height = 0 } = (await page.locator(`[name="vote.district-1"][value=${vote}]`).boundingBox()) ?? {};
    return (await page.screenshot({ clip: { x: x + 8, y: y + height - 7, width: 4, height: 4 } })).toString('base64');
  };
  expect(await drawn('yes')).toBe(await drawn('absent'));
  expect(await drawn('no')).not.toBe(await drawn('yes'));
  await page.context().close();
});

test('on paper the address of a document can be read, nothing follows the last line, and no long title squeezes the days', async () => {
  const page = await (await openWindow(browser, { width: 1280, scheme: 'dark' })).newPage();
  const open = (named: string) => page.goto(installation.pages.find(({ name }) => name === named)?.address ?? '');
  await page.emulateMedia({ media: 'print' });
  await open('receipt of the clerk');
  const [address, below] = await page.evaluate<readonly [string, number]>(`[
    getComputedStyle(document.querySelector('a[rel~=external]'), '::after').content,
    document.documentElement.scrollHeight - document.querySelector('footer p:nth-last-child(2)').getBoundingClientRect().bottom,
  ]`);
  expect(address).toContain('https://');
  expect(below).toBeLessThan(20);
  await open('calendar, very many');
  expect((await page.locator('.dates tbody th').first().boundingBox())?.width).toBeGreaterThan(120);
  await page.context().close();
});

/** Acts of officials: the page, the form on it, what is pressed on which of its fields, and what its page shows afterwards. */
const ACTS: readonly (readonly [page: string, form: string, fields: Readonly<Record<string, string>>, shows: string])[] = [
  ['to take a refusal back', '[action*="/take-back"]', { '[name=reason]': 'A wrong click.' }, 'You took back your refusal'],
  ['to contest', '[action*="/contest"]', { '[name=reason]': 'Others see it now.' }, 'The Mayor objected'],
  ['roster to refuse', 'form.card:has(textarea)', { '[name=reason]': 'I did not ask for it.' }, 'Refused by The Mayor'],
  ['roster to confirm', 'form.card', { '[type=checkbox]': ' ' }, 'You have confirmed this.'],
  ['receipt of the mayor', '[action*="/revoke"]', { '[name=reason]': 'Enough.', '[type=checkbox]': ' ' }, 'You switched'],
];

test('by keyboard alone an official does each act; from there, back shows what was recorded', async () => {
  const page = await (await openWindow(browser, { width: 320, scheme: 'light' })).newPage();
  for (const [name, form, fields, shows] of ACTS) {
    await page.goto(installation.pages.find((entry) => entry.name === name)?.address ?? name);
    for (const [field, keys] of Object.entries(fields)) {
      await tabTo(page, `${form} ${field}`);
      await page.keyboard.type(keys);
    }
    const submit = `${form} [type=submit]`;
    await tabTo(page, submit);
    await page.keyboard.press('Shift+Tab');
    const loaded = page.waitForEvent('load');
    await pressOn(page, submit);
    await loaded;
    expect(await page.locator('main').textContent(), name).toContain(shows);
    await page.goBack();
    expect(await page.locator('main').textContent(), `${name}, back`).toContain(shows);
  }
  await page.context().close();
});
