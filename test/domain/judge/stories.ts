import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { observationDecider } from '../../../domain/observation/decide.ts';
import { policyDigest } from '../../../domain/policy/decide.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { redactionDecider } from '../../../domain/redaction/decide.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import { vendorDecider } from '../../../domain/vendors/decide.ts';
import {
  ballots,
  byBallots,
  COUNCIL,
  council,
  policy,
  roster,
  rule,
  signature,
  twoCertified,
  withAdvice,
  withAuditor,
} from '../../support/fixtures/city.ts';
import { ACME_KEY, BY_OPERATOR, enteredBy } from '../../support/fixtures/vendor.ts';
import {
  adoption,
  advise,
  ballot,
  boardRoll,
  certify,
  contest,
  correct,
  day,
  facts,
  notify,
  override,
  refuse,
  repin,
  revise,
  revoke,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from '../feature/support.ts';
import { access } from './accessStory.ts';
import { city, type Log } from './log.ts';
import { revokedBeside } from './revokedBeside.ts';

const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
const CLERK = (at: string) => ({ at, actor: 'holder:clerk' });
const OPERATOR = (at: string) => ({ at, actor: 'operator' });

/** A change that the council passes and the mayor signs, to the end of what can happen to an approval. */
export const approvedAndRevoked = (): Log =>
  city()
    .feat(notify(day(0), 1), ...adoption(1), correct(day(12), 1, { votes: rollOf(8, 1), meetingDate: day(10).slice(0, 10) }))
    .feat(revoke(day(20), 1, { reason: digestOf('a reason') }));

/** A second approval replaces the first; it is corrected away. */
export const replacedAndLost = (): Log =>
  city()
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2), ...adoption(2, {}, 20))
    .feat(correct(day(40), 2, { votes: rollOf(6, 5), meetingDate: day(30).slice(0, 10) }));

/** A mayor's veto, overturned by nine of thirteen. */
export const overridden = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
    .confirmLast(day(13), 1);

/** A veto that stands, an override that falls short, a deadline that passes, a window that ends. */
export const endings = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), tick(day(60)))
    .feat(notify(day(61), 2), certify(day(70), 2), refuse(day(71), 2), override(day(72), 2, { votes: rollOf(8, 3) }))
    .feat(notify(day(80), 3), certify(day(90), 3), tick(day(96)), tick(day(140)))
    .feat(notify(day(150), 4), certify(day(160), 4, { votes: rollOf(3, 8) }))
    .feat(notify(day(170), 5), tick(day(300)), notify(day(301), 6), withdraw(day(302), 6));

/** An approval that expires, a revision that voids a vote, a removal that closes what is open. */
export const expiredAndRemoved = (): Log =>
  city()
    .feat(notify(day(0), 1), certify(day(10), 1), revise(day(11), 1, 2))
    .feat(certify(day(20), 1, { revision: 2, digest: wordsOf(1, 2) }), sign(day(21), 1, { revision: 2, digest: wordsOf(1, 2) }))
    .feat(tick(day(500)), notify(day(501), 2), notify(day(502), 3, { notice: facts({ kind: 'removal' }) }));

/** Ballots: met while some are missing, which come late. */
export const byLinks = (): Log =>
  city(byBallots)
    .feat(notify(day(0), 1), sign(day(1), 1))
    .feat(...COUNCIL.slice(0, 7).map((seat, index) => ballot(day(2 + index), 1, seat)))
    .feat(ballot(day(10), 1, 'district-8', { decision: 'refuse' }), ballot(day(11), 1, 'district-9', { decision: 'abstain' }));

/** Ballots that can no longer be met. */
export const refusedByLinks = (): Log =>
  city(byBallots)
    .feat(notify(day(0), 1))
    .feat(...COUNCIL.slice(0, 7).map((seat, index) => ballot(day(2 + index), 1, seat, { decision: 'refuse' })));

/** One body decides alone: a certified vote that a second person disputes, and confirms once it is corrected. */
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
export const manyBodies = (): Log =>
  city(twoCertified)
    .feat(notify(day(0), 1), certify(day(1), 1))
    .feat(certify(day(2), 1, { requirement: 'board', votes: boardRoll(2, 1) }), sign(day(3), 1));
export const advisedOn = (): Log =>
  city(withAdvice).feat(notify(day(0), 1), advise(day(1), 1, 'board-1', { comment: digestOf('why') }), ...adoption(1));
export const countersigned = (): Log =>
  city(withAuditor)
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
    .confirmLast(day(13), 1)
    .feat(sign(day(14), 1, { requirement: 'auditor', holder: 'auditor' }));

