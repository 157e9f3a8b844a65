// Storage format: the state that stands beside each commit. It is a cache of the fold; change it only together with ROSTER_STATE_VERSION.
import * as z from 'zod';
import { Digest, Instant } from '../kernel/zodTypes.ts';
import { Contacts, HolderId, Roster } from './schema.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const ROSTER_STATE_VERSION = 2;

/** The stream that holds all rosters a city ever had. */
export const ROSTER_STREAM = 'roster';

const Version = z.strictObject({ number: z.int().min(1), sha256: Digest, since: Instant, roster: Roster, contacts: Contacts });
/** One version of the roster: in force since, or proposed at, the instant `since`. */
export type RosterVersion = z.infer<typeof Version>;

/**
 * The roster in force and the newest one that waits for confirmation. Earlier ones are in the stream's history. `resets`: how often
 * each person's passkeys were reset; those that were enrolled before count no more. `links`: the generation of each person's links
 * whose links were ever cut off; those of an earlier one open nothing.
 */
export const RosterState = z.strictObject({
  inForce: Version.nullable(),
  proposal: Version.nullable(),
  resets: z.record(HolderId, z.int().min(1)).exactOptional(),
  links: z.record(HolderId, z.int().min(2)).exactOptional(),
});
export type RosterState = z.infer<typeof RosterState>;

/** How often a person's passkeys were reset. A holder's id may be the name of something that every object has, so only its own counts. */
export const resetsOf = ({ resets = {} }: Pick<RosterState, 'resets'>, holder: string): number =>
  Object.hasOwn(resets, holder) ? (resets[holder] ?? 0) : 0;

/** Returns the generation of a person's links: 1, and one more after each time they were all cut off. */
export const linkGenerationOf = ({ links = {} }: Pick<RosterState, 'links'>, holder: string): number =>
  Object.hasOwn(links, holder) ? (links[holder] ?? 1) : 1;

/** No roster: nobody can decide anything. */
export const initialRosterState: RosterState = { inForce: null, proposal: null };
