import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import {
  byBallots,
  COUNCIL,
  council,
  policy,
  rule,
  twoCertified,
  withAdvice,
  withAuditor,
  withOverrideTime,
} from '../../support/fixtures/city.ts';
import {
  adoption,
  advise,
  ballot,
  boardRoll,
  certify,
  confirmRollback,
  contest,
  correct,
  day,
  facts,
  notify,
  optOut,
  override,
  refuse,
  revise,
  revoke,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from '../feature/support.ts';
import { access, passkeysReset, rotated, signed, signedBallot, signedTogether } from './accessStory.ts';
import { besides, newMember, newSeat, otherPolicy } from './cityStories.ts';
import { city, type Log } from './log.ts';
import { revokedBeside, usedTwice } from './recordedStories.ts';
import { documented } from './redactionStory.ts';
import { atNoon, notConfirmed, refusedFirst, runOut } from './rosterStories.ts';

/** A change that the council passes and the mayor signs, to the end of what can happen to an approval. */
export const approvedAndRevoked = (): Log =>
  city()
    .feat(notify(day(0), 1), ...adoption(1), correct(day(12), 1, { votes: rollOf(8, 1), meetingDate: day(10).slice(0, 10) }))
    .feat(revoke(day(20), 1, { reason: digestOf('a reason') }));

/** A second approval replaces the first; it is corrected away. */
const replacedAndLost = () =>
  city()
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2), ...adoption(2, {}, 20))
    .feat(correct(day(40), 2, { votes: rollOf(6, 5), meetingDate: day(30).slice(0, 10) }));

/** A mayor's veto, overturned by nine of thirteen. */
export const overridden = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
    .confirmLast(day(13), 1);

/**
 * A veto that stands, an override that falls short, a deadline, a window, and words that end: as they come, later, or under a veto. A
 * revision on which nothing rests.
 */
export const endings = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), tick(day(60)))
    .feat(notify(day(61), 2), certify(day(70), 2), refuse(day(71), 2), override(day(72), 2, { votes: rollOf(8, 3) }))
    .feat(notify(day(80), 3, { notice: facts({ endsAt: day(120) }) }), certify(day(90), 3), tick(day(96)), tick(day(140)))
    .feat(notify(day(150), 4), certify(day(160), 4, { votes: rollOf(3, 8) }))
    .feat(notify(day(170), 5), tick(day(300)), notify(day(300), 6, { notice: facts({ endsAt: day(290) }) }), tick(day(300)))
    .feat(notify(day(302), 7, { notice: facts({ endsAt: day(320) }) }), certify(day(312), 7), refuse(day(313), 7))
    .feat(override(day(314), 7), tick(day(320)), notify(day(321), 8), withdraw(day(322), 8))
    .feat(notify(day(323), 9), revise(day(324), 9, 2, { notice: facts({ endsAt: day(330) }) }));

const expiredAndRemoved = () =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), revise(day(11), 1, 2))
    .feat(certify(day(20), 1, { revision: 2, digest: wordsOf(1, 2) }), sign(day(21), 1, { revision: 2, digest: wordsOf(1, 2) }))
    .feat(tick(day(500)), notify(day(501), 2), notify(day(502), 3, { notice: facts({ kind: 'removal' }) }));

const byLinks = () =>
  city(byBallots)
    .feat(notify(day(0), 1), sign(day(1), 1))
    .feat(...COUNCIL.slice(0, 7).map((seat, index) => ballot(day(2 + index), 1, seat)))
    .feat(ballot(day(10), 1, 'district-8', { decision: 'refuse' }), ballot(day(11), 1, 'district-9', { decision: 'abstain' }));

const refusedByLinks = () =>
  city(byBallots)
    .feat(notify(day(0), 1))
    .feat(...COUNCIL.slice(0, 7).map((seat, index) => ballot(day(2 + index), 1, seat, { decision: 'refuse' })));

export const confirmed = (): Log => {
  const alone = policy(rule([council({ confirmedBy: 'council' })], { window: 'P90D' }));
  const meetingDate = day(10).slice(0, 10);
  return city(alone)
    .feat(notify(day(0), 1), certify(day(10), 1))
    .confirmLast(day(11), 1, { decision: 'dispute', holder: 'at-large-b' })
    .feat(correct(day(12), 1, { votes: rollOf(8, 1), meetingDate }))
    .confirmLast(day(13), 1);
};

/** Two certified votes by one clerk and a mayor; a board that advises; a countersignature. */
const manyBodies = () =>
  city(twoCertified)
    .feat(notify(day(0), 1), certify(day(1), 1))
    .feat(certify(day(2), 1, { requirement: 'board', votes: boardRoll(2, 1) }), sign(day(3), 1));
const advisedOn = () =>
  city(withAdvice).feat(notify(day(0), 1), advise(day(1), 1, 'board-1', { comment: digestOf('why') }), ...adoption(1));
const countersigned = () =>
  city(withAuditor)
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
    .confirmLast(day(13), 1)
    .feat(sign(day(14), 1, { requirement: 'auditor', holder: 'auditor' }));

/** A veto overturned in the time that its rule gives, with a first day. */
const overriddenInTime = () =>
  city(withOverrideTime)
    .feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1), override(day(10), 1))
    .confirmLast(day(12), 1);

export const takenBack = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1))
    .feat(sign(day(11, '12:30:00.000'), 1, { decision: 'take-back', comment: digestOf('a wrong click') }), sign(day(12), 1));

