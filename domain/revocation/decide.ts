import * as z from 'zod';
import { type Head, headWith, UNREADABLE } from '../feature/evaluate.ts';
import { changeId } from '../feature/keys.ts';
import {
  counts,
  type FeatureState,
  findChange,
  inForceIn,
  isApprovalOf,
  isOpen,
  requirementsOf,
  waitingApproval,
} from '../feature/state.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { localMoment } from '../kernel/zone.ts';
import { holdsSeat } from '../roster/holders.ts';
import type { Roster } from '../roster/schema.ts';
import type { RevocationRecorded } from './events.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const REVOCATION_STATE_VERSION = 2;

/** The {@link revocationName} of each that is recorded, and no more, so that hundreds fit the state of one stream. */
export const RevocationState = z.record(z.string(), z.literal(true));
export type RevocationState = z.infer<typeof RevocationState>;

export const revocationName = (key: string, change: number, requirement: string): string =>
  `${changeId(key, change)}/${requirement}`;

export const revokedKeys = (recorded: RevocationState): ReadonlySet<string> =>
  new Set(Object.keys(recorded).map((name) => name.slice(0, name.indexOf('/'))));

/**
 * Returns the name of the recorded revocation that ends the approval in force, or the one that waits, also one that was given
 * later: what had been decided could not be read then, and the page says that it stays off. Only a body whose approval was required
 * ends it, and not one whose refusal was overridden in it.
 */
export const recordedAgainst = (recorded: RevocationState, state: FeatureState): string | undefined => {
  const { key } = state;
  if (key === null) return undefined;
  for (const change of [inForceIn(state), waitingApproval(state)]) {
    for (const requirement of change === undefined ? [] : requirementsOf(state, change)) {
      const name = revocationName(key, change?.number ?? 0, requirement.id);
      const counted = counts(requirement) && change?.requirements[requirement.id]?.status !== 'overridden';
      if (counted && Object.hasOwn(recorded, name)) return name;
    }
  }
  return undefined;
};

/** Unreadable while a recorded revocation ends the approval and the state does not show it. */
export const headUnder = (recorded: RevocationState, state: FeatureState | null): Head =>
  state !== null && recordedAgainst(recorded, state) !== undefined ? UNREADABLE : headWith(state);

/**
 * `roster` and `feature`: what can still be read; of nothing null, or a feature without changes. What can be read counts; what cannot
 * be read prevents nothing.
 */
export interface RecordRevocation extends Omit<RevocationRecorded, 'type' | 'v'> {
  readonly zone: string;
  readonly roster: Roster | null;
  readonly feature: FeatureState;
}

export type RevocationRejection = 'may-not-revoke' | 'not-in-force' | 'file-number-missing';

const objection = ({ at, zone, roster, feature, holder, body, seat, change, requirement, fileNumber }: RecordRevocation) => {
  if (roster !== null && holdsSeat(roster, holder, body, localMoment(at, zone)) !== seat)
    return reject('may-not-revoke', 'only a person who holds the office now can switch this off');
  const known = findChange(feature, change);
  const pinned = known && requirementsOf(feature, known).find(({ id }) => id === requirement);
  if (pinned?.instrument === 'advice') return reject('may-not-revoke', 'only a body that had to approve can switch this off');
  // What cannot be read may be new words of an open change, or that a refusal was taken back.
  const isClosed = known !== undefined && !isOpen(known);
  if (isClosed && known.requirements[requirement]?.status === 'overridden')
    return reject('may-not-revoke', 'the refusal of this body was overridden in this very approval');
  if (isClosed && known.status !== 'refused' && !isApprovalOf(feature, change))
    return reject('not-in-force', `change ${change} is ${known.status}: there is nothing to switch off`);
  if (pinned?.instrument !== 'certification') return undefined;
  if (roster !== null && roster.bodies[pinned.body]?.attestedBy !== body)
    return reject('may-not-revoke', 'only the office that certifies for this body can switch this off');
  return (fileNumber ?? '') === ''
    ? reject('file-number-missing', 'the file number of the decision is needed', '/fileNumber')
    : undefined;
};

const decide = (command: RecordRevocation, state: RevocationState): Decision<RevocationRecorded, RevocationRejection> => {
  const { zone: _, roster: __, feature: ___, ...revocation } = command;
  if (Object.hasOwn(state, revocationName(command.key, command.change, command.requirement))) return nothing;
  return objection(command) ?? accept<RevocationRecorded>({ type: 'RevocationRecorded', v: 1, ...revocation });
};

export const revocationDecider: Decider<RecordRevocation, RevocationState, RevocationRecorded, RevocationRejection> = {
  initialState: {},
  decide,
  evolve: (state, { key, change, requirement }) => ({ ...state, [revocationName(key, change, requirement)]: true }),
};
