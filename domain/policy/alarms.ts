import type { LocalMoment } from '../kernel/zone.ts';
import { holdersOf } from '../roster/holders.ts';
import { nameIn, type Roster } from '../roster/schema.ts';
import type { Requirement, Rule } from './schema.ts';
import { bodyOf } from './seats.ts';
import { needed, thresholdOf } from './threshold.ts';

/**
 * Why a requirement cannot be met with the current roster. It stays open; no threshold is lowered to the number of those present.
 */
export interface Alarm {
  readonly requirement: string;
  readonly code: 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person';
  readonly detail: string;
}

export const alarmsOf = (rule: Rule, roster: Roster, when: LocalMoment): readonly Alarm[] => [
  ...rule.require.flatMap((requirement) => seatAlarms(requirement, roster, when)),
  ...personAlarms(rule, roster, when),
];

const seatAlarms = (requirement: Requirement, roster: Roster, when: LocalMoment): readonly Alarm[] => {
  const alarm = (code: Alarm['code'], detail: string): readonly Alarm[] => [{ requirement: requirement.id, code, detail }];
  const body = bodyOf(roster, requirement.body);
  if (body === undefined) return alarm('no-body', `The roster has no body ${requirement.body}.`);
  const filled = holdersOf(roster, requirement.body, when).size;
  if (filled === 0) return alarm('vacant', `No one holds a seat of ${nameIn(body.name, 'en')}.`);
  const clerks = body.attestedBy === undefined ? 0 : holdersOf(roster, body.attestedBy, when).size;
  const clerkless = requirement.instrument === 'certification' && clerks === 0;
  return [
    ...(clerkless ? alarm('no-clerk', `No one is in office to certify the votes of ${nameIn(body.name, 'en')}.`) : []),
    ...voteAlarms(requirement, body.seats.length, filled, alarm),
  ];
};

const voteAlarms = (
  requirement: Requirement,
  seats: number,
  filled: number,
  alarm: (code: Alarm['code'], detail: string) => readonly Alarm[],
): readonly Alarm[] => {
  if (requirement.instrument !== 'certification' && requirement.instrument !== 'ballots') return [];
  const votes = needed(thresholdOf(requirement), { seats, filled, present: filled, recused: 0 });
  const votesShort = Math.max(votes, requirement.quorum ?? 0);
  if (votesShort <= filled) return [];
  const code = votesShort > seats ? 'no-seat' : 'too-few';
  return alarm(code, `It needs ${votesShort} members; ${filled} of ${seats} seats are filled.`);
};

/** The one person who can sign or certify; undefined if several can, or none. */
const onlyActor = ({ body, instrument }: Requirement, roster: Roster, when: LocalMoment): string | undefined => {
  const acting =
    instrument === 'certification' ? bodyOf(roster, body)?.attestedBy : instrument === 'signature' ? body : undefined;
  const persons = acting === undefined ? [] : [...holdersOf(roster, acting, when).values()].map(({ id }) => id);
  return new Set(persons).size === 1 ? persons[0] : undefined;
};

/** One person can certify several votes, but a signer can neither certify nor sign another requirement of the change. */
const personAlarms = ({ require }: Rule, roster: Roster, when: LocalMoment): readonly Alarm[] => {
  const actors = require.map((requirement) => ({ requirement, person: onlyActor(requirement, roster, when) }));
  return actors.flatMap(({ requirement, person }, index) => {
    const clash = actors
      .slice(0, index)
      .find((other) => person !== undefined && other.person === person && [requirement, other.requirement].some(isSigned));
    if (clash === undefined) return [];
    const detail = `Only ${person} could act here and in ${clash.requirement.id}: two persons are needed.`;
    return [{ requirement: requirement.id, code: 'one-person' as const, detail }];
  });
};

const isSigned = ({ instrument }: Requirement): boolean => instrument === 'signature';
