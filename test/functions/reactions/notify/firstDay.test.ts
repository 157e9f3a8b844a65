import { expect, test } from 'vitest';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';
import { firstDayMails } from '../../../../functions/reactions/notify/firstDay.ts';
import { roster } from '../../../support/fixtures/city.ts';

test('the mail of a first day quotes the changes as its language does', () => {
  const officials = roster();
  const [term] = officials.holders;
  if (term === undefined) throw new Error('no holder');
  const [mail] = firstDayMails([{ term, change: 'acme/1', title: 'A new way to search' }], {
    roster: officials,
    url: 'https://gate.example',
  });
  const listed = ['en', 'es'].map((language) => mail?.drafts[0]?.write(wordsFor(language), '', []).paragraphs.at(-1));
  const url = 'https://gate.example/changes/acme/1';
  expect(listed).toEqual([
    { text: '“A new way to search” (acme/1)', url },
    { text: '«A new way to search» (acme/1)', url },
  ]);
});