/** Maintenance that an official contests. */
const MAINTAINED = { ...NO_TERMS, maintenance: true };
export const contested = (): Log =>
  city()
    .token('it', null)
    .feat(notify(day(0), 1), ...adoption(1, { terms: MAINTAINED }))
    .feat(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no' }) }))
    .feat(contest(day(21), 2));

const stricter: Policy = { ...policy(rule([ballots(), signature('mayor')])), version: '2026-02' };

/** Another policy, put to the vote, adopted and pinned to what was open. */
export const otherPolicy = (): Log => {
  const document = {
    title: 'The policy',
    kind: 'policy',
    url: 'https://gate.example/rules',
    sha256: policyDigest(stricter).slice(7),
  };
  return city()
    .feat(notify(day(0), 1), certify(day(10), 1))
    .proposePolicy(stricter, day(1))
    .on(
      'aldergate.policy',
      notify(day(1), 1, { provenance: BY_OPERATOR, notice: facts({ kind: 'terms', documents: [document] }) }),
    )
    .on('aldergate.policy', ...adoption(1, {}, 1))
    .adopt(stricter, day(13), { change: 'aldergate.policy/1', revision: 1 })
    .feat(repin(day(14)));
};

/** A new member, confirmed by the clerk; links cut off and passkeys reset. */
export const newMember = (): Log =>
  city()
    .proposeRoster(roster({ 'district-1': { id: 'newcomer', name: 'Somebody new' } }), day(1))
    .confirmRoster(clerk, day(2))
    .decide(
      'roster',
      rosterDecider,
      {
        type: 'cutOffLinks',
        at: day(3),
        holder: 'district-2',
        generation: 1,
        by: { ...clerk, localDate: day(3).slice(0, 10) },
        reissued: true,
      },
      CLERK(day(3)),
    )
    .decide(
      'roster',
      rosterDecider,
      { type: 'resetPasskeys', at: day(4), holder: 'mayor', generation: 1, by: { ...clerk, localDate: day(4).slice(0, 10) } },
      CLERK(day(4)),
    )
    .decide(
      'roster',
      rosterDecider,
      { type: 'resetPasskeys', at: day(5), holder: 'mayor', generation: 2, by: null },
      OPERATOR(day(5)),
    );

/** What is beside the features: keys, observations, a redaction, a receipt, what the city heard, another zone. */
export const besides = (): Log => {
  const comment = digestOf('a comment');
  const receipt = { type: 'NoticeReceived', v: 1, bodySha256: wordsOf(1), feature: 'acme', after: 0, missingAncestors: [] };
  return city()
    .decide('vendor/acme', vendorDecider, { type: 'rotateKey', at: day(-6), key: { id: 'k2', scheme: 'v1' } }, OPERATOR(day(-6)))
    .decide('vendor/acme', vendorDecider, { type: 'retireKey', at: day(-5), keyId: 'k2' }, OPERATOR(day(-5)))
    .decide(
      'vendor/acme',
      vendorDecider,
      {
        type: 'rotateKey',
        at: day(-4),
        key: { ...ACME_KEY, id: 'k3', publicKey: `whpk_${Buffer.alloc(32, 9).toString('base64')}` } as never,
      },
      OPERATOR(day(-4)),
    )
    .write('receipt/acme/msg_1', [receipt], { at: day(0), actor: 'vendor:acme', commandId: 'receipt/acme/msg_1' })
    .token('desk', 'mayor')
    .token('it', null, 'observe')
    .feat(notify(day(0), 1, { provenance: enteredBy('mayor', day(0)) }), certify(day(10), 1, { comment }))
    .decide(
      'observation/acme',
      observationDecider,
      {
        type: 'recordObservation',
        at: day(11),
        vendor: 'acme',
        source: 'a look',
        observedAt: day(11),
        features: { acme: true },
        evidence: null,
      },
      { at: day(11), actor: 'token:it' },
    )
    .decide(
      `redaction/${comment.slice(7)}`,
      redactionDecider,
      {
        at: day(12),
        key: 'acme',
        change: 1,
        version: 2,
        commitment: comment,
        reason: 'mistake',
        by: 'token:clerk',
        authority: null,
        fileNumber: null,
      },
      { at: day(12), actor: 'token:clerk' },
    )
    .zone('America/Denver', day(13));
};

/** Stories that between them have every event that there is, the life of a log's key left aside. */
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
  contested,
  otherPolicy,
  newMember,
  revokedBeside,
  besides,
  access,
};
