import * as z from 'zod';
import { canonical, digestOf } from '../kernel/canonical.ts';
import { accept, type Decider, type Decision, nothing, type Rejected, reject, rejectInput } from '../kernel/decider.ts';
import type { JsonValue } from '../kernel/json.ts';
import { Digest, Id, Instant, strictObject } from '../kernel/zodTypes.ts';
import { type LocalMoment, localMoment } from '../kernel/zone.ts';
import {
  addsOnlyNewSeats,
  differencesFrom,
  NewSeats,
  type RosterContent,
  RuledBodies,
  rosterFollowing,
  ruledBodies,
  type Seating,
  seatingOf,
  seatsSince,
} from '../roster/bodies.ts';
import { checkRoster, rosterProblems, rosterSizeProblems } from '../roster/check.ts';
import { contactsOf, publicRoster } from '../roster/contacts.ts';
import { areTwoOfTwoBodies, decidingBodies, endOfTerm, isInOffice } from '../roster/holders.ts';
import { contactOf, type Roster } from '../roster/schema.ts';
import { checkPolicy } from './check.ts';
import type { Adopter, PolicyEvent } from './events.ts';
import { Policy } from './schema.ts';

export interface PolicyContent extends Seating {
  readonly policy: Policy;
}

/** Returns the digest of the canonical form of everything that the vote on a policy decides. */
export const policyDigest = ({ policy, bodies, newSeats }: PolicyContent): string =>
  digestOf(canonical({ policy, bodies, ...(newSeats !== undefined && { newSeats }) }));

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const POLICY_STATE_VERSION = 3;

export const POLICY_STREAM = 'policy';

const InForce = strictObject(() => ({
  number: z.int().min(1),
  sha256: Digest,
  since: Instant,
  policy: Policy,
  bodies: RuledBodies,
  seatsSince: z.record(Id, Instant),
}));
const Proposal = strictObject(() => ({
  sha256: Digest,
  at: Instant,
  policy: Policy,
  bodies: RuledBodies,
  newSeats: NewSeats.exactOptional(),
}));

/** The newest proposals, oldest first. `spent`: the changes (`aldergate.policy/3`) that have adopted a policy, each only once. */
export const PolicyState = strictObject(() => ({
  inForce: InForce.nullable(),
  proposals: z.array(Proposal),
  spent: z.array(z.string()),
}));
export type PolicyState = z.infer<typeof PolicyState>;

const initialPolicyState: PolicyState = { inForce: null, proposals: [], spent: [] };

// Two persons of two bodies confirm who holds a seat. If no such two remain, a city can never change its roster again.

const confirmers = (policy: Policy, roster: Roster, when: LocalMoment) => {
  const deciding = decidingBodies(policy, roster.bodies);
  return roster.holders
    .filter((term) => deciding.has(term.body) && isInOffice(term, when))
    .map(({ id: holder, body }) => ({ holder, body }));
};

/**
 * Returns why a roster could lock the city out: without some one person, no two persons of two deciding bodies remain. `onlyEnds`: the
 * roster only ends terms, so it locks out only if no two remain as it is.
 */
export const lockoutIn = (policy: Policy, roster: Roster, when: LocalMoment, onlyEnds = false): string | undefined => {
  const able = confirmers(policy, roster, when);
  const bodies = [...decidingBodies(policy, roster.bodies)].join(', ');
  const advice = `Name another person, such as a deputy clerk or the presiding member: these bodies count: ${bodies}.`;
  if (!areTwoOfTwoBodies(able)) return `No two persons of two bodies would be in office to confirm the next roster. ${advice}`;
  if (onlyEnds) return undefined;
  const needed = [...new Set(able.map(({ holder }) => holder))].filter(
    (gone) => !areTwoOfTwoBodies(able.filter(({ holder }) => holder !== gone)),
  );
  if (needed.length === 0) return undefined;
  return `With ${needed.join(' or ')} gone, no two persons of two bodies would remain to confirm the next roster. ${advice}`;
};

/** Reports whether each term is one of the roster in force and ends no later than there, and no address changes. */
export const onlyEndsTerms = (inForce: RosterContent, next: RosterContent, zone: string): boolean =>
  next.roster.holders.every((term) => {
    const end = endOfTerm(term, zone);
    return (
      contactOf(inForce, term.id) === contactOf(next, term.id) &&
      inForce.roster.holders.some((known) => {
        const until = endOfTerm(known, zone);
        const isSame = known.id === term.id && known.body === term.body && known.seat === term.seat && known.from === term.from;
        return isSame && (until === undefined || (end !== undefined && end <= until));
      })
    );
  });

