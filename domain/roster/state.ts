// Storage format: the state stored beside each commit, a cache of the fold. Change it only with ROSTER_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';
import { Officer, type RosterEvent } from './events.ts';
import { Contacts, HolderId, Roster } from './schema.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const ROSTER_STATE_VERSION = 4;

/** The stream that holds all rosters of the city, past and present. */
export const ROSTER_STREAM = 'roster';

const Version = strictObject(() => ({
  number: z.int().min(1),
  sha256: Digest,
  since: Instant,
  roster: Roster,
  contacts: Contacts,
}));
/** One version of the roster: in force since, or proposed at, the instant `since`. */
export type RosterVersion = z.infer<typeof Version>;

/** A present holder's objection to a handover. `reason`: the commitment to its text, null for none. */
const Objection = strictObject(() => ({ holder: HolderId, at: Instant, reason: Digest.nullable() }));

/**
 * A proposed roster. `handovers`, `effectiveAt`: see `RosterProposed`. `confirmations`: who confirmed it so far; `objections`: one
 * for each holder who objected.
 */
const Proposed = Version.extend({
  handovers: z.array(HolderId).exactOptional(),
  effectiveAt: Instant.exactOptional(),
  confirmations: z.array(Officer).exactOptional(),
  objections: z.array(Objection).exactOptional(),
});
export type Proposal = z.infer<typeof Proposed>;

/**
 * The roster in force and the newest one that waits for confirmation. The stream's history holds earlier ones. `follows`: the
 * newest policy whose bodies a roster followed; absent before the first such roster. `resets`: the
 * number of resets of each person's passkeys; those enrolled earlier are invalid. `links`: the link generation of each person
 * whose links were ever cut off; links of an earlier one open nothing.
 */
export const RosterState = strictObject(() => ({
  inForce: Version.nullable(),
  proposal: Proposed.nullable(),
  follows: z.int().min(1).exactOptional(),
  resets: z.record(HolderId, z.int().min(1)).exactOptional(),
  links: z.record(HolderId, z.int().min(2)).exactOptional(),
}));
export type RosterState = z.infer<typeof RosterState>;

/**
 * Returns the number of resets of a person's passkeys. Reads own properties only, because a holder's id can be the name of an
 * inherited one.
 */
export const resetsOf = ({ resets = {} }: Pick<RosterState, 'resets'>, holder: string): number =>
  Object.hasOwn(resets, holder) ? (resets[holder] ?? 0) : 0;

/** Returns the generation of a person's links: 1, and one more after each time they were all cut off. */
export const linkGenerationOf = ({ links = {} }: Pick<RosterState, 'links'>, holder: string): number =>
  Object.hasOwn(links, holder) ? (links[holder] ?? 1) : 1;

/** The state without a roster: nothing can be decided. */
export const initialRosterState: RosterState = { inForce: null, proposal: null };

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveRoster = (state: RosterState, event: RosterEvent): RosterState => {
  switch (event.type) {
    case 'RosterAdopted': {
      const { number, sha256, at, roster, contacts, policy } = event;
      const inForce = { number, sha256, since: at, roster, contacts };
      return { ...state, inForce, proposal: null, ...(policy !== undefined && { follows: policy }) };
    }
    case 'RosterProposed': {
      const { type: _, v: __, at, ...proposed } = event;
      return { ...state, proposal: { ...proposed, since: at } };
    }
    case 'PasskeysReset':
      return { ...state, resets: { ...state.resets, [event.holder]: event.generation } };
    case 'LinksCutOff':
      return { ...state, links: { ...state.links, [event.holder]: event.generation + 1 } };
    case 'RosterConfirmed': {
      const { holder, body, seat } = event;
      return onProposal(state, (proposal) => ({
        ...proposal,
        confirmations: [...(proposal.confirmations ?? []), { holder, body, seat }],
      }));
    }
    case 'HandoverObjected': {
      const { holder, at, reason } = event;
      return onProposal(state, (proposal) => ({
        ...proposal,
        objections: [...(proposal.objections ?? []), { holder, at, reason }],
      }));
    }
    case 'RosterProposalEnded':
      return { ...state, proposal: null };
  }
};

const onProposal = (state: RosterState, change: (proposal: Proposal) => Proposal): RosterState =>
  state.proposal === null ? state : { ...state, proposal: change(state.proposal) };
