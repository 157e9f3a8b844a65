import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type City, openCity } from './support/city.ts';

let city: City;
beforeAll(async () => {
  city = await openCity();
  await city.notify({ summary: 'Revision number 1.' });
  for (let n = 2; n <= 7; n += 1) await city.notify({ revises: 1, summary: `Revision number ${n}.` });
});
afterAll(() => city.close());

const page = async (query = ''): Promise<string> => (await city.get(`/changes/acme/1${query}`)).text();
const compared = (html: string): readonly string[] => [...html.matchAll(/<ins>(\d)<\/ins>/g)].map(([, n = '']) => n);

describe('a change of many revisions', () => {
  test('compares the newest, and leads to the others', async () => {
    const html = await page();
    expect(compared(html)).toEqual(['7', '6', '5']);
    expect([...html.matchAll(/href="\/changes\/acme\/1\?revision=(\d)#revision-\1"/g)].map(([, n]) => n)).toEqual([
      '4',
      '3',
      '2',
    ]);
    for (let n = 1; n <= 7; n += 1) expect(html).toContain(`id="revision-${n}"`);
  });

  test('and the one that is asked for, in the reader’s language', async () => {
    const html = await page('?revision=3&lang=es');
    expect(compared(html)).toEqual(['7', '6', '5', '3']);
    expect(html).toContain('href="/changes/acme/1?revision=4&amp;lang=es#revision-4"');
  });

  test('the first has none before it, and an unknown number shows none', async () => {
    for (const asked of ['1', '999']) expect(compared(await page(`?revision=${asked}`))).toEqual(['7', '6', '5']);
  });

  test.each(['0', '-1', 'x', '1e3', '12345678', '1&revision=2'])('400 for ?revision=%s', async (asked) => {
    expect((await city.get(`/changes/acme/1?revision=${asked}`)).status).toBe(400);
  });
});