/** The most proposals kept in the state, within the bytes that leave space for the policy in force. */
const PROPOSALS_MAX = 4;
const PROPOSALS_BYTES_MAX = 15_400;
/**
 * The longest policy with its bodies and new seats, in bytes of canonical JSON: the one in force and a proposal must fit the state.
 */
const CONTENT_BYTES_MAX = 14_000;

const contentBytes = ({ policy, bodies, newSeats }: PolicyContent): number =>
  Buffer.byteLength(canonical({ policy, bodies, newSeats: newSeats ?? null }));
/** More policy changes than a city makes in a generation; an older change can no longer be approved either. */
const SPENT_MAX = 40;

/** Returns the newest proposals that fit. A dropped proposal can be made again, a refused one cannot. */
const newest = (proposals: PolicyState['proposals']): PolicyState['proposals'] => {
  const kept: PolicyState['proposals'] = [];
  let bytes = 0;
  for (const proposal of proposals.toReversed()) {
    bytes += contentBytes(proposal);
    if (kept.length === PROPOSALS_MAX || bytes > PROPOSALS_BYTES_MAX) break;
    kept.unshift(proposal);
  }
  return kept;
};

const evolvePolicy = (state: PolicyState, event: PolicyEvent): PolicyState => {
  switch (event.type) {
    case 'PolicyAdopted': {
      const { number, sha256, at, policy, bodies, by } = event;
      return {
        inForce: { number, sha256, since: at, policy, bodies, seatsSince: seatsSince(state.inForce, bodies, at) },
        proposals: state.proposals.filter((proposal) => proposal.sha256 !== sha256),
        spent: 'change' in by ? [...state.spent, by.change].slice(-SPENT_MAX) : state.spent,
      };
    }
    case 'PolicyProposed': {
      const { type: _, v: __, ...proposed } = event;
      return {
        ...state,
        proposals: newest([...state.proposals.filter(({ sha256 }) => sha256 !== event.sha256), proposed]),
      };
    }
  }
};

export type PolicyRejection =
  | 'policy-refused'
  | 'too-few-confirmers'
  | 'no-roster'
  | 'roster-refused'
  | 'roster-differs'
  | 'no-policy'
  | 'needs-approval';

interface Against {
  readonly at: string;
  readonly zone: string;
  readonly roster: RosterContent | null;
}

/**
 * A parsed policy. `file`: the accompanying roster file, parsed, and the installation's salt (see `contactsOf`); absent if the bodies stay
 * as they are.
 */
interface WithPolicy extends Against {
  readonly policy: JsonValue;
  readonly file?: { readonly roster: JsonValue; readonly salt: Uint8Array } | undefined;
}

interface AdoptFirstPolicy extends WithPolicy {
  readonly type: 'adoptFirstPolicy';
}

interface ProposePolicy extends WithPolicy {
  readonly type: 'proposePolicy';
}

/**
 * The caller guarantees that the change `by` is approved and that its words name the policy's digest. `proposal`: what the stream records
 * as proposed under that digest; the state may no longer have it.
 */
interface AdoptPolicy extends Against {
  readonly type: 'adoptPolicy';
  readonly sha256: string;
  readonly proposal: PolicyContent | undefined;
  readonly by: Extract<Adopter, { change: string }>;
}

export type PolicyCommand = AdoptFirstPolicy | ProposePolicy | AdoptPolicy;

type Decided = Decision<PolicyEvent, PolicyRejection>;

const decide = (command: PolicyCommand, state: PolicyState): Decided =>
  command.type === 'adoptPolicy' ? adopt(command, state) : file(command, state);

/**
 * Reads what a vote on a policy decides: the policy and, with a roster file, the bodies, the new seats and their holders. Everything else
 * in the file must be as in the roster in force.
 */
export const readContent = (
  { policy, roster, file, zone, at }: WithPolicy,
  { inForce }: PolicyState,
): ({ readonly ok: true } & PolicyContent) | Rejected<PolicyRejection> => {
  if (roster === null)
    return reject('no-roster', 'Set the roster first: a policy is judged against the bodies and seats it names.');
  const rules = inForce?.bodies ?? ruledBodies(roster.roster);
  let seating: Seating = { bodies: rules };
  if (file !== undefined) {
    const checked = checkRoster(file.roster, zone);
    if (!checked.ok) return rejectInput('roster-refused', checked.problems);
    const sent = { roster: publicRoster(checked.roster), contacts: contactsOf(checked.roster, file.salt) };
    if (inForce !== null) seating = seatingOf(rules, sent);
    const differences = differencesFrom(rosterFollowing(roster, seating), sent);
    if (differences.length > 0) return reject('roster-differs', differsDetail(differences));
  }
  const checked = checkedUnder(policy, { roster, seating, zone, at, inForce });
  return checked.ok ? { ok: true, policy: checked.policy, ...seating } : checked;
};

