import { digestOf } from '../../../../domain/kernel/digest.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { certify, day, notify, sign } from '../../feature/support.ts';
import { digest, dropped, edited, enrolled, GATE, of, tampered } from '../forger.ts';
import { city, Log } from '../log.ts';
import { atNoon, changingAtNoon, clerk } from '../rosterStories.ts';
import { type Forgery, OPERATOR } from './base.ts';

const proposal = () => city().proposeRoster(roster({ mayor: { id: 'other-mayor' } }), day(1));
/** Another mayor is proposed, whom the clerk has confirmed. */
const otherMayor = () => proposal().confirmRoster(clerk, day(1));
const CLOCK = (at: string) => ({ at, actor: 'clock' });

/** The adoption that the clock writes once the wait of {@link otherMayor} is over, as of an earlier instant. */
const adoptedAt = (at: string) =>
  otherMayor()
    .settleRoster(day(3))
    .last.events.map((event) => ({ ...event, at }));
const objection = () => otherMayor().objectToHandover('mayor', day(2));
const without = (name: string) =>
  edited(proposal(), (event) => Object.fromEntries(Object.entries(event).filter(([key]) => key !== name)));
/** A proposal without handovers, as a forger files it. */
const unfiled = () => {
  const log = proposal();
  return edited(log, ({ handovers: _handovers, effectiveAt: _effectiveAt, ...event }) => event);
};
const voted = () => city().feat(notify(day(0), 1), certify(day(10), 1));
const signed = () => voted().feat(sign(day(12), 1)).last;

/** The first roster of a town with other terms, in which a mayor's sits from noon to noon. */
const firstRoster = (edit: (holder: Roster['holders'][number]) => Roster['holders'][number]) => {
  const base = changingAtNoon();
  const holders = base.holders.map(edit);
  const roster = { ...base, holders };
  const facts = { number: 1, sha256: digest({ roster, contacts: {} }), roster, contacts: {} };
  return new Log()
    .zone()
    .write('roster', [{ type: 'RosterAdopted', v: 1, at: day(-9), ...facts, by: 'operator' }], OPERATOR(day(-9)));
};

/** Forgeries of who receives a sitting holder's links. */
export const HANDOVERS: readonly Forgery[] = [
  ['another mayor, filed as if no handover', 'handover', unfiled],
  ['another mayor, without the wait', 'handover', () => without('effectiveAt')],
  ['another mayor, at once', 'handover', () => edited(proposal(), of('RosterProposed', { effectiveAt: day(1) }))],
  [
    'another mayor, filed as another’s handover',
    'handover',
    () => edited(proposal(), of('RosterProposed', { handovers: ['clerk'] })),
  ],
  ['another mayor before the wait is over', 'handover', () => otherMayor().write('roster', adoptedAt(day(2)), CLOCK(day(2)))],
  ['a passkey set up while a handover waits', 'handover', () => enrolled(proposal(), 'mayor', softwareKey(GATE), day(2))],
  ['another mayor without a confirmation', 'handover', () => proposal().write('roster', adoptedAt(day(4)), CLOCK(day(4)))],
  ['another mayor over the mayor’s objection', 'handover', () => objection().write('roster', adoptedAt(day(4)), CLOCK(day(4)))],
  [
    'another mayor by the operator’s own adoption',
    'actor',
    () => otherMayor().write('roster', adoptedAt(day(4)), OPERATOR(day(4))),
  ],
  [
    'a second confirmation that brings nothing into force',
    'consequence-missing',
    () =>
      dropped(
        otherMayor().confirmRoster({ holder: 'district-2', body: 'council', seat: 'district-2' }, day(2)),
        (_, index) => index === 0,
      ),
  ],
  [
    'one person’s confirmation counted twice',
    'already-decided',
    () => {
      const [event] = otherMayor().last.events;
      return otherMayor().write('roster', [{ ...event, at: day(2) }], { at: day(2), actor: 'holder:clerk' });
    },
  ],
  [
    'a signature of a mayor whose links are about to go elsewhere',
    'handover',
    () =>
      voted()
        .proposeRoster(roster({ mayor: { id: 'other-mayor' } }), day(11))
        .write('feature/acme', signed().events, signed()),
  ],
  ['an objection in the mayor’s name', 'actor', () => tampered(objection(), { actor: 'holder:clerk' })],
  [
    'an objection of someone it does not concern',
    'handover',
    () => tampered(edited(objection(), of('HandoverObjected', { holder: 'clerk' })), { actor: 'holder:clerk' }),
  ],
  [
    'a second objection',
    'already-decided',
    () => {
      const [event] = objection().last.events;
      return objection().write('roster', [{ ...event, reason: digestOf('another') }], { at: day(2), actor: 'holder:mayor' });
    },
  ],
  [
    'a proposal that ends before its time',
    'not-due',
    () => {
      const [event] = proposal().settleRoster(day(15)).last.events;
      return proposal().write('roster', [{ ...event, at: day(14) }], CLOCK(day(14)));
    },
  ],
  [
    'a signature by the outgoing mayor in the first instant of the next',
    'not-in-office',
    () => tampered(edited(atNoon(), of('SignatureGiven', { holder: 'mayor' })), { actor: 'holder:mayor' }),
  ],
  [
    'two mayors in one hour',
    'roster-invalid',
    () => firstRoster((holder) => (holder.id === 'mayor' ? { ...holder, to: day(1, '12:00:00.001') } : holder)),
  ],
  [
    'an acting mayor without an end',
    'roster-invalid',
    () => firstRoster(({ to, ...holder }) => ('acting' in holder || to === undefined ? holder : { ...holder, to })),
  ],
  ['a proposal withdrawn by the clock', 'actor', () => tampered(proposal().proposeRoster(roster(), day(2)), CLOCK(day(2)))],
];
