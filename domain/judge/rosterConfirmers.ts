import type { Roster } from '../roster/schema.ts';
import type { Officer, ProposalCase, RosterVersion } from './city.ts';
import { equal } from './equal.ts';
import { must } from './verdict.ts';

// Who confirms a proposed roster, and when it has been confirmed by enough.

/** Returns the bodies whose acts an office certifies. */
export const bodiesAttestedBy = ({ bodies }: Roster, office: string): readonly string[] =>
  Object.keys(bodies).filter((body) => bodies[body]?.attestedBy === office);

/**
 * Returns the facts of a body that a proposal can change: its seats and names, its holders and commitments to their addresses,
 * and the body that certifies for it.
 */
const factsOf = ({ roster, contacts }: RosterVersion, body: string) => {
  const holders = roster.holders.filter((term) => term.body === body);
  const addresses = holders.map(({ id }) => (Object.hasOwn(contacts, id) ? contacts[id] : null));
  return { body: Object.hasOwn(roster.bodies, body) ? roster.bodies[body] : null, holders, addresses };
};

/** What a proposal leaves as it is, and which bodies must be among its confirmers. */
interface Reach {
  readonly untouched: readonly string[];
  readonly isWhole: boolean;
  /** The bodies of which one must confirm; undefined: any can. */
  readonly clerks: readonly string[] | undefined;
}

const reachOf = (inForce: RosterVersion, proposal: RosterVersion): Reach => {
  const bodies = Object.keys(inForce.roster.bodies);
  const untouched = bodies.filter((each) => equal(factsOf(inForce, each), factsOf(proposal, each)));
  const isWhole = untouched.length === 0 && bodies.length > 1;
  const clerks = bodies.filter((each) => bodiesAttestedBy(inForce.roster, each).length > 0);
  const clerkMust = clerks.length > 0 && (isWhole || clerks.every((each) => untouched.includes(each)));
  return { untouched, isWhole, clerks: clerkMust ? clerks : undefined };
};

/**
 * Checks the confirmer: the clerk, unless the proposal changes a certifying body; for a handover any untouched body as well. A
 * confirmer cannot confirm a change of their own body, their own terms or their own address, unless it changes every body.
 */
export const mustConfirm = (inForce: RosterVersion, proposal: ProposalCase, { holder, body }: Officer): void => {
  const { confirmers, handovers } = proposal;
  must(!confirmers.some((each) => each.holder === holder), 'already-decided', `${holder} has confirmed this roster`);
  const { untouched, isWhole, clerks } = reachOf(inForce, proposal);
  if (isWhole) return;
  const own = ({ roster }: RosterVersion) => roster.holders.filter(({ id }) => id === holder);
  const touched = !equal(own(inForce), own(proposal)) || handovers.includes(holder);
  must(!touched, 'roster-confirmer', `the proposal changes the terms or the links of ${holder}`);
  if (Object.keys(inForce.roster.bodies).length === 1) return;
  must(untouched.includes(body), 'roster-confirmer', `the proposal changes ${body}, the confirmer’s own body`);
  must(clerks === undefined || clerks.includes(body) || handovers.length > 0, 'roster-confirmer', `${holder} is not the clerk`);
};

/** Reports whether the confirmations of a proposal are enough at an instant. */
export const isSettled = (inForce: RosterVersion, proposal: ProposalCase, at: string): boolean => {
  const { confirmers, objectors, effectiveAt } = proposal;
  const { untouched, isWhole, clerks } = reachOf(inForce, proposal);
  return confirmers.some((first) => {
    if (clerks?.includes(first.body) === false) return false;
    const others = confirmers.filter(({ holder }) => holder !== first.holder);
    if (others.some(({ body }) => body !== first.body)) return true;
    if (isWhole || (effectiveAt !== undefined && at < effectiveAt)) return false;
    const isOnly = untouched.every((each) => each === first.body);
    return objectors.length === 0 || (isOnly && others.length > 0);
  });
};