const differsDetail = (differences: readonly string[]): string =>
  `A vote on the policy changes bodies and seats and names the holders of new seats, and nothing else of the roster. This file also changes ${differences.join(', ')}: leave that as it is in the roster in force, and send it by itself (roster set).`;

const checkedUnder = (
  input: JsonValue,
  { roster, seating, zone, at, inForce }: Against & { roster: RosterContent; seating: Seating } & Pick<PolicyState, 'inForce'>,
): { readonly ok: true; readonly policy: Policy } | Rejected<PolicyRejection> => {
  const following = rosterFollowing(roster, seating);
  const { roster: next } = following;
  const [unsound] = [
    ...rosterProblems(next, zone, roster.roster.holders),
    ...(seating.newSeats === undefined ? [] : rosterSizeProblems(following)),
  ];
  if (unsound !== undefined)
    return reject('policy-refused', `The roster that would follow: ${unsound.pointer} ${unsound.detail}`);
  const checked = checkPolicy(input, next);
  if (!checked.ok) return rejectInput('policy-refused', checked.problems);
  const { policy } = checked;
  if (contentBytes({ policy, ...seating }) > CONTENT_BYTES_MAX)
    return reject('policy-refused', `The policy with its bodies and new seats is longer than ${CONTENT_BYTES_MAX} bytes.`, '');
  // Ending terms may leave too few under the policy in force, which is no reason to refuse it.
  const isKept = inForce !== null && isInForce({ policy, ...seating }, inForce);
  const locked = isKept ? undefined : lockoutIn(policy, next, localMoment(at, zone));
  return locked === undefined ? { ok: true, policy } : reject('too-few-confirmers', locked);
};

/** The operator can adopt once; after that the policy in force decides on its successor. */
const file = (command: AdoptFirstPolicy | ProposePolicy, state: PolicyState): Decided => {
  const content = readContent(command, state);
  if (!content.ok) return content;
  const { ok: _, ...proposed } = content;
  const { inForce, proposals } = state;
  const { at } = command;
  const sha256 = policyDigest(proposed);
  if (inForce !== null && isInForce(proposed, inForce)) return nothing;
  if (command.type === 'adoptFirstPolicy')
    return inForce === null
      ? accept({ type: 'PolicyAdopted', v: 1, at, number: 1, sha256, ...proposed, by: { operator: true } })
      : reject('needs-approval', 'A policy is in force. Propose the new one: it needs an approved change of aldergate.policy.');
  if (inForce === null) return reject('no-policy', 'No policy is in force yet; adopt the first one.');
  if (proposals.some((proposal) => proposal.sha256 === sha256)) return nothing;
  return accept({ type: 'PolicyProposed', v: 1, at, sha256, ...proposed });
};

/** Reports whether a policy is the same as the one in force, regardless of how its seats were added. */
export const isInForce = ({ policy, bodies, newSeats }: PolicyContent, inForce: PolicyContent): boolean =>
  newSeats === undefined && policyDigest({ policy, bodies }) === policyDigest({ policy: inForce.policy, bodies: inForce.bodies });

const adopt = ({ at, zone, roster, sha256, proposal, by }: AdoptPolicy, { inForce, spent }: PolicyState): Decided => {
  if (inForce?.sha256 === sha256 || spent.includes(by.change)) return nothing;
  if (inForce === null) return reject('no-policy', 'There is no policy under which a change of policy could have been approved.');
  if (roster === null) return reject('no-roster', 'No roster is in force.');
  if (proposal === undefined || policyDigest(proposal) !== sha256)
    return reject('needs-approval', 'This policy is not among those proposed; propose it again.');
  if (!addsOnlyNewSeats(inForce.bodies, proposal))
    return reject('policy-refused', 'Other bodies and seats came into force since this policy was proposed; propose it again.');
  const checked = checkedUnder(proposal.policy, { roster, seating: proposal, zone, at, inForce: null });
  if (!checked.ok) return checked;
  const { policy, bodies, newSeats } = proposal;
  const seats = newSeats !== undefined && { newSeats };
  return accept({ type: 'PolicyAdopted', v: 1, at, number: inForce.number + 1, sha256, policy, bodies, ...seats, by });
};

export const policyDecider: Decider<PolicyCommand, PolicyState, PolicyEvent, PolicyRejection> = {
  initialState: initialPolicyState,
  decide,
  evolve: evolvePolicy,
};
