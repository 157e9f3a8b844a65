import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FONTS, fontPath, readFont, STYLE, STYLE_PATH } from '../../../../functions/web/site/assets.ts';
import { COMPILED, compileStyle } from '../../../../infra/style/compile.ts';
import { openCity } from './support/city.ts';

test('what is committed of the design system is what its Sass gives', async () => {
  expect(await compileStyle()).toBe(readFileSync(COMPILED, 'utf8'));
});

test('the stylesheet stays small, names no other host and no physical direction, and has the variables it uses', () => {
  expect(STYLE.length).toBeLessThan(24 * 1024);
  expect(gzipSync(STYLE).length).toBeLessThan(7 * 1024);
  expect(STYLE).not.toMatch(/https?:|@import|data:/);
  const physical = /(?:margin|padding|border)-(?:left|right)|[{;](?:left|right):|float:/g;
  expect(STYLE.match(physical)).toBeNull();
  const used = new Set([...STYLE.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name));
  const known = new Set([...STYLE.matchAll(/[{;](--[\w-]+):/g)].map(([, name]) => name));
  expect([...used].filter((name) => !known.has(name))).toEqual([]);
});

test('only tables of many columns break words in the head', () => {
  const breaking = [...STYLE.matchAll(/([^{}]+)\{[^{}]*overflow-wrap:\s*anywhere/g)].map(([, selector = '']) => selector);
  expect(breaking.filter((selector) => selector.includes('.figure')).map((each) => each.trim())).toEqual([
    '.figure tr:has(>:nth-child(5)) th',
  ]);
});

test('what is printed is read by a person: no policy as JSON, no command, and the headings of officials and bodies', async () => {
  const [unprinted = ''] = STYLE.match(/(?<=@media print\{.*\})[^{}]*(?=\{display:none)/s) ?? [];
  expect(unprinted.split(',')).toEqual(
    expect.arrayContaining(['nav', '.screen', 'h2:not(#officials):not([id|="body"]):has(+ form)']),
  );
  const city = await openCity();
  expect(await city.page('/rules')).toMatch(/<h2 id="officials">.*<pre class="screen">/s);
  await city.notify();
  expect(await city.page('/features/acme')).toContain('<details class="screen">');
  await city.close();
});

test('large letters tear no word of a button apart: it goes to the next line', () => {
  expect(STYLE).toMatch(/button,a\.go\{[^}]*overflow-wrap:break-word/);
});

test('the fonts are two small WOFF2 files, each named by its contents and loaded by the stylesheet', () => {
  expect(FONTS).toHaveLength(2);
  for (const file of FONTS) {
    const bytes = readFont(file);
    expect(file).toContain(`.${hash('sha256', bytes).slice(0, 16)}.`);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('wOF2');
    expect(bytes.length).toBeLessThan(24_000);
    expect(STYLE).toContain(`url(${fontPath(file)})`);
  }
});

test('only the stylesheet delays a page, and it comes compressed to who takes that', async () => {
  const city = await openCity();
  expect(await city.page('/')).not.toContain('rel="preload"');
  const plain = await city.get(STYLE_PATH, { 'accept-encoding': 'br, gzip;q=0' });
  expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, STYLE]);
  const compressed = await city.get(STYLE_PATH, { 'accept-encoding': 'deflate, gzip;q=0.5' });
  expect([compressed.headers.get('content-encoding'), compressed.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
  expect(gunzipSync(await compressed.arrayBuffer()).toString()).toBe(STYLE);
  await city.close();
});
