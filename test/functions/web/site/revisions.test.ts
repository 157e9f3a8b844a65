import { beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '../../../../domain/feature/notice.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { readRules } from '../../../../functions/gate/rules.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';
import { draftsOf, sceneOf } from '../../../../functions/reactions/notify/asks.ts';
import { readChange } from '../../../../functions/register/project.ts';
import { certificate, cityForAll, cityForTest, NOTICE } from './support/city.ts';
import { plainOf, textOf } from './support/readers.ts';

describe('a change of many revisions', () => {
  let first: Received;
  let clerk: string;
  const city = cityForAll();
  beforeAll(async () => {
    first = await city.notify({ summary: 'Revision number 1.' });
    clerk = await city.toClerk(first);
    for (let n = 2; n <= 7; n += 1) await city.notify({ revises: 1, summary: `Revision number ${n}.` });
  });

  const page = async (query = '') => city.page(`/changes/acme/1${query}`);
  /** The revisions that are compared with the one before, by what is new in each. */
  const compared = (html: string) =>
    [...html.matchAll(/<td>[^<]*<small class="cell">[^<]*<\/small><bdi[^>]*>Revision number (\d)/g)].flatMap(
      ([, n = ''], index) => (index % 2 === 1 ? [n] : []),
    );

  test('compares the newest, and leads to the others', async () => {
    const html = await page();
    expect(compared(html)).toEqual(['7']);
    const others = [...html.matchAll(/href="\/changes\/acme\/1\?revision=(\d)#revision-\1"/g)].map(([, n]) => n);
    expect(others).toEqual(['6', '5', '4', '3', '2']);
    for (let n = 1; n <= 7; n += 1) expect(html).toContain(`id="revision-${n}"`);
    expect(html).toContain('href="/features/acme?history=6#history">What is on record for older revisions');
    expect(await city.page('/features/acme?history=6')).toMatch(/id="history">(?!.*revision 7).*revision 6/);
  });

  test('or the one that is asked for, in the reader’s language; the first has none before it, an unknown number shows none', async () => {
    const html = await page('?revision=3&lang=es');
    expect(compared(html)).toEqual(['3']);
    expect(html).toContain('href="/changes/acme/1?revision=4&amp;lang=es#revision-4"');
    for (const asked of ['1', '999']) expect(compared(await page(`?revision=${asked}`))).toEqual([]);
  });

  test.each(['0', '-1', 'x', '1e3', '12345678', '1&revision=2'])('400 for ?revision=%s', async (asked) => {
    expect((await city.get(`/changes/acme/1?revision=${asked}`)).status).toBe(400);
  });

  test('an old link does not claim a mail about the newest, which goes out only to whose turn it is', async () => {
    expect(textOf(await city.page(clerk))).toContain('no longer decide. The mail that asks you about revision 7 has a new link.');
  });

  test('shows a roll call typed for a replaced one, to be copied, and no form that sends it', async () => {
    const votes = { 'vote.at-large': 'abstain', 'vote.district-2': 'perhaps', 'vote.district-3': 'no', mover: 'district-1' };
    const typed = certificate(first, { ...votes, comment: 'Two lines\nof <b>text</b>.' });
    const answer = await city.post(clerk, typed, { accept: 'text/html' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('<h2>What you filled in</h2>');
    for (const text of ['District 1: yes', 'District 3: no', 'At Large: abstained', 'File number26-0412'])
      expect(plainOf(html)).toContain(text);
    expect(html).toContain('of &lt;b&gt;text&lt;/b&gt;.');
    expect(html).not.toMatch(/href="#f-vote|perhaps|<(?:form|input|select|textarea)\b/);
    expect((await city.post(clerk, certificate(first), { accept: 'text/html' })).status).toBe(409);
    await city.hides(clerk, 'What you filled in');
  });
});

test('what is said of an impact stands open on the page, first what changes, and is compared', async () => {
  const city = await cityForTest();
  const kept = (to: string) =>
    ({ cost: 'unchanged', sharing: 'unchanged', retention: { effect: 'changed', from: '30 days.', to } }) as const;
  await city.notify({ impact: kept('One year.') });
  await city.notify({ impact: kept('Two years.'), revises: 1 });
  const html = await city.page('/changes/acme/1');
  const rows = [...html.matchAll(/<tr><th scope="row">(.*?)<\/th><td>(.*?)<\/td><\/tr>/g)].map((row) =>
    row.slice(1).map((cell) => textOf(cell).trim()),
  );
  expect(rows[0]).toEqual(['How long it is kept', 'changes Before: 30 days. New: Two years.']);
  expect(rows.at(-1)).toEqual(['Who else sees it and What it costs', 'as before']);
  expect(html).toMatch(/<del>One year<\/del>|<del>One<\/del>/);
});

describe('a notice that says what it said before, but the city can no longer say no, more agencies see it, and it costs something', () => {
  const TURNED: Partial<Notice> = {
    optOut: 'no',
    impact: { ...NOTICE.impact, sharing: 'changed', cost: 'changed' },
    effectiveAt: '2026-05-01T00:00:00Z',
    documents: [...(NOTICE.documents ?? []), { title: 'Price list', kind: 'contract', url: 'https://vendor.example/prices' }],
  };
  const EXPECTED = [
    ['Can the city say no?', 'Yes, the vendor can hold it back', 'No, the vendor cannot hold it back'],
    ['Who else sees it', 'as before', 'changes'],
    ['What it costs', 'not stated', 'changes'],
    ['Takes effect', 'March 31, 2026', 'April 30, 2026'],
    ['Document', 'not there', 'Price list'],
  ];
  const city = cityForAll();
  beforeAll(async () => {
    await city.notify();
  });

  const letterOf = async ({ change: id }: Received, language: string) => {
    const [key = '', n = '1'] = id.split('/');
    const reading = await readChange(city.ports, key, Number(n));
    const { roster } = await readRules(city.ports);
    if (reading === undefined || roster === null) return expect.unreachable();
    const [draft] = draftsOf(await sceneOf(city.ports, reading, roster.roster), undefined).drafts;
    return draft === undefined ? expect.unreachable() : draft.write(wordsFor(language), 'https://link', []);
  };

  /** Each difference stands on the page of an open change, the clerk's, in the packet, and in the mail that asks. */
  const expectTold = async (open: Received) => {
    const clerk = await city.toClerk(open);
    const pages = [`/changes/${open.change}`, clerk, `/packet?change=${open.change}`];
    const texts = [...(await Promise.all(pages.map(city.text))), JSON.stringify(await letterOf(open, 'en'))];
    for (const text of texts)
      for (const [label = '', before = '', after = ''] of EXPECTED) {
        const at = text.search(new RegExp(`${label.replaceAll('?', '\\?')}\\W{1,9}(?:Before|before)\\W{1,9}${before}`));
        expect(at, `${label} in ${text}`).toBeGreaterThan(-1);
        expect(text.slice(at, at + 400)).toContain(after);
      }
    return texts;
  };

  test('as a revision is compared field by field with the one before, on pages, in the packet and in the mail', async () => {
    const change = await city.notify({ ...TURNED, revises: 1 });
    for (const text of await expectTold(change)) expect(text).not.toContain('Nothing that the notice states is different');
    const { optOutYes, optOutNo } = wordsFor('es').notice.change;
    expect(JSON.stringify(await letterOf(change, 'es'))).toContain(
      `antes: ${optOutYes.slice(0, -1)}; ahora: ${optOutNo.slice(0, -1)}"`,
    );
  });

  test('stated again in other bytes says so; longer texts are compared word by word', async () => {
    const impact = { cost: 'changed', sharing: 'changed', ...NOTICE.impact, ...TURNED.impact } as const;
    expect(await city.notify({ ...TURNED, impact, revises: 1 })).toMatchObject({ revision: 3 });
    await city.says('/changes/acme/1', 'Nothing that the notice states is different.');
    const cost = { effect: 'changed', from: 'Ten dollars.', to: 'Twelve dollars.' } as const;
    await city.notify({ ...TURNED, impact: { ...impact, cost }, description: 'Searches run on sound.', revises: 1 });
    await city.shows('/changes/acme/1', '<ins>sound', '<ins>Ten dollars. → Twelve dollars.</ins>');
  });

  test('as a new change is compared with the approved words that it would replace, in the same places', async () => {
    await city.approve(await city.notify({ feature: 'acme.lpr' }));
    for (const text of await expectTold(await city.notify({ ...TURNED, feature: 'acme.lpr' })))
      expect(text).toMatch(/approved last/);
  });
});
