import type { Policy } from '../../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../../domain/roster/bodies.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { council, mayor, policy, roster, rule, signature } from '../../../support/fixtures/city.ts';

import { certify, day, notify, revoke } from '../../feature/support.ts';
import { newMember, otherPolicy } from '../cityStories.ts';
import { digest, edited, of } from '../forger.ts';
import { city, Log } from '../log.ts';

import { type Forgery, OPERATOR, other, proposed } from './base.ts';

const newMemberConfirmed = () => city().adoptRoster(roster({ 'district-1': { name: 'Member with another name' } }), day(2));

const firstAdopted = (adopted: Policy, base: Roster) => {
  const bodies = ruledBodies(base);
  const sha256 = digest({ policy: adopted, bodies });
  return { ...proposed, number: 1, policy: adopted, bodies, sha256, at: day(-8), by: { operator: true } };
};

/** A log in which the operator adopts a first policy that no check let through. */
const firstPolicy = (adopted: Policy, base = roster()) =>
  new Log()
    .zone()
    .setRoster(base)
    .write('policy', [firstAdopted(adopted, base)], OPERATOR(day(-8)));

/** Policies under which no next one could be approved. */
const LOCKED: readonly (readonly [string, Policy])[] = [
  ['a policy that asks its own change for a vendor’s document', policy(rule([council(), mayor()], { documents: ['report'] }))],
  ['a policy whose window ends before its notice', policy(rule([council(), mayor()], { notice: 'P30D', window: 'P7D' }))],
  ['a policy that asks one seat for two persons', policy(rule([signature('mayor'), signature('mayor', { id: 'again' })]))],
  [
    'a policy whose clerk certifies and signs twice',
    policy(rule([council(), signature('clerk'), signature('clerk', { id: 'b' })])),
  ],
];

/** Forgeries of rosters and policies that may not come into force. */
export const RULES: readonly Forgery[] = [
  [
    'a second roster by the operator',
    'second-operator',
    () => {
      const second = new Log().zone().setRoster(roster({ mayor: { id: 'somebody' } }), day(1)).last.events[0];
      return city().write('roster', [{ ...second, number: 2 }], OPERATOR(day(1)));
    },
  ],
  [
    'a second policy by the operator',
    'second-operator',
    () => city().write('policy', [{ ...proposed, by: { operator: true } }], OPERATOR(day(5))),
  ],
  [
    'a confirmation that adopts another roster',
    'consequence',
    () => edited(newMemberConfirmed(), of('RosterAdopted', { contacts: {} })),
  ],
  [
    'a confirmation of what was not proposed',
    'roster-proposal',
    () => city().write('roster', newMemberConfirmed().last.events, newMemberConfirmed().last),
  ],
  [
    'a roster with a seat that no body has',
    'roster-invalid',
    () => {
      const bad = roster();
      const odd = { ...bad, holders: [...bad.holders, { ...bad.holders[0], seat: 'nowhere' }] };
      return new Log().zone().write(
        'roster',
        [
          {
            type: 'RosterAdopted',
            v: 1,
            at: day(-9),
            number: 1,
            sha256: digest({ roster: odd, contacts: {} }),
            roster: odd,
            contacts: {},
            by: 'operator',
          },
        ],
        OPERATOR(day(-9)),
      );
    },
  ],
  ['a roster under another digest', 'digest', () => edited(new Log().zone().setRoster(), of('RosterAdopted', { contacts: {} }))],
  [
    'a roster that had been replaced',
    'other-roster',
    () => {
      const late = newMember();
      const vote = city().feat(notify(day(20), 1), certify(day(30), 1));
      return late.feat(notify(day(20), 1)).write('feature/acme', vote.last.events, vote.last);
    },
  ],
  [
    'a policy that no change approved',
    'policy-not-approved',
    () =>
      city()
        .proposePolicy(other, day(1))
        .write('policy', [{ ...proposed, by: { change: 'aldergate.policy/1', revision: 1 } }], { at: day(5), actor: 'clock' }),
  ],
  [
    'a policy that was not proposed',
    'policy-proposal',
    () =>
      city().write('policy', [{ ...proposed, by: { change: 'aldergate.policy/1', revision: 1 } }], {
        at: day(5),
        actor: 'clock',
      }),
  ],
  [
    'a policy that is adopted a second time by one approval',
    'policy-not-approved',
    () => {
      const log = otherPolicy();
      const adoption = log.commits.findLast(({ stream }) => stream === 'policy')?.events[0] ?? {};
      return log
        .proposePolicy(other, day(20))
        .write('policy', [{ ...adoption, number: 3, at: day(21), policy: other, sha256: proposed.sha256 }], {
          at: day(21),
          actor: 'clock',
        });
    },
  ],
  [
    'a policy whose approval was revoked before',
    'policy-not-approved',
    () => {
      const log = otherPolicy();
      const at = log.commits.findIndex(({ stream, version }) => stream === 'policy' && version > 2);
      const [adoption] = log.commits.splice(at);
      log.on('aldergate.policy', revoke(day(12, '18:00:00.000'), 1, { requirement: 'mayor' }));
      return log.write('policy', adoption?.events ?? [], { at: day(13), actor: 'clock' });
    },
  ],
  ...LOCKED.map(([what, locked]): Forgery => [what, 'policy-locked', () => firstPolicy(locked)]),
  [
    'a policy whose override no second person confirms',
    'policy-invalid',
    () => firstPolicy(policy(rule([council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } })]))),
  ],
  [
    'a policy whose one clerk would confirm the clerk',
    'policy-invalid',
    () => {
      const one = roster({ 'deputy-clerk': null });
      const { clerk: _clerk, ...bodies } = one.bodies;
      const alone = { ...one, bodies: { ...bodies, clerk: { name: 'City Clerk', seats: ['clerk'] } } };
      return firstPolicy(policy(rule([council({ confirmedBy: 'clerk' })])), alone);
    },
  ],
  [
    'a policy whose window is no time at all',
    'policy-invalid',
    () => firstPolicy(policy(rule([council(), mayor()], { window: 'P0D' }))),
  ],
  ['a policy that one person fills', 'policy-invalid', () => firstPolicy(policy(rule([signature('mayor')])))],
];