const MAINTAINED = { ...NO_TERMS, maintenance: true };
export const contested = (): Log =>
  city()
    .token('it', null)
    .feat(notify(day(0), 1), ...adoption(1, { terms: MAINTAINED }))
    .feat(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no' }) }))
    .feat(contest(day(21), 2));

/** An update that runs, taken back by its vendor and confirmed by two persons to be rolled back. */
export const rolledBack = (): Log =>
  city()
    .feat(notify(day(0), 1), ...adoption(1))
    .feat(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no' }) }), withdraw(day(21), 2))
    .feat(confirmRollback(day(22)), confirmRollback(day(23), { holder: 'mayor', body: 'mayor', seat: 'mayor' }));

/** An update that ran before the approved words did, taken back and confirmed to be rolled back. */
const notBefore = (on: number) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(on) }) });
const rolledBackMeanwhile = () =>
  city()
    .feat(notify(day(0), 1, notBefore(60)), ...adoption(1))
    .feat(notify(day(20), 2, notBefore(25)), withdraw(day(30), 2))
    .feat(confirmRollback(day(31)), confirmRollback(day(32), { holder: 'mayor', body: 'mayor', seat: 'mayor' }));

/** An opt-out recorded in time, and one recorded late that two persons confirm; without either the approved words would be untrue. */
const SILENT = { notice: facts({ kind: 'update', optOut: 'yes', optOutBy: day(24), effectiveAt: day(25) }) };
const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const announcedToAll = () =>
  city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1), ...adoption(1))
    .feat(notify(day(20), 2, SILENT));
/** Held back, its words count from their arrival: those of change 3 came later, and are in force. */
export const optedOut = (): Log =>
  announcedToAll()
    .feat(optOut(day(21)), notify(day(22), 3))
    .feat(...adoption(3, {}, 22), ...adoption(2, {}, 24));
export const optedOutLate = (): Log =>
  announcedToAll()
    .feat(optOut(day(26)), optOut(day(27), PROOF))
    .feat(
      confirmRollback(day(28), { of: 'opt-out' }),
      confirmRollback(day(29), { of: 'opt-out', holder: 'mayor', body: 'mayor', seat: 'mayor' }),
    );

/** Approved words that leave their place to others until they take effect. */
const approvedMeanwhile = () =>
  city()
    .feat(notify(day(0), 1, notBefore(60)), ...adoption(1))
    .feat(notify(day(20), 2, notBefore(25)), ...adoption(2, {}, 25), tick(day(61)));

/**
 * Approved words that the city opted out of afterwards, and others that ran since and are undone, or the same words sent and
 * approved again.
 */
const SILENT_LATER = { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(60) }) };
const overtaken = () =>
  city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1, SILENT_LATER), ...adoption(1), optOut(day(15), { change: 1, digest: wordsOf(1) }))
    .feat(notify(day(20), 2, notBefore(25)));
const overtakenAndUndone = () =>
  overtaken().feat(
    withdraw(day(66), 2),
    confirmRollback(day(67)),
    confirmRollback(day(68), { holder: 'mayor', body: 'mayor', seat: 'mayor' }),
  );
const overtakenAndAgain = () =>
  overtaken().feat(notify(day(65), 3, { ...SILENT_LATER, digest: wordsOf(1) }), ...adoption(3, { digest: wordsOf(1) }, 65));

/** Words that came between a removal and its day, sent and approved again after it. */
const removedAndAgain = () =>
  city()
    .feat(notify(day(0), 1), notify(day(1), 2, { notice: facts({ kind: 'removal', effectiveAt: day(20) }) }), notify(day(5), 3))
    .feat(notify(day(20), 3, { digest: wordsOf(3) }), ...adoption(3, { revision: 2, digest: wordsOf(3) }, 20));

/** Approved words that the city opted out of while later ones are in force: they never take their place, and end with them. */
export const waitingInVain = (): Log =>
  city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2, SILENT_LATER), ...adoption(2, {}, 20))
    .feat(notify(day(36), 3, notBefore(40)), ...adoption(3, { terms: { ...NO_TERMS, until: day(80) } }, 36))
    .feat(optOut(day(50)), optOut(day(65), PROOF), tick(day(81)));

/** The same words approved too late, others that wait and begin, and a removal that ends them. */
const LATER = { ...NO_TERMS, from: day(60) };
const inOrderOfArrival = () =>
  city()
    .feat(notify(day(0), 1), notify(day(1), 2), ...adoption(2), certify(day(12), 1), sign(day(12), 1))
    .feat(notify(day(20), 3), ...adoption(3, { terms: LATER }, 20))
    .feat(tick(day(61)), notify(day(62), 4, { notice: facts({ kind: 'removal', effectiveAt: day(70) }) }), tick(day(71)));

const endedTogether = () =>
  city()
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2), ...adoption(2, { terms: LATER }, 20))
    .feat(revoke(day(40), 1));

/** Stories that between them have every event that there is. */
export const STORIES: Readonly<Record<string, () => Log>> = {
  approvedAndRevoked,
  replacedAndLost,
  overridden,
  endings,
  expiredAndRemoved,
  byLinks,
  refusedByLinks,
  manyBodies,
  advisedOn,
  countersigned,
  confirmed,
  overriddenInTime,
  takenBack,
  contested,
  rolledBack,
  optedOut,
  optedOutLate,
  inOrderOfArrival,
  endedTogether,
  documented,
  otherPolicy,
  newSeat,
  newMember,
  usedTwice,
  refusedFirst,
  notConfirmed,
  runOut,
  passkeysReset,
  atNoon,
  revokedBeside,
  besides,
  access,
  signed,
  signedBallot,
  signedTogether,
  rotated,
  rolledBackMeanwhile,
  approvedMeanwhile,
  overtakenAndUndone,
  overtakenAndAgain,
  removedAndAgain,
  waitingInVain,
};
