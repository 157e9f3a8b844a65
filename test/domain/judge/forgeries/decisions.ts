import * as z from 'zod';
import type { FeatureCommand } from '../../../../domain/feature/decide.ts';
import { NO_TERMS, type Terms } from '../../../../domain/feature/terms.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import type { Requirement } from '../../../../domain/policy/schema.ts';
import {
  boardVote,
  byBallots,
  COUNCIL,
  council,
  ballots as inBallots,
  mayor,
  policy,
  roster,
  rule,
  signature,
  thirteenSeats,
  twoVetoes,
  withAdvice,
  withOverrideTime,
} from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import {
  adoption,
  advise,
  ballot,
  boardRoll,
  certify,
  correct,
  date,
  day,
  facts,
  notify,
  override,
  refuse,
  revise,
  revoke,
  rollOf,
  sign,
  tick,
} from '../../feature/support.ts';
import { digest, dropped, edited, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';
import { renamed } from '../mutants/fields.ts';
import {
  actedAs,
  approved,
  by,
  edit,
  type Forgeries,
  graft,
  later,
  left,
  type Make,
  open,
  openUnder,
  passed,
  VOTED,
  vetoed,
  wrote,
} from './base.ts';

const acme = 'feature/acme';
const SIGNED = [signature('mayor'), signature('board')];
const brief = (endsAt: string) => city().feat(notify(day(0), 1, { notice: facts({ endsAt }) }));
const from = (at: string) => ({ terms: { ...NO_TERMS, from: at } });
const until = (at: string) => ({ terms: { ...NO_TERMS, until: at } });
const ballots = (...acts: readonly FeatureCommand[]) => city(byBallots).feat(notify(day(0), 1), ...acts);
/** Two yes of a body of which three must answer, and the mayor's signature: a third answer completes the approval, also a no. */
const POLICE: Terms = { ...NO_TERMS, audience: ['Police'] };
const twoYes = (terms: Terms) =>
  openUnder([inBallots({ threshold: { yes: 2, of: 'seats' }, quorum: 3 }), signature('mayor')]).feat(
    sign(day(1), 1, { terms }),
    ballot(day(1), 1, 'district-1', { terms }),
    ballot(day(1), 1, 'district-2', { terms }),
  );
/** The council's vote and what another body decided on it, then a record of the vote that puts other terms down. */
const onOtherTerms = (other: Requirement, decided: FeatureCommand) => {
  const before = (...acts: readonly FeatureCommand[]) =>
    openUnder([council(), other, signature('auditor')]).feat(certify(day(1), 1), ...acts);
  return graft(
    () => before(decided),
    () => before(correct(day(2), 1, { terms: POLICE, meetingDate: date(1) })),
  );
};
/** The council's vote of day 5, after what another body decided on another day. */
const metAfter = (first: Requirement, decided: (n: number) => FeatureCommand) => {
  const before = (n: number) =>
    openUnder([first, council({ after: [first.id] }), signature('auditor', { after: ['council'] })]).feat(decided(n));
  return graft(
    () => before(6),
    () => before(5).feat(certify(day(21), 1, { meetingDate: date(5) })),
  );
};
/** The council's second vote of day `n`, before what `next` asks for. */
const overturnedOn = (n: number, next: Requirement) =>
  openUnder([council(), mayor(), next])
    .feat(certify(day(2), 1), refuse(day(3), 1), override(day(8), 1, { meetingDate: date(n) }))
    .confirmLast(day(9), 1);
const confirmedFirst = () => openUnder([council({ confirmedBy: 'council' }), mayor()]).feat(certify(day(1), 1));
const thirdNo = () => ballot(day(2), 1, 'district-3', { decision: 'refuse' });
const pinnedAs = (change: object) => () =>
  edited(open(), (event) => ({ ...event, pinned: { ...(event['pinned'] as object), ...change } }));
/** A change that council and mayor decide in any order, where one person sits in both. */
const sideBySide = () =>
  city(policy(rule([council(), signature('mayor')])), roster({ 'district-1': { id: 'mayor' } })).feat(notify(day(0), 1));
/** The mayor’s refusal of day 11, taken back. */
const refusedBy = (holder: string) => [
  refuse(day(11), 1, { holder }),
  sign(day(11, '12:10:00.000'), 1, { holder, decision: 'take-back', comment: digest('a wrong click') }),
];
const tookBack = () => passed().feat(...refusedBy('mayor'));

/** Approvals, votes and signatures: too few, too early, by who may not, or on other words. */
const VOTES: Forgeries = {
  'no-act': {
    'an approval that no one decided': wrote(open, acme, approved().last.events[2] ?? {}, 'holder:mayor'),
  },
  'approval-terms': {
    'other terms than were decided': edit(approved, 'ChangeApproved', { terms: { ...NO_TERMS, audience: ['X'] } }),
  },
  'consequence-missing': {
    'a lost vote that meets what is required': () => {
      const log = open().feat(certify(day(10), 1, { votes: rollOf(3, 8) }));
      return tampered(log, { events: [...log.last.events.slice(0, 1), ...passed().last.events.slice(1)] });
    },
    'an override with eight of nine': () => {
      const short = vetoed().feat(override(day(12), 1, { votes: rollOf(8, 3) }));
      const enough = vetoed().feat(override(day(12), 1));
      return tampered(short, { events: [...short.last.events.slice(0, 1), ...enough.last.events.slice(1)] });
    },
  },
  'not-in-office': {
    'a stranger in the clerk’s seat': actedAs(passed, 'stranger', 'clerk'),
    'a stranger in the mayor’s seat': actedAs(approved, 'stranger', 'mayor'),
    'a ballot from another’s seat': edit(() => ballots(ballot(day(1), 1, 'district-1')), 'BallotCast', { seat: 'district-2' }),
    'a refusal taken back by a mayor who has left since': edit(
      graft(() => left(vetoed(), day(11, '12:01:00.000')), tookBack),
      'SignatureGiven',
      { roster: 2 },
    ),
  },
  'roll-call': {
    'seats missing': rolled(passed, (roll) => roll.slice(0, 7)),
    'a yes from a vacant seat': graft(
      () => city(thirteenSeats, roster({ 'district-1': null })).feat(notify(day(0), 1)),
      rolled(passed, ([first, ...roll]) => [{ ...first, holder: null }, ...roll]),
    ),
    'a member who counts as a vacant seat': graft(
      open,
      rolled(
        voted({ 'district-1': null }, { votes: rollOf(8, 2, { 'district-1': 'vacant' }), mover: null }),
        ([first, ...roll]) => [{ ...first, holder: 'district-1' }, ...roll],
      ),
    ),
  },
  tally: {
    'a threshold lowered in the tally': edit(passed, 'VoteCertified', {
      tally: { yes: 7, no: 2, present: 9, of: 13, needed: 3 },
    }),
  },
  pinned: {
    'a threshold lowered in the pinned rule': pinnedAs({ require: [council({ threshold: { yes: 1, of: 'seats' } }), mayor()] }),
    'no rule pinned': edit(open, 'ChangeNotified', { pinned: null }),
  },
  'other-policy': {
    'a policy that is not in force': pinnedAs({ policy: 2 }),
  },
  order: {
    'an approval by one of two bodies, though many acted in it': () => {
      const log = ballots(...COUNCIL.slice(0, 7).map((seat) => ballot(day(1), 1, seat)));
      const approval = { ...approved().last.events.at(-1), at: log.last.at, validUntil: null };
      return tampered(log, { events: [...log.last.events, approval] });
    },
    'a refusal that is taken back by the next mayor': graft(
      () => left(vetoed(), day(11, '12:01:00.000')),
      edit(
        () =>
          city(thirteenSeats, roster({ mayor: { id: 'newcomer' } })).feat(
            notify(day(0), 1),
            certify(day(10), 1),
            ...refusedBy('newcomer'),
          ),
        'SignatureGiven',
        { roster: 2 },
      ),
    ),
    'a ballot of a body whose turn never came': graft(
      () => openUnder([signature('mayor'), inBallots({ after: ['mayor'] })]).feat(refuse(day(1), 1)),
      () => openUnder([signature('mayor'), inBallots()]).feat(ballot(day(2), 1, 'district-1')),
    ),
  },
  'same-person': {
    'a clerk who voted in the council': graft(
      () => city(thirteenSeats, roster({ 'district-1': { id: 'clerk' } })).feat(notify(day(0), 1)),
      rolled(passed, ([first, ...roll]) => [{ ...first, holder: 'clerk' }, ...roll]),
    ),
    'a mayor who voted in the council': graft(voted({ 'district-1': { id: 'mayor' } }), approved),
    'a vote in the council by a mayor who signed': graft(
      () => sideBySide().feat(sign(day(10), 1)),
      () => sideBySide().feat(certify(day(10), 1)),
    ),
    'a clerk who signs as the mayor': graft(voted({ mayor: { id: 'clerk' } }), actedAs(approved, 'clerk', 'mayor')),
    'one person in two seats': () => {
      const twice = city(byBallots, roster({ 'district-2': null }))
        .feat(notify(day(0), 1), ballot(day(1), 1, 'district-1'))
        .adoptRoster(roster({ 'district-1': null, 'district-2': { id: 'district-1' } }), day(3));
      const cast = ballots(ballot(day(1), 1, 'district-1')).last.events[0];
      return wrote(() => twice, acme, { ...cast, at: day(5), seat: 'district-2', roster: 2 }, 'holder:district-1')();
    },
    'the official who entered the notice': graft(
      () =>
        city()
          .token('desk', 'mayor')
          .feat(notify(day(0), 1, { provenance: enteredBy('mayor', day(0)) }), certify(day(10), 1)),
      approved,
    ),
  },
  quorum: {
    'a vote without a quorum': graft(
      () => openUnder([few({}), mayor()]),
      () => openUnder([few({ quorum: 1 }), mayor()]).feat(certify(day(1), 1, { votes: rollOf(2) })),
    ),
  },
  meeting: {
    'a meeting that lies ahead': edit(passed, 'VoteCertified', { meetingDate: date(11) }),
    'a meeting before the words': edit(passed, 'VoteCertified', { meetingDate: date(1) }),
    'a meeting before the vote that comes first': metAfter(boardVote(), (n) =>
      certify(day(20), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(n) }),
    ),
    'a meeting before the second vote that comes first': graft(
      () => overturnedOn(6, boardVote({ after: ['mayor'] })),
      () =>
        overturnedOn(5, boardVote({ after: ['mayor'] })).feat(
          certify(day(20), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(5) }),
        ),
    ),
    'a meeting before the signature that comes first': metAfter(signature('mayor'), (n) => sign(day(n), 1)),
  },
  'file-number': {
    'no file': edit(passed, 'VoteCertified', { fileNumber: '' }),
    'a revocation of the council without one': edit(
      () => approved().feat(revoke(day(12), 1, { requirement: 'council', holder: 'clerk', fileNumber: '26-2' })),
      'ApprovalRevoked',
      { fileNumber: null },
    ),
  },
  act: {
    'a refusal that is taken back without a reason': () =>
      edited(tookBack(), (event) => renamed({ ...event, comment: null }, '1/everything-else')),
    'a refusal that is taken back under another name': edit(tookBack, 'SignatureGiven', { act: '0'.repeat(16) }),
  },
  closed: {
    'on a change that was refused': graft(() => open().feat(certify(day(10), 1, { votes: rollOf(3, 8) })), approved),
  },
  'not-due': {
    'a beginning that is recorded before its time': () =>
      tampered(approved().feat(notify(day(13), 2), ...adoption(2, from(day(60)), 13), tick(day(61))), { at: day(59) }),
    'a beginning that takes the place of an approval which is over by then': wrote(
      () =>
        open().feat(
          notify(day(1), 2, { notice: facts({ effectiveAt: day(40) }) }),
          ...adoption(1, until(day(40))),
          ...adoption(2, {}, 1),
        ),
      acme,
      { type: 'ApprovalBegan', v: 1, at: day(40), change: 2, replaces: [1] },
      'clock',
    ),
    'a removal that leaves what waits': edit(
      () =>
        approved()
          .feat(notify(day(13), 2), ...adoption(2, from(day(60)), 13))
          .feat(notify(day(26), 3, { notice: facts({ kind: 'removal', effectiveAt: day(30) }) }), tick(day(31))),
      'ApprovalEnded',
      { ends: [] },
    ),
  },
  'already-decided': {
    'a seat that answers twice': graft(
      () => ballots(ballot(day(1), 1, 'district-1')),
      () => ballots(ballot(day(1), 1, 'district-1')),
    ),
    'a refusal that is taken back after the second vote': graft(
      () => vetoed().feat(override(day(11, '12:05:00.000'), 1)),
      tookBack,
    ),
  },
  'too-late': {
    'a refusal that is taken back a day later': later(tookBack, day(12)),
    'a refusal that is taken back once the window has ended': graft(
      () => openUnder(VOTED, { window: 'P11DT5M' }).feat(certify(day(10), 1), refuse(day(11), 1)),
      tookBack,
    ),
  },
  'too-early': {
    'before it had been public for long enough': graft(
      () => openUnder(SIGNED, { notice: 'P7D' }),
      () => openUnder(SIGNED, { notice: 'P0D' }).feat(sign(day(1), 1)),
    ),
  },
  overdue: {
    'after the window': graft(open, later(passed, day(200))),
    'after an approval whose end is not on record': () =>
      dropped(open().feat(...adoption(1, until(day(20))), notify(day(30), 2)), ({ type }) => type !== 'ApprovalEnded'),
    'after one whose beginning is not on record': () =>
      dropped(
        approved().feat(notify(day(13), 2), ...adoption(2, from(day(60)), 13), notify(day(61), 3)),
        ({ type }) => type !== 'ApprovalBegan',
      ),
  },
  'other-words': {
    'on words that were revised': graft(() => open().feat(revise(day(9), 1, 2)), passed),
  },
  requirement: {
    'an instrument that decides nothing here': edit(passed, 'VoteCertified', { requirement: 'mayor' }),
    'a revocation by a mayor whose refusal was overturned': graft(
      () => overturnedIn(timely()),
      () => approved().feat(revoke(day(14), 1)),
    ),
    'advice on what needs none': graft(open, () => city(withAdvice).feat(notify(day(0), 1), advise(day(1), 1, 'board-1'))),
  },
  documents: {
    'a notice that lacks a document': graft(
      () =>
        city(policy(rule(SIGNED, { when: { key: ['acme.**'] }, documents: ['report'] }), rule(SIGNED, { id: 'rest' }))).feat(
          notify(day(0), 1),
        ),
      () => openUnder(SIGNED).feat(sign(day(1), 1)),
    ),
  },
  terms: {
    'other terms than stand': graft(
      () => openUnder(SIGNED).feat(sign(day(1), 1)),
      () => openUnder(SIGNED).feat(sign(day(2), 1, { requirement: 'board', holder: 'board-1', terms: POLICE })),
    ),
    'a corrected record on other terms than were signed': onOtherTerms(signature('mayor'), sign(day(1), 1)),
    'a corrected record on other terms than were balloted': onOtherTerms(
      inBallots({ id: 'board', body: 'board' }),
      ballot(day(1), 1, 'board-1', { requirement: 'board' }),
    ),
    'a corrected record on other terms than another body’s': onOtherTerms(
      boardVote({ confirmedBy: 'council' }),
      certify(day(1), 1, { requirement: 'board', votes: boardRoll(3) }),
    ),
    'a corrected record on other terms than were confirmed': graft(
      () => confirmedFirst().confirmLast(day(2), 1),
      () => confirmedFirst().feat(correct(day(3), 1, { terms: POLICE, meetingDate: date(1) })),
    ),
    'a corrected record on other terms than were refused': onOtherTerms(mayor(), refuse(day(1), 1)),
    'a vote for an approval that would begin when the longest time of the rule is over': graft(
      () => openUnder(VOTED, { term: 'P20D' }),
      () => openUnder(VOTED, { term: 'P21D' }).feat(certify(day(10), 1, from(day(30)))),
    ),
    'a vote for an approval that would begin with the end of the words': graft(
      () => brief(day(30)),
      () => brief(day(31)).feat(certify(day(10), 1, from(day(30)))),
    ),
    'a vote for an approval that would end before it begins': later(
      () => open().feat(certify(day(10), 1, until(day(11)))),
      day(12),
    ),
    'a signature on terms that are over': later(
      () => open().feat(certify(day(9), 1, until(day(11))), sign(day(10), 1, until(day(11)))),
      day(12),
    ),
    'a no that completes the approval on other terms': graft(
      () => twoYes(POLICE),
      () => twoYes(NO_TERMS).feat(thirdNo()),
    ),
    'a ballot on terms that are over': later(() => ballots(ballot(day(1), 1, 'at-large-a', until(day(2)))), day(3)),
  },
};

