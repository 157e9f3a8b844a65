// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones. No mail addresses,
// ever.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Id, Instant } from '../kernel/zodTypes.ts';
import { LinkGeneration } from './linkAge.ts';
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
 * A roster is proposed and would be version `number`. It comes into force once two persons of two bodies have confirmed it. It
 * replaces whatever was proposed before.
 */
export const RosterProposed = strictObject(() => ({
  type: z.literal('RosterProposed'),
  v: z.literal(1),
  ...version,
  roster: Roster,
  contacts: Contacts,
}));

/** The actor in the roster's stream, and their seat under the roster in force there. */
export const Officer = strictObject(() => ({ holder: HolderId, body: Id, seat: Id }));
export type Officer = z.infer<typeof Officer>;

/**
 * The `generation`th reset of a person's passkeys is proposed, and takes the same two persons; replaces whatever was proposed
 * before. `sha256`: see `resetDigest`. `by`: the clerk, null for the operator.
 */
export const PasskeyResetProposed = strictObject(() => ({
  type: z.literal('PasskeyResetProposed'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
}));

/** An act on what is proposed, a roster or a reset, by its digest. `roster`: the version in force, which gives the person the seat. */
const act = { at: Instant, sha256: Digest, ...Officer.shape, roster: z.int().min(1) };

/**
 * A person confirmed what is proposed, which takes effect with the confirmation that completes it. `assertion`: the signature of the
 * person's passkey over the whole confirmation, if one was required.
 */
export const RosterConfirmed = strictObject(() => ({
  type: z.literal('RosterConfirmed'),
  v: z.literal(1),
  ...act,
  assertion: Assertion.exactOptional(),
}));
export type RosterConfirmed = z.infer<typeof RosterConfirmed>;

/** A person who could confirm what is proposed refused, which stops nothing. `reason`: the commitment to its text, null for none. */
export const RosterRefused = strictObject(() => ({
  type: z.literal('RosterRefused'),
  v: z.literal(1),
  ...act,
  reason: Digest.nullable(),
}));

/** A proposal ended without effect: the operator withdrew it, or its confirmations did not come within fourteen days. */
export const RosterProposalEnded = strictObject(() => ({
  type: z.literal('RosterProposalEnded'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  because: z.enum(['withdrawn', 'unconfirmed']),
}));

/**
 * Every link of a person was cut off at once, for example after a phone was lost; `generation`: of those links. `by`: the clerk, null for
 * the operator. `reissued`: new ones are mailed for all that waits for the person. They only switch off, until a newer one was used.
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

/** A person decided, or switched something off, by a link of this generation: their older links switch nothing off any more. */
export const LinksUsed = strictObject(() => ({
  type: z.literal('LinksUsed'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: LinkGeneration,
}));

/**
 * Every passkey of a person is invalidated, for the `generation`th time. `by`: who completed the confirmation; null for the
 * operator.
 */
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
  PasskeyResetProposed,
  RosterConfirmed,
  RosterRefused,
  RosterProposalEnded,
  LinksCutOff,
  LinksUsed,
  PasskeysReset,
]);
export type RosterEvent = z.infer<typeof RosterEvent>;
