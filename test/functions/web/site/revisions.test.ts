import { beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForAll, openCity } from './support/city.ts';
import { textOf } from './support/readers.ts';

let first: Received;
let clerk: string;
const city = cityForAll();
beforeAll(async () => {
  first = await city.notify({ summary: 'Revision number 1.' });
  clerk = await city.link('clerk', 'council', first);
  for (let n = 2; n <= 7; n += 1) await city.notify({ revises: 1, summary: `Revision number ${n}.` });
});

const page = async (query = ''): Promise<string> => city.page(`/changes/acme/1${query}`);
/** The revisions that are compared with the one before, by what is new in each. */
const compared = (html: string): readonly string[] =>
  [...html.matchAll(/<td>[^<]*<small class="cell">[^<]*<\/small><bdi[^>]*>Revision number (\d)/g)].flatMap(([, n = ''], index) =>
    index % 2 === 1 ? [n] : [],
  );

describe('a change of many revisions', () => {
  test('compares the newest, and leads to the others', async () => {
    const html = await page();
    expect(compared(html)).toEqual(['7']);
    const others = [...html.matchAll(/href="\/changes\/acme\/1\?revision=(\d)#revision-\1"/g)].map(([, n]) => n);
    expect(others).toEqual(['6', '5', '4', '3', '2']);
    for (let n = 1; n <= 7; n += 1) expect(html).toContain(`id="revision-${n}"`);
  });

  test('or the one that is asked for, in the reader’s language', async () => {
    const html = await page('?revision=3&lang=es');
    expect(compared(html)).toEqual(['3']);
    expect(html).toContain('href="/changes/acme/1?revision=4&amp;lang=es#revision-4"');
  });

  test('the first has none before it, and an unknown number shows none', async () => {
    for (const asked of ['1', '999']) expect(compared(await page(`?revision=${asked}`))).toEqual([]);
  });

  test.each(['0', '-1', 'x', '1e3', '12345678', '1&revision=2'])('400 for ?revision=%s', async (asked) => {
    expect((await city.get(`/changes/acme/1?revision=${asked}`)).status).toBe(400);
  });

  test('shows a roll call typed for a replaced one, to be copied, and no form that sends it', async () => {
    const typed = certificate(first, {
      'vote.at-large': 'abstain',
      'vote.district-2': 'perhaps',
      'vote.district-3': 'no',
      mover: 'district-1',
      comment: 'Two lines\nof <b>text</b>.',
    });
    const answer = await city.post(clerk, typed, { accept: 'text/html' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('<h2>What you filled in</h2>');
    expect(html).not.toContain('href="#f-vote');
    const shown = html.replaceAll(/<[^>]*>/g, '');
    for (const text of ['District 1: yes', 'District 3: no', 'At Large: abstained', 'File number26-0412'])
      expect(shown).toContain(text);
    expect(html).toContain('of &lt;b&gt;text&lt;/b&gt;.');
    expect(html).not.toContain('perhaps');
    expect(html).not.toMatch(/<(?:form|input|select|textarea)\b/);
    expect((await city.post(clerk, certificate(first), { accept: 'text/html' })).status).toBe(409);
    expect(await city.page(clerk)).not.toContain('What you filled in');
  });
});

test('what is said of an impact stands open on the page, first what changes, and is compared', async () => {
  const own = await openCity();
  const impact = {
    cost: 'unchanged',
    sharing: 'unchanged',
    retention: { effect: 'changed', from: '30 days.', to: 'One year.' },
  } as const;
  await own.notify({ impact });
  await own.notify({ impact: { ...impact, retention: { effect: 'changed', from: '30 days.', to: 'Two years.' } }, revises: 1 });
  const html = await own.page('/changes/acme/1');
  const rows = [...html.matchAll(/<tr><th scope="row">(.*?)<\/th><td>(.*?)<\/td><\/tr>/g)].map((row) =>
    row.slice(1).map((cell) => textOf(cell).trim()),
  );
  expect(rows[0]).toEqual(['How long it is kept', 'changes Before: 30 days. New: Two years.']);
  expect(rows.at(-1)).toEqual(['Who else sees it and What it costs', 'as before']);
  expect(html).toMatch(/<del>One year<\/del>|<del>One<\/del>/);
  await own.close();
});