function few(change: object) {
  return council({ threshold: { yes: 1, of: 'seats' }, ...change });
}
function voted(officials: Parameters<typeof roster>[0], vote: Parameters<typeof certify>[2] = {}): Make {
  return () => city(thirteenSeats, roster(officials)).feat(notify(day(0), 1), certify(day(10), 1, vote));
}
function rolled(make: Make, edit: (roll: readonly JsonObject[]) => readonly JsonObject[]): Make {
  return () => edited(make(), (event) => ('roll' in event ? { ...event, roll: edit(event['roll'] as JsonObject[]) } : event));
}

/**
 * The mayor’s refusal of day 2, which a vote from day 4 to day 23 overturns; and under a rule that gives sixty days from the
 * refusal on.
 */
const timely = () => city(withOverrideTime).feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1));
const lenient = () => {
  const toOverride = { requirement: 'council', yes: 9, within: 'P60D', confirmedBy: 'council/at-large-a' };
  return openUnder([council(), mayor({ override: toOverride })], { window: 'P90D' }).feat(certify(day(1), 1), refuse(day(2), 1));
};
const vetoedOn = (terms: Terms, quorum = 7) =>
  openUnder([council({ quorum }), mayor()]).feat(
    certify(day(10), 1, { terms, votes: rollOf(12) }),
    refuse(day(11), 1, { terms }),
  );
