import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { observationDecider, observationStream } from '../../../domain/observation/decide.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { vendorDecider } from '../../../domain/vendors/decide.ts';
import { ballots, policy, roster, rule, signature, term } from '../../support/fixtures/city.ts';
import { ACME_KEY, BY_OPERATOR, enteredBy } from '../../support/fixtures/vendor.ts';
import { adoption, certify, day, notify, proposal, repin, sign, wordsOf } from '../feature/support.ts';
import { city, type Log, OPERATOR } from './log.ts';
import { redacted } from './redactionStory.ts';

const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
const CLERK = (at: string) => ({ at, actor: 'holder:clerk' });

const stricter: Policy = { ...policy(rule([ballots(), signature('mayor')])), version: '2026-02' };

/** A second policy: proposed, approved, adopted and pinned to the open changes. */
export const otherPolicy = (): Log => {
  const log = city()
    .feat(notify(day(0), 1))
    .proposePolicy(stricter, day(1));
  return approvedPolicy(log, [])
    .feat(certify(day(10), 1))
    .on('aldergate.policy', ...adoption(1, {}, 1))
    .adoptProposed(day(13))
    .feat(repin(day(14)));
};

/** The roster with a new seat of a new body, and who sits in it. */
export const withOverseer = (id = 'overseer'): Roster => {
  const { bodies, holders } = roster();
  const overseer = { name: 'Overseer', seats: ['overseer'], seatLabels: { overseer: 'The overseer' } };
  return {
    bodies: { ...bodies, overseer },
    holders: [...holders, term('overseer', 'overseer', { id, from: day(2).slice(0, 10) })],
  };
};
export const overseen: Policy = { ...policy(rule([ballots(), signature('mayor'), signature('overseer')])), version: 'overseen' };

/** A policy that adds a seat: adopted, followed by its roster, and the holder of the new seat signs. */
export const newSeat = (): Log =>
  approvedPolicy(city().proposePolicy(overseen, day(1), withOverseer()))
    .adoptProposed(day(13))
    .followPolicy(day(13, '12:00:01.000'))
    .feat(notify(day(14), 1), sign(day(15), 1, { requirement: 'overseer', holder: 'overseer' }));

export const approvedPolicy = (log: Log, acts: readonly FeatureCommand[] = adoption(1, {}, 1), change = 1, at = day(1)): Log => {
  const document = {
    title: 'The policy',
    kind: 'policy',
    url: 'https://gate.example/rules',
    sha256: log.proposedPolicy.slice('sha256:'.length),
  };
  const notice = proposal([document]);
  return log.on('aldergate.policy', notify(at, change, { provenance: BY_OPERATOR, notice })).on('aldergate.policy', ...acts);
};

/** A new member, confirmed by two; links cut off and passkeys reset, once more only as a proposal. */
export const newMember = (): Log =>
  city()
    .adoptRoster(roster({ 'district-1': { id: 'newcomer', name: 'Somebody new' } }), day(2))
    .decide(
      'roster',
      rosterDecider,
      {
        type: 'cutOffLinks',
        at: day(3),
        holder: 'district-2',
        generation: 1,
        by: { ...clerk, when: localMoment(day(3), 'UTC') },
        reissued: true,
      },
      CLERK(day(3)),
    )
    .resetPasskeys('mayor', day(4))
    .resetPasskeys('mayor', day(5), clerk, 2);

/** What is beside the features: keys, observations, redactions, a receipt, what the city heard, another zone. */
export const besides = (): Log => {
  const comment = digestOf('a comment');
  const receipt = { type: 'NoticeReceived', v: 1, bodySha256: wordsOf(1), feature: 'acme', after: 0, missingAncestors: [] };
  const log = city()
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
    .token('records', 'mayor', 'admin')
    .feat(notify(day(0), 1, { provenance: enteredBy('mayor', day(0)) }), certify(day(10), 1, { comment }))
    .decide(
      observationStream('acme', 'a look', false),
      observationDecider,
      {
        type: 'recordObservation',
        at: day(11),
        vendor: 'acme',
        source: 'a look',
        observedAt: day(11),
        attested: false,
        person: null,
        features: { acme: true, 'acme.lpr': { on: true, agencies: ['PD'], version: '2' } },
        evidence: { sha256: 'ab'.repeat(32), title: 'an export' },
        note: 'a remark',
      },
      { at: day(11), actor: 'token:it' },
    )
    .attest(day(12), { features: { acme: false } }, 'msg_own', 'k3');
  return redacted(log).zone('America/Denver', day(14));
};
