import { expect, test } from 'vitest';
import { mailsDue } from '../../../../functions/reactions/notify/asks.ts';
import { NOON } from '../../openGate.ts';
import { mailing, who, withLink } from './mailing.ts';

const CLERKS = ['clerk', 'deputy-clerk'];
const at = (minutes: number): string => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();
const due = (...minutes: readonly number[]): number =>
  (Date.parse(mailsDue(minutes.map((each) => ({ at: at(each) })))) - Date.parse(NOON)) / 60_000;

test.each([
  ['the notice', [0], 0],
  ['its first revision', [0, 1], 1],
  ['the second within the hour', [0, 1, 2], 61],
  ['the third within the hour', [0, 1, 2, 60], 61],
  ['one in the hour after that', [0, 1, 2, 61], 121],
  ['one after a quiet hour', [0, 1, 2, 121], 121],
  ['a hundred an hour, in their third hour', [0, ...Array.from({ length: 300 }, (_, n) => n / 2)], 180],
])('mails about %s', (_, minutes, expected) => {
  expect(due(...minutes)).toBe(expected);
});

test('120 revisions in a second send the mails of one, and those of the last one when the hour is over', async () => {
  const { gate, mails, regular } = await mailing();
  await gate.notice();
  expect(who(await mails(), withLink)).toEqual(CLERKS);
  for (let n = 0; n < 120; n += 1) {
    await gate.notice({ revises: 1, title: `Revision ${n}` });
    // Some are handled one by one, some together.
    if (n === 0) expect(who(await mails(), withLink)).toEqual(CLERKS);
    if (n % 50 === 1) expect(await mails()).toEqual([]);
  }
  gate.at(at(59));
  expect(await regular()).toEqual([]);
  gate.at(at(61));
  const later = await regular();
  expect(who(later, withLink)).toEqual(CLERKS);
  expect(later.length).toBe(new Set(who(later)).size);
  expect(later.every(({ revision, subject }) => revision === 121 && subject.includes('Revision 119'))).toBe(true);
  gate.at(at(90));
  expect(await regular()).toEqual([]);
});

test('mails that waited are not sent once the change is closed, nor again while the next revisions wait', async () => {
  const { gate, mails, regular } = await mailing();
  await gate.notice();
  for (const title of ['One', 'Two', 'Three']) {
    await gate.notice({ revises: 1, title });
    await mails();
  }
  gate.at(at(61));
  expect(who(await regular(), withLink)).toEqual(CLERKS);
  await gate.notice({ revises: 1, title: 'Four' });
  expect(await regular()).toEqual([]);
  await gate.withdraw('acme/1');
  await mails();
  gate.at(at(130));
  expect(await regular()).toEqual([]);
});

test('who acts next is asked at once, also while revisions wait', async () => {
  const { gate, mails } = await mailing();
  await gate.notice();
  let { digest } = await gate.notice({ revises: 1, title: 'One' });
  ({ digest } = await gate.notice({ revises: 1, title: 'Two' }));
  await mails();
  await gate.certify('acme/1', digest, { revision: 3 });
  expect(who(await mails())).toEqual(['mayor']);
});