const overturnedIn = (log: Log) => log.feat(override(day(10), 1)).confirmLast(day(11), 1);
const voteAt = (on: number, at: string) => graft(timely, () => lenient().feat(override(at, 1, { meetingDate: date(on) })));

/** A council whose certificates any of its members confirms. */
const confirmedBy = policy(rule([council({ threshold: { yes: 'majority', of: 'seats' }, confirmedBy: 'council' })]));
const certified = () => city(confirmedBy).feat(notify(day(0), 1), certify(day(10), 1));
const disputed = () =>
  certified()
    .confirmLast(day(11), 1, { holder: 'at-large-b', decision: 'dispute' })
    .feat(correct(day(12), 1, { votes: rollOf(8, 1), meetingDate: date(10) }));

/** The mayor's veto is overturned, and that of the auditor stands. */
const vetoedByBoth = () =>
  city(twoVetoes)
    .feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1), override(day(3), 1))
    .confirmLast(day(3, '13:00:00.000'), 1)
    .feat(refuse(day(4), 1, { requirement: 'auditor', holder: 'auditor' }));
/** A correction after which the approval stands. */
const withoutItsEnd = (log: Log) => dropped(log, ({ type }) => type !== 'ApprovalEnded');

/** What the council has passed and the mayor can veto, while a board votes beside them. */
const withBoard = () => openUnder([council(), mayor(), boardVote({ confirmedBy: 'board' })]).feat(certify(day(1), 1));

