import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { byBallots, council, mayor, policy, rule, signature } from '../../../support/fixtures/city.ts';

import { ballot, certify, date, day, notify, override, revise, rollOf, sign } from '../../feature/support.ts';
import { digest, edited, of, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';

import { actedAs, approved, type Forgery, open, passed, vetoed } from './base.ts';

/** Returns the log with its last act at another instant, on which the name of the act does not depend. */
const actedAt = (log: Log, at: string): Log =>
  tampered(
    edited(log, (event) => ({ ...event, at })),
    { at },
  );

/** The mayor’s refusal of day 11, taken back at an instant. */
const tookBackAt = (at: string): Log =>
  actedAt(vetoed().feat(sign(day(11, '12:10:00.000'), 1, { decision: 'take-back', comment: digest('a wrong click') })), at);

/** Forgeries of votes: too few, too early, or on another revision. */
export const VOTES: readonly Forgery[] = [
  [
    'an override with eight of nine',
    'consequence-missing',
    () => {
      const short = vetoed().feat(override(day(12), 1, { votes: rollOf(8, 3) }));
      const enough = vetoed().feat(override(day(12), 1));
      return tampered(short, { events: [...short.last.events.slice(0, 1), ...enough.last.events.slice(1)] });
    },
  ],
  [
    'an override that needs eight',
    'tally',
    () =>
      edited(
        vetoed().feat(override(day(12), 1)),
        of('VoteCertified', { tally: { yes: 9, no: 2, present: 11, of: 13, needed: 8 } }),
      ),
  ],
  [
    'a vote without a quorum',
    'quorum',
    () => {
      const few = city(policy(rule([council({ threshold: { yes: 1, of: 'seats' } }), mayor()]))).feat(notify(day(0), 1));
      const vote = city(policy(rule([council({ threshold: { yes: 1, of: 'seats' }, quorum: 1 }), mayor()]))).feat(
        notify(day(0), 1),
        certify(day(1), 1, { votes: rollOf(2) }),
      ).last;
      return few.write('feature/acme', vote.events, vote);
    },
  ],
  ['a meeting that lies ahead', 'meeting', () => edited(passed(), of('VoteCertified', { meetingDate: date(11) }))],
  ['a meeting before the words', 'meeting', () => edited(passed(), of('VoteCertified', { meetingDate: date(1) }))],
  ['no file', 'file-number', () => edited(passed(), of('VoteCertified', { fileNumber: '' }))],
  ['other votes than the act says', 'act', () => edited(passed(), of('VoteCertified', { mover: 'district-2' }))],
  [
    'before its turn',
    'order',
    () => open().write('feature/acme', approved().last.events, { at: day(11), actor: 'holder:mayor' }),
  ],
  [
    'a seat that answers twice',
    'already-decided',
    () => {
      const log = city(byBallots).feat(notify(day(0), 1), ballot(day(1), 1, 'district-1'));
      return log.write('feature/acme', log.last.events, log.last);
    },
  ],
  [
    'before it had been public for long enough',
    'too-early',
    () => {
      const early = city(policy(rule([signature('mayor'), signature('board')], { notice: 'P7D' }))).feat(notify(day(0), 1));
      const late = city(policy(rule([signature('mayor'), signature('board')], { notice: 'P0D' }))).feat(
        notify(day(0), 1),
        sign(day(1), 1),
      ).last;
      return early.write('feature/acme', late.events, late);
    },
  ],
  [
    'after the window',
    'overdue',
    () =>
      open().write(
        'feature/acme',
        passed().last.events.map((event) => ({ ...event, at: day(200) })),
        { at: day(200), actor: 'holder:clerk' },
      ),
  ],
  ['a refusal that is taken back a day later', 'too-late', () => tookBackAt(day(12))],
  [
    'a refusal that is taken back without a reason',
    'act',
    () => edited(tookBackAt(day(11, '13:00:00.000')), of('SignatureGiven', { comment: null })),
  ],
  ['a refusal that another takes back', 'not-in-office', () => actedAs(tookBackAt(day(11, '13:00:00.000')), 'stranger', 'mayor')],
  [
    'a refusal that is taken back after the second vote',
    'already-decided',
    () =>
      vetoed()
        .feat(override(day(11, '12:30:00.000'), 1))
        .write('feature/acme', tookBackAt(day(11, '13:00:00.000')).last.events, {
          at: day(11, '13:00:00.000'),
          actor: 'holder:mayor',
        }),
  ],
  [
    'a refusal taken back that was none',
    'order',
    () =>
      passed().write('feature/acme', tookBackAt(day(11, '13:00:00.000')).last.events, {
        at: day(11, '13:00:00.000'),
        actor: 'holder:mayor',
      }),
  ],
  [
    'on words that were revised',
    'other-words',
    () =>
      open()
        .feat(revise(day(9), 1, 2))
        .write('feature/acme', passed().last.events, passed().last),
  ],
  [
    'an instrument that decides nothing here',
    'requirement',
    () => edited(passed(), of('VoteCertified', { requirement: 'mayor' })),
  ],
  [
    'on a change that was refused',
    'closed',
    () =>
      open()
        .feat(certify(day(10), 1, { votes: rollOf(3, 8) }))
        .write('feature/acme', approved().last.events, { at: day(11), actor: 'holder:mayor' }),
  ],
  [
    'a notice that lacks a document',
    'documents',
    () => {
      const both = [signature('mayor'), signature('board')];
      const asking = rule(both, { when: { key: ['acme.**'] }, documents: ['impact-report'] });
      const bare = city(policy(asking, rule(both, { id: 'rest' }))).feat(notify(day(0), 1));
      const signed = city(policy(rule([signature('mayor'), signature('board')]))).feat(notify(day(0), 1), sign(day(1), 1)).last;
      return bare.write('feature/acme', signed.events, signed);
    },
  ],
];

const until = (at: string) => ({ terms: { ...NO_TERMS, until: at } });
/** Forgeries of approvals on terms that are over, or that an earlier decision did not set. */
export const TERMS: readonly Forgery[] = [
  [
    'other terms than stand',
    'terms',
    () => {
      const two = () => city(policy(rule([signature('mayor'), signature('board')]))).feat(notify(day(0), 1));
      const terms = { ...NO_TERMS, audience: ['Police'] };
      const second = two().feat(sign(day(2), 1, { requirement: 'board', holder: 'board-1', terms })).last;
      return two()
        .feat(sign(day(1), 1))
        .write('feature/acme', second.events, second);
    },
  ],
  [
    'a vote for an approval that would end before it begins',
    'terms',
    () => actedAt(open().feat(certify(day(10), 1, until(day(11)))), day(12)),
  ],
  [
    'a signature on terms that are over',
    'terms',
    () => actedAt(open().feat(certify(day(9), 1, until(day(11))), sign(day(10), 1, until(day(11)))), day(12)),
  ],
  [
    'a ballot on terms that are over',
    'terms',
    () => actedAt(city(byBallots).feat(notify(day(0), 1), ballot(day(1), 1, 'at-large-a', until(day(2)))), day(3)),
  ],
];
