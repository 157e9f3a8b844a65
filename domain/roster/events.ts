// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones. No mail addresses,
// ever.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Id, Instant } from '../kernel/zodTypes.ts';
import { Contacts, HolderId, Roster } from './schema.ts';

const version = { at: Instant, number: z.int().min(1), sha256: Digest };

/**
 * A roster came into force: the first set by the operator, a later one by confirmations, or because a policy with other bodies came
 * into force (see `rosterFollowing`). `policy`: the number of that policy; absent otherwise.
 */
export const RosterAdopted = strictObject(() => ({
  type: z.literal('RosterAdopted'),
  v: z.literal(1),
  ...version,
  roster: Roster,
  contacts: Contacts,
  by: z.enum(['operator', 'confirmation', 'policy']),
  policy: z.int().min(1).exactOptional(),
}));

/**
 * A roster is proposed and would be version `number`; it replaces an earlier proposal. `handovers`: the sitting holders for whom it
 * changes who receives their links; from here on their links decide nothing. `effectiveAt`: the earliest instant at which one
 * confirmation brings it into force, two days on. Both are absent if it changes no such thing.
 */
export const RosterProposed = strictObject(() => ({
  type: z.literal('RosterProposed'),
  v: z.literal(1),
  ...version,
  roster: Roster,
  contacts: Contacts,
  handovers: z.array(HolderId).min(1).exactOptional(),
  effectiveAt: Instant.exactOptional(),
}));

/** The actor in the roster's stream, and their seat under the roster in force there. */
export const Officer = strictObject(() => ({ holder: HolderId, body: Id, seat: Id }));
export type Officer = z.infer<typeof Officer>;

/**
 * An office-holder confirmed the proposed roster, which comes into force with the confirmation that completes what it needs.
 * `roster`: the version in force, under which they hold the seat. `assertion`:
 * the signature of the holder's passkey over the whole confirmation, if one was required.
 */
export const RosterConfirmed = strictObject(() => ({
  type: z.literal('RosterConfirmed'),
  v: z.literal(1),
  ...version,
  ...Officer.shape,
  roster: z.int().min(1),
  assertion: Assertion.exactOptional(),
}));
export type RosterConfirmed = z.infer<typeof RosterConfirmed>;

/**
 * A sitting holder objects to a proposed change of who receives their links. `roster`: the version in force. `reason`: the
 * commitment to its text, null for none.
 */
export const HandoverObjected = strictObject(() => ({
  type: z.literal('HandoverObjected'),
  v: z.literal(1),
  ...version,
  holder: HolderId,
  roster: z.int().min(1),
  reason: Digest.nullable(),
}));

/**
 * A proposed roster ended without coming into force: the operator withdrew it, or its confirmations did not come in time.
 * `handovers`: as proposed; the links of these holders decide again.
 */
export const RosterProposalEnded = strictObject(() => ({
  type: z.literal('RosterProposalEnded'),
  v: z.literal(1),
  ...version,
  because: z.enum(['withdrawn', 'unconfirmed']),
  handovers: z.array(HolderId).min(1).exactOptional(),
}));

/**
 * Every link of a person was cut off at once, for example after a phone was lost; `generation`: of those links. `by`: the clerk,
 * null for the operator. `reissued`: new ones are mailed for all that waits for the person.
 */
export const LinksCutOff = strictObject(() => ({
  type: z.literal('LinksCutOff'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
  reissued: z.boolean(),
}));

/** Every passkey of a person is invalidated, for the `generation`th time. `by`: the clerk, null for the operator. */
export const PasskeysReset = strictObject(() => ({
  type: z.literal('PasskeysReset'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
}));

export const RosterEvent = z.discriminatedUnion('type', [
  RosterAdopted,
  RosterProposed,
  RosterConfirmed,
  HandoverObjected,
  RosterProposalEnded,
  LinksCutOff,
  PasskeysReset,
]);
export type RosterEvent = z.infer<typeof RosterEvent>;