const twoConfirmed = () =>
  openUnder([council({ confirmedBy: 'council' }), boardVote({ confirmedBy: 'council' }), signature('mayor')]);

/** A veto that a second vote of one body, and of no other, overturns. */
const overturnedBy = (requirement: string) => {
  const over = { requirement, yes: 3, within: 'P30D', confirmedBy: 'council/at-large-a' };
  return openUnder([council(), boardVote(), mayor({ after: ['council', 'board'], override: over })])
    .feat(certify(day(1), 1), certify(day(2), 1, { requirement: 'board', votes: boardRoll(2) }))
    .feat(refuse(day(3), 1));
};

/** Second votes out of their time, and second persons who may not confirm. */
const SECONDS: Forgeries = {
  meeting: {
    'a second vote before the rule lets it be held': voteAt(3, day(5)),
    'a second vote before the veto': graft(vetoed, () =>
      open().feat(certify(day(8), 1), refuse(day(9), 1), override(day(12), 1, { meetingDate: date(10) })),
    ),
  },
  overdue: {
    'a second vote when the time was over': voteAt(22, day(24)),
  },
  'consequence-missing': {
    'an approval that stands after its second vote was corrected to another day': () => {
      const overturned = vetoed()
        .feat(override(day(20), 1))
        .confirmLast(day(20, '13:00:00.000'), 1);
      return withoutItsEnd(overturned.feat(correct(day(22), 1, { meetingDate: date(19), votes: rollOf(10, 1) })));
    },
    'an approval that stands after a correction of a day on which first and second vote were held, below the size of the second':
      () => {
        const sameDay = passed()
          .feat(refuse(day(10, '13:00:00.000'), 1), override(day(10, '14:00:00.000'), 1))
          .confirmLast(day(10, '15:00:00.000'), 1);
        return withoutItsEnd(sameDay.feat(correct(day(12), 1, { meetingDate: date(10), votes: rollOf(8, 1) })));
      },
    'an approval that stands after a correction that names another day than the vote that was signed': () =>
      withoutItsEnd(approved().feat(correct(day(20), 1, { meetingDate: date(12) }))),
    'an approval that stands after a correction that leaves the vote without a quorum': () => {
      const small = openUnder([few({ quorum: 7 }), signature('mayor')]).feat(certify(day(1), 1), sign(day(2), 1));
      return withoutItsEnd(small.feat(correct(day(3), 1, { meetingDate: date(1), votes: rollOf(3) })));
    },
    'an approval that stands after a correction by which its signer voted, too': () =>
      withoutItsEnd(
        sideBySide()
          .feat(certify(day(10), 1, { votes: rollOf(8, 1, { 'district-1': 'absent' }) }), sign(day(11), 1))
          .feat(correct(day(12), 1, { meetingDate: date(10) })),
      ),
    'an approval that stands after a correction of one of two second votes': () => {
      const twice = vetoedByBoth()
        .feat(override(day(5), 1, { votes: rollOf(10, 2) }))
        .confirmLast(day(5, '13:00:00.000'), 1);
      return withoutItsEnd(twice.feat(correct(day(6), 1, { meetingDate: date(5), votes: rollOf(12, 1) })));
    },
  },
  quorum: {
    'a second vote without a quorum': graft(
      () => vetoedOn(NO_TERMS, 12),
      () => vetoedOn(NO_TERMS).feat(override(day(12), 1)),
    ),
  },
  terms: {
    'a second vote on other terms than were refused': graft(
      () => vetoedOn(NO_TERMS),
      () => vetoedOn(POLICE).feat(override(day(12), 1, { terms: POLICE })),
    ),
    'a confirmation on terms that are over': later(
      () =>
        city(confirmedBy)
          .feat(notify(day(0), 1), certify(day(10), 1, until(day(12))))
          .confirmLast(day(11), 1, until(day(12))),
      day(13),
    ),
  },
  order: {
    'a second vote of a body to which the rule gives none': graft(
      () => overturnedBy('council'),
      () => overturnedBy('board').feat(override(day(4), 1, { requirement: 'board', votes: boardRoll(3) })),
    ),
    'a mayor who signs while a second vote is awaited': graft(
      timely,
      later(() => city(withOverrideTime).feat(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1)), day(11)),
    ),
    'a veto while the certificate of another body waits': graft(
      () => withBoard().feat(certify(day(2), 1, { requirement: 'board', votes: boardRoll(2, 1) })),
      () => withBoard().feat(refuse(day(3), 1)),
    ),
    'a certificate of another body, in the place of one that is disputed': graft(
      () =>
        twoConfirmed()
          .feat(certify(day(1), 1))
          .confirmLast(day(2), 1, { decision: 'dispute' }),
      () => twoConfirmed().feat(certify(day(3), 1, { requirement: 'board', votes: boardRoll(3) })),
    ),
    'an override without a confirmation': () => {
      const log = vetoed().feat(override(day(12), 1));
      const done = vetoed()
        .feat(override(day(12), 1))
        .confirmLast(day(13), 1).last;
      return tampered(log, { events: [...log.last.events, ...done.events.slice(1).map((event) => ({ ...event, at: day(12) }))] });
    },
  },
  'same-person': {
    'a confirmation by the member who entered the notice': graft(
      () =>
        city(confirmedBy)
          .token('desk', 'at-large-b')
          .feat(notify(day(0), 1, { provenance: enteredBy('at-large-b', day(0)) }), certify(day(10), 1)),
      () => certified().confirmLast(day(11), 1, { holder: 'at-large-b' }),
    ),
    'a clerk who confirms the own certificate': () => {
      const votes = { ...rollOf(11), 'at-large-a': 'vacant', 'at-large-b': 'absent' } as const;
      const log = city(confirmedBy, roster({ 'at-large-a': null, 'at-large-b': { id: 'clerk' } })).feat(
        notify(day(0), 1),
        certify(day(10), 1, { votes }),
      );
      const certificate = z.string().parse(log.last.events[0]?.['act']);
      const confirmation = () => certified().confirmLast(day(11), 1, { holder: 'at-large-b' });
      return graft(() => log, by(edit(confirmation, 'ConfirmationGiven', { holder: 'clerk', certificate }), 'holder:clerk'))();
    },
  },
  'not-in-office': {
    'a confirmation by who may not': actedAs(() => certified().confirmLast(day(11), 1), 'mayor', 'mayor'),
    'a confirmation from another seat than the rule names': graft(
      () => openUnder([council({ confirmedBy: 'council/at-large-a' })]).feat(certify(day(10), 1)),
      () => certified().confirmLast(day(11), 1, { holder: 'at-large-b' }),
    ),
  },
  'already-decided': {
    'who disputed a roll call confirms the next': actedAs(() => disputed().confirmLast(day(13), 1), 'at-large-b', 'at-large-b'),
  },
};

export const DECISIONS: readonly Forgeries[] = [VOTES, SECONDS];
