import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { lockoutIn } from '../../../domain/policy/decide.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { Log } from '../../domain/judge/log.ts';
import type { Books } from '../../support/consent.ts';
import { play, type Turn } from '../feature/sessions.ts';
import type { Town } from '../feature/towns.ts';

const KEY = 'acme';
const START = '2026-03-01T12:00:00.000Z';

/** Reports whether an order was carried out; one that is refused or does nothing is not. */
export const wasDone = (order: () => unknown): boolean => {
  try {
    order();
    return true;
  } catch (error) {
    if (!(error instanceof Error) || !/^(?:refused|decided nothing)/.test(error.message)) throw error;
    return false;
  }
};

/** Plays a town in a log, where the roster changes by the confirmation of two persons; undefined if the town cannot begin. */
export const lifeOf = (
  { rosters, policies, zone, luck }: Town,
  turns: readonly Turn[],
): { log: Log; books: Books } | undefined => {
  const log = new Log();
  const books = { zone, policies: new Map<number, Policy>(), rosters: new Map<number, Roster>() };
  const [roster, policy] = [rosters[0], policies[0]];
  if (!wasDone(() => log.zone(zone, START).setRoster(roster, START).adopt(policy, START).vendor('acme', START))) return undefined;
  const note = () => {
    const { roster: inForce, policy: rules } = log.rules;
    if (inForce !== null) books.rosters.set(inForce.number, inForce.roster);
    if (rules !== null) books.policies.set(rules.number, rules.policy);
  };
  play({ rosters, policies, zone, luck }, turns, {
    get state() {
      return log.feature(KEY);
    },
    get rules() {
      return log.rules;
    },
    decide: (command: FeatureCommand) => {
      note();
      wasDone(() => log.on(KEY, command));
    },
    changeRoster: (index, when) => {
      const next = rosters[index];
      const { policy: rules } = log.rules;
      // The gate proposes none under which too few could confirm the next.
      if (next === undefined || rules === null || lockoutIn(rules.policy, next, localMoment(when, zone)) !== undefined) return;
      if (!wasDone(() => log.proposeRoster(next, when))) return;
      const sitting = log.rules.roster?.roster.holders ?? [];
      for (const { id: holder, body, seat } of sitting) wasDone(() => log.confirmRoster({ holder, body, seat }, when));
    },
    // A policy changes by a vote on it: see life.ts.
    changePolicy: () => undefined,
  });
  return { log, books };
};
