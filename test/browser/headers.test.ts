import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FONTS, fontPath, STYLE_PATH } from '../../functions/web/site/assets.ts';
import { openCity } from '../functions/web/site/support/city.ts';
import { everyPage } from './matrix/pages.ts';

const CLOSED =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  installation = await everyPage();
});
afterAll(() => installation?.close());

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
