import { beforeAll, expect, test } from 'vitest';
import type { Notice } from '../../../../domain/feature/notice.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { readRules } from '../../../../functions/gate/rules.ts';
import type { Letter } from '../../../../functions/platform/mail/letter.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';
import { draftsOf, sceneOf } from '../../../../functions/reactions/notify/asks.ts';
import { readChange } from '../../../../functions/register/project.ts';
import { cityForAll, NOTICE } from './support/city.ts';
import { textOf } from './support/readers.ts';

// The vendor says what it said before, in the same words, but the city can no longer say no, more agencies see it, and it costs something.
const TURNED: Partial<Notice> = {
  optOut: 'no',
  impact: { ...NOTICE.impact, sharing: 'changed', cost: 'changed' },
  effectiveAt: '2026-05-01T00:00:00Z',
  documents: [...(NOTICE.documents ?? []), { title: 'Price list', kind: 'contract', url: 'https://vendor.example/prices' }],
};

let change: Received;
const city = cityForAll();
beforeAll(async () => {
  change = await city.notify();
});

const letterOf = async ({ change: id }: Received, language: string): Promise<Letter> => {
  const [key = '', n = '1'] = id.split('/');
  const reading = await readChange(city.ports, key, Number(n));
  const { roster } = await readRules(city.ports);
  if (reading === undefined || roster === null) return expect.unreachable();
  const [draft] = draftsOf(await sceneOf(city.ports, reading, roster.roster), undefined).drafts;
  return draft === undefined ? expect.unreachable() : draft.write(wordsFor(language), 'https://link', []);
};

/** What each place says of a change that is open: its page, the clerk's, the packet, and the mail that asks. */
const places = async (open: Received, page: string): Promise<readonly string[]> => {
  const clerk = await city.link('clerk', 'council', open);
  const shown = await Promise.all([page, clerk, `/packet?change=${open.change}`].map((path) => city.page(path)));
  return [...shown.map(textOf), JSON.stringify(await letterOf(open, 'en'))];
};

const EXPECTED = [
  ['Can the city say no?', 'Yes, the vendor can hold it back.', 'No, the vendor cannot hold it back.'],
  ['Who else sees it', 'as before', 'changes'],
  ['What it costs', 'not stated', 'changes'],
  ['Takes effect', 'March 31, 2026', 'April 30, 2026'],
  ['Document', 'not there', 'Price list'],
];

const expectTold = (text: string): void => {
  for (const [label = '', before = '', after = ''] of EXPECTED) {
    const at = text.search(new RegExp(`${label.replaceAll('?', '\\?')}\\W{1,9}(?:Before|before)\\W{1,9}${before}`));
    expect(at, `${label} in ${text}`).toBeGreaterThan(-1);
    expect(text.slice(at, at + 400)).toContain(after);
  }
};

test('a revision is compared field by field with the one before, on pages, in the packet and in the mail', async () => {
  change = await city.notify({ ...TURNED, revises: 1 });
  for (const text of await places(change, '/changes/acme/1')) {
    expectTold(text);
    expect(text).not.toContain('Nothing that the notice states is different');
  }
  const { optOutYes, optOutNo } = wordsFor('es').notice.change;
  expect(JSON.stringify(await letterOf(change, 'es'))).toContain(`antes: ${optOutYes}; ahora: ${optOutNo}`);
});

test('a revision that states the same in other bytes says so; longer texts are compared word by word', async () => {
  const impact = { cost: 'changed', sharing: 'changed', ...NOTICE.impact, ...TURNED.impact } as const;
  expect(await city.notify({ ...TURNED, impact, revises: 1 })).toMatchObject({ revision: 3 });
  expect(textOf(await city.page('/changes/acme/1'))).toContain('Nothing that the notice states is different.');
  const cost = { effect: 'changed', from: 'Ten dollars.', to: 'Twelve dollars.' } as const;
  await city.notify({ ...TURNED, impact: { ...impact, cost }, description: 'Searches run on sound.', revises: 1 });
  const page = await city.page('/changes/acme/1');
  expect(page).toContain('<ins>sound');
  expect(page).toContain('<ins>Ten dollars. → Twelve dollars.</ins>');
});

test('a new change is compared with the approved words that it would replace, in the same places', async () => {
  const first = await city.notify({ feature: 'acme.lpr' });
  await city.approve(first);
  const second = await city.notify({ ...TURNED, feature: 'acme.lpr' });
  for (const text of await places(second, `/changes/${second.change}`)) {
    expectTold(text);
    expect(text).toMatch(/approved last/);
  }
});
