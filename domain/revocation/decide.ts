import type { FeatureState } from '../feature/state.ts';
import { findChange, requirementsOf } from '../feature/state.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { localMoment } from '../kernel/zone.ts';
import { holdsSeat } from '../roster/holders.ts';
import type { Roster } from '../roster/schema.ts';
import type { RevocationRecorded } from './events.ts';
import { type RevocationState, revocationName } from './state.ts';

/**
 * `roster` and `feature`: what can still be read, null for nothing. What can be read counts; what cannot be read prevents
 * nothing.
 */
export interface RecordRevocation extends Omit<RevocationRecorded, 'type' | 'v'> {
  readonly zone: string;
  readonly roster: Roster | null;
  readonly feature: FeatureState | null;
}

export type RevocationRejection = 'may-not-revoke' | 'file-number-missing';

const objection = ({ at, zone, roster, feature, holder, body, seat, change, requirement, fileNumber }: RecordRevocation) => {
  if (roster !== null && holdsSeat(roster, holder, body, localMoment(at, zone)) !== seat)
    return reject('may-not-revoke', 'only who holds the office now can switch this off');
  const known = feature === null ? undefined : findChange(feature, change);
  const pinned = known && feature ? requirementsOf(feature, known).find(({ id }) => id === requirement) : undefined;
  if (pinned?.instrument === 'advice') return reject('may-not-revoke', 'only a body that had to approve can switch this off');
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
  evolve: (state, event) => ({ ...state, [revocationName(event.key, event.change, event.requirement)]: event }),
};
