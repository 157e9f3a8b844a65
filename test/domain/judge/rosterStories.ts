import type { Roster } from '../../../domain/roster/schema.ts';
import { policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { day, notify, sign } from '../feature/support.ts';
import { city, type Log } from './log.ts';
import { reasonRedacted } from './redactionStory.ts';

const mayor = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const member = { holder: 'board-1', body: 'board', seat: 'board-1' };

/** A mayor, a clerk and a board of one seat: each field of a roster is changed once for every log of a story. */
const small = (instead?: Parameters<typeof roster>[0]): Roster => {
  const { bodies, holders } = roster(instead);
  const seats = ['mayor', 'clerk', 'board-1'];
  const { mayor, clerk: office, board } = bodies;
  if (mayor === undefined || office === undefined || board === undefined) throw new Error('the city has these bodies');
  return {
    bodies: { mayor, clerk: { ...office, seats: ['clerk'] }, board: { ...board, seats: ['board-1'] } },
    holders: holders.filter(({ seat }) => seats.includes(seat)),
  };
};
const town = () => city(policy(rule([signature('mayor'), signature('board')])), small());

/**
 * Another mayor is proposed; the board refuses, the present mayor confirms, and then the board does too. The next mayor signs. The reason
 * of the refusal is redacted.
 */
export const refusedFirst = (): Log => {
  const log = town()
    .proposeRoster(small({ mayor: { id: 'other-mayor' } }), day(1))
    .refuseRoster(member, day(2))
    .confirmRoster(mayor, day(2))
    .confirmRoster(member, day(12))
    .feat(notify(day(12), 1), sign(day(13), 1, { holder: 'other-mayor' }));
  return reasonRedacted(log, { stream: 'roster', key: null, change: null }, 14);
};

/** Every term has run out; who held the seats last confirm the next terms, and the mayor signs in one of them. */
export const runOut = (): Log => {
  const to = day(0).slice(0, 10);
  const base = small({ mayor: { to }, 'board-1': { to } });
  const next = {
    ...base,
    holders: base.holders.map(
      (term) => Object.fromEntries(Object.entries(term).filter(([name]) => name !== 'to')) as typeof term,
    ),
  };
  return city(policy(rule([signature('mayor'), signature('board')])), base)
    .adoptRoster(next, day(2), [mayor, member])
    .feat(notify(day(3), 1), sign(day(4), 1));
};

/** The seat of the mayor changes hands at noon, and is held for some days by an acting mayor. */
export const atNoon = (base: Roster = changingAtNoon()): Log =>
  city(policy(rule([signature('mayor'), signature('board')])), base).feat(
    notify(day(0), 1),
    sign(day(1), 1, { holder: 'acting-mayor' }),
  );
export const changingAtNoon = (): Roster => {
  const base = small({ mayor: { to: day(1) } });
  const mayor = base.holders.find(({ seat }) => seat === 'mayor');
  if (mayor === undefined) throw new Error('the town has a mayor');
  return { ...base, holders: [...base.holders, { ...mayor, id: 'acting-mayor', from: day(1), to: day(9), acting: true }] };
};

/** A proposal that one has confirmed and the operator withdraws, and one that lapses; the mayor signs after both. */
export const notConfirmed = (): Log =>
  town()
    .proposeRoster(small({ mayor: { id: 'other-mayor' } }), day(1))
    .confirmRoster(member, day(1))
    .proposeRoster(small(), day(2))
    .proposeRoster(small({ mayor: { id: 'third-mayor' } }), day(3))
    .confirmRoster(mayor, day(4))
    .endProposal(day(17))
    .feat(notify(day(18), 1), sign(day(19), 1));
