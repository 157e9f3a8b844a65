// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones. No mail addresses,
// ever.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { Digest, Id, Instant, strictObject } from '../kernel/zodTypes.ts';
import { Contacts, HolderId, Roster } from './schema.ts';

/** One more than the number of times that all links of a person had been cut off when a link was made. */
export const LinkGeneration = z.int().min(1);

const version = { at: Instant, number: z.int().min(1), sha256: Digest };

/**
 * A roster came into force: the first set by the operator, a later one by confirmations, or because a policy with other bodies came
 * into force (see `rosterFollowing`). `policy`: the number of that policy; absent otherwise.
 */
const RosterAdopted = strictObject(() => ({
  type: z.literal('RosterAdopted'),
  v: z.literal(1),
  ...version,
  roster: Roster,
  contacts: Contacts,
  by: z.enum(['operator', 'confirmation', 'policy']),
  policy: z.int().min(1).exactOptional(),
}));

/** The actor in the roster's stream, and their seat under the roster in force there. */
export const Officer = strictObject(() => ({ holder: HolderId, body: Id, seat: Id }));
export type Officer = z.infer<typeof Officer>;

/** A proposed roster, to become version `number`. */
const NextRoster = strictObject(() => ({ number: version.number, roster: Roster, contacts: Contacts }));

/** The `generation`th reset of a person's passkeys. `by`: the clerk who requests it, null for the operator. */
export const PasskeyReset = strictObject(() => ({
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
}));
export type PasskeyReset = z.infer<typeof PasskeyReset>;

/** The gate was restored from a copy whose log ended with this tree. `root`: in base64. */
export const Restored = strictObject(() => ({ size: z.int().min(1), root: z.string() }));

/**
 * A roster, a reset or a restored gate is proposed; it takes effect once two persons of two bodies confirm it. It replaces any earlier
 * proposal. `sha256`: see `rosterDigest`, `resetDigest` and `restoredDigest`.
 */
const ProposalMade = strictObject(() => ({
  type: z.literal('ProposalMade'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  subject: z.union([NextRoster, PasskeyReset, Restored]),
}));

/**
 * A person confirmed what is proposed, which takes effect with the confirmation that completes it, or refused it, which stops nothing.
 * `roster`: the version in force, which gives the person the seat. `reason`: the commitment to the text of a refusal, null for none.
 * `assertion`: the signature of the person's passkey over the whole confirmation, if one was required.
 */
export const ProposalAnswered = strictObject(() => ({
  type: z.literal('ProposalAnswered'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  ...Officer.shape,
  roster: z.int().min(1),
  decision: z.enum(['confirm', 'refuse']),
  reason: Digest.nullable(),
  assertion: Assertion.exactOptional(),
}));
export type ProposalAnswered = z.infer<typeof ProposalAnswered>;

/**
 * A proposal ended: the operator withdrew it, it was not confirmed within fourteen days or, for a restored gate, two persons confirmed
 * that nothing newer is missing.
 */
const ProposalEnded = strictObject(() => ({
  type: z.literal('ProposalEnded'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  because: z.enum(['withdrawn', 'unconfirmed', 'confirmed']),
}));

/**
 * Every link of a person was cut off at once, for example after a phone was lost; `generation`: of those links. `by`: the clerk, null for
 * the operator. `reissued`: new ones are mailed for everything that waits for the person. The old ones only switch off, until a newer one
 * is used.
 */
const LinksCutOff = strictObject(() => ({
  type: z.literal('LinksCutOff'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
  reissued: z.boolean(),
}));

/** A person decided, or switched something off, by a link of this generation: their older links no longer switch anything off. */
const LinksUsed = strictObject(() => ({
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
const PasskeysReset = strictObject(() => ({
  type: z.literal('PasskeysReset'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(1),
  by: Officer.nullable(),
}));

export const RosterEvent = z.discriminatedUnion('type', [
  RosterAdopted,
  ProposalMade,
  ProposalAnswered,
  ProposalEnded,
  LinksCutOff,
  LinksUsed,
  PasskeysReset,
]);
export type RosterEvent = z.infer<typeof RosterEvent>;
