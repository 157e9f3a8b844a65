import type { EventOf } from '../feature/events.ts';
import type { Commit } from '../kernel/commit.ts';
import type { RevocationRecorded } from '../revocation/events.ts';
import type { City } from './city.ts';
import { equal } from './equal.ts';
import { only } from './streams.ts';
import { must, mustBeHolder } from './verdict.ts';

const revocationIn = (key: string, change: number, requirement: string): string => `${key}/${change}/${requirement}`;

/**
 * Judges a revocation that could not enter its feature's stream: by who held the seat under some roster, since the newest may
 * have been what could not be read. It only ever ends something.
 */
export const judgeRevocation = (city: City, commit: Commit, events: readonly RevocationRecorded[]): (() => void) => {
  const event = only(events, commit);
  const { key, change, requirement, holder, body, seat } = event;
  mustBeHolder(commit.actor, holder);
  const held = city.rosters.some(({ roster }) =>
    roster.holders.some((term) => term.id === holder && term.body === body && term.seat === seat),
  );
  must(held, 'not-in-office', `${holder} held ${body}/${seat} under no roster`);
  const name = revocationIn(key, change, requirement);
  must(!city.revocations.has(name), 'already-decided', `${name} is recorded`);
  return () => void city.revocations.set(name, event);
};

const termsOf = ({ holder, seat, reason, fileNumber }: RevocationRecorded | EventOf<'ApprovalRevoked'>) => ({
  holder,
  seat,
  reason,
  fileNumber,
});

export const wasRecorded = (city: City, key: string, event: EventOf<'ApprovalRevoked'>): boolean => {
  const recorded = city.revocations.get(revocationIn(key, event.change, event.requirement));
  return recorded !== undefined && equal(termsOf(event), termsOf(recorded));
};
