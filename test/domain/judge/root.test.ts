import { expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { Commit } from '../../../domain/kernel/commit.ts';
import { softwareKey } from '../../support/authenticator.ts';
import { roster, thirteenSeats } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { adoption, certify, date, day, facts, notify, optOut, repin, sign } from '../feature/support.ts';
import { approvedPolicy } from './cityStories.ts';
import { enrolled, GATE, letIn, withKey } from './forger.ts';
import { CLERK, city, Log, MEMBER } from './log.ts';

// What an operator with every key can still forge where each decision needs a passkey: acts under keys that the operator enrolled in the
// names of officials. docs/security.md says so. Each leaves events that a reader of the log sees.

const forged = { clerk: softwareKey(GATE), mayor: softwareKey(GATE) };
const strict = () => city({ ...thirteenSeats, passkeys: 'required' });
/** The acts of clerk and mayor under the operator's keys, enrolled at `since`. */
const acts = (log: Log, since: string) =>
  log.feat(
    notify(day(0), 1),
    withKey(certify(day(10), 1), 'clerk', forged.clerk, since),
    withKey(sign(day(11), 1), 'mayor', forged.mayor, since),
  );

test('root can enrol a first passkey in the name of an official who has none', () => {
  const log = acts(enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', forged.mayor), day(0));
  expect(codeOfLast(log)).toBe('stands');
});

test('beside a passkey that the official has enrolled no other key counts', () => {
  const log = enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', softwareKey(GATE));
  expect(codeOfLast(acts(log, day(0)))).toBe('passkey');
});

// Acts that enter the log late, dated before the log asked for a passkey: of the stream of their own that `old` writes.
const asked = () =>
  approvedPolicy(city().proposePolicy({ ...thirteenSeats, version: 'strict', passkeys: 'required' }, day(1)))
    .adoptProposed(day(13))
    .on('acme.later', notify(day(14), 1));
const codeOfLate = (log: Log, old: Log, stream = 'feature/acme') => {
  const known = log.commits.filter((commit) => commit.stream === stream).length;
  log.commits.push(...old.commits.filter((commit) => commit.stream === stream).slice(known));
  return codeOfLast(log);
};
const voted = () => city().feat(notify(day(0), 1), certify(day(10), 1));

test('a decision that is dated before the rule that asks for passkeys, and enters the log later, needs one all the same', () => {
  const acts = voted();
  const signed = voted().feat(sign(day(11), 1));
  for (const log of [acts, signed]) expect(codeOfLast(log)).toBe('stands');
  expect(codeOfLate(asked(), acts)).toBe('passkey-missing');
});

test('a decision that is dated before the first passkey of a person needs one where it enters later', () => {
  const whenEnrolled = () => city({ ...thirteenSeats, passkeys: 'when-enrolled' });
  const log = enrolled(whenEnrolled(), 'clerk', softwareKey(GATE), day(11)).on('acme.later', notify(day(14), 1));
  const old = whenEnrolled().feat(notify(day(0), 1), certify(day(10), 1));
  expect(codeOfLate(log, old)).toBe('passkey-missing');
});

test('a roster is confirmed, and passkeys are reset, by the rules that the log has by then', () => {
  const confirmed = city()
    .proposeRoster(roster({ mayor: { id: 'another', name: 'Another' } }), day(2))
    .confirmRoster(CLERK, day(3));
  expect(codeOfLate(asked(), confirmed, 'roster')).toBe('passkey-missing');
  const reset = city().resetPasskeys(MEMBER.holder, day(3));
  expect(codeOfLate(asked(), reset, 'roster')).toBe('roster-confirmer');
});

test('one person confirms a roster before the first policy, and not by a date before it', () => {
  const alone = new Log()
    .zone()
    .setRoster()
    .proposeRoster(roster({ mayor: { id: 'another' } }), day(-9))
    .confirmRoster(CLERK, day(-9, '13:00:00.000'));
  expect(codeOfLast(alone)).toBe('stands');
  expect(codeOfLate(voted(), alone, 'roster')).toBe('roster-confirmer');
});

test('a notice that enters late under the policy that is in force binds to its rule on passkeys, as one in time', () => {
  const off = () => city({ ...thirteenSeats, passkeys: 'off' });
  const log = off().proposePolicy({ ...thirteenSeats, version: 'strict', passkeys: 'required' }, day(1));
  const acts = off().feat(notify(day(0), 1), certify(day(20), 1));
  const [notice, certificate] = acts.commits.filter(({ stream }) => stream === 'feature/acme');
  log.commits.push(notice as Commit);
  approvedPolicy(log)
    .adoptProposed(day(13))
    .commits.push(certificate as Commit);
  expect(codeOfLast(log)).toBe('stands');
});

test('what enters a quarter of an hour late is still judged by its own time, as a gate that was cut off made it', () => {
  const noticed = () => city().feat(notify(day(0), 1));
  const log = approvedPolicy(noticed().proposePolicy({ ...thirteenSeats, version: 'strict', passkeys: 'required' }, day(1)));
  const old = noticed().feat(certify(day(13, '11:50:00.000'), 1));
  expect(codeOfLate(log.adoptProposed(day(13)), old)).toBe('stands');
});

/** The log with the first commit about `acme` entered after that about `acme.later`. */
const noticedLate = (log: Log) => {
  const [notice] = log.commits.splice(
    log.commits.findIndex(({ stream }) => stream === 'feature/acme'),
    1,
  );
  log.commits.splice(log.commits.findIndex(({ stream }) => stream === 'feature/acme.later') + 1, 0, notice as Commit);
  return log;
};
const LATER = day(20, '13:00:00.000');

test('words that enter late were public for no longer than the log has them', () => {
  const log = (at: string) =>
    city()
      .feat(notify(day(0), 1))
      .on('acme.later', notify(day(20), 1))
      .feat(certify(at, 1));
  expect(codeOfLast(log(LATER))).toBe('stands');
  expect(codeOfLast(noticedLate(log(LATER)))).toBe('meeting');
  expect(codeOfLast(noticedLate(log(day(28))))).toBe('stands');
});

test('words that enter late are decided under no policy that is in force no more, until they are bound to the one that is', () => {
  const bound = (...acts: readonly FeatureCommand[]) =>
    approvedPolicy(
      city()
        .feat(notify(day(0), 1))
        .proposePolicy({ ...thirteenSeats, version: 'next' }, day(1)),
    )
      .adoptProposed(day(13))
      .on('acme.later', notify(day(20), 1))
      .feat(...acts);
  expect(codeOfLast(noticedLate(bound(certify(day(40), 1))))).toBe('other-policy');
  expect(codeOfLast(noticedLate(bound(repin(day(21)), certify(day(22), 1))))).toBe('meeting');
  expect(codeOfLast(noticedLate(bound(repin(day(21)), certify(day(40), 1))))).toBe('stands');
});

test('an opt-out that is dated in time, and enters the log later, is not one in time', () => {
  const notice = facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25) });
  const acts = [notify(day(0), 1), ...adoption(1), notify(day(20), 2, { notice })];
  const announced = () =>
    city()
      .token('console', 'ida', 'observe')
      .feat(...acts);
  const log = announced().on('acme.later', notify(day(26), 1));
  expect(codeOfLate(log, announced().feat(optOut(day(24))))).toBe('opt-out');
});

test('a passkey that was removed proves no decision by its date', () => {
  const open = () => enrolled(strict().feat(notify(day(0), 1)), 'clerk', forged.clerk);
  const log = letIn(open(), 'clerk', forged.clerk, softwareKey(GATE));
  const removal = { type: 'PasskeyRemoved', v: 1, at: day(12), holder: 'clerk', credential: forged.clerk.id };
  log.write('access/passkeys/clerk', [removal], { at: day(12), actor: 'holder:clerk' });
  const old = open().feat(withKey(certify(day(10), 1), 'clerk', forged.clerk));
  expect(codeOfLate(log, old)).toBe('passkey');
});

test('no date brings anyone back into office', () => {
  const open = () => city().feat(notify(day(0), 1), certify(day(10), 1));
  const log = open().adoptRoster(roster({ mayor: { id: 'another' } }), day(12));
  expect(codeOfLate(log, open().feat(sign(day(11), 1)))).toBe('not-in-office');
});

test('no date brings back the time for a decision, or for a second person on a roster', () => {
  const open = () => city().feat(notify(day(0), 1), certify(day(10), 1));
  const other = open().on('acme.later', notify(day(100), 1));
  expect(codeOfLate(other, open().feat(sign(day(11), 1)))).toBe('overdue');
  const proposed = () =>
    city()
      .proposeRoster(roster({ mayor: { id: 'another' } }), day(0))
      .confirmRoster(CLERK, day(1));
  const log = proposed().on('acme.later', notify(day(20), 1));
  expect(codeOfLate(log, proposed().confirmRoster(MEMBER, day(2)), 'roster')).toBe('too-late');
});

test('no date makes anyone one of the two whose term is over', () => {
  const ending = () => city(thirteenSeats, roster({ clerk: { to: date(5) } })).resetPasskeys('mayor', day(1), CLERK);
  const log = ending().on('acme.later', notify(day(7), 1));
  expect(codeOfLate(log, ending().confirmRoster(CLERK, day(2)), 'roster')).toBe('roster-confirmer');
});
