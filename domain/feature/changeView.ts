// Storage format of a read model: derived from events, thrown away and rebuilt at will. Raise VIEW_VERSION when a shape changes.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { INSTRUMENTS, PinnedRequirement } from '../policy/schema.ts';
import type { DecisionEvent } from './decisionToSign.ts';
import {
  AdviceGiven,
  ApprovalRevoked,
  BallotCast,
  ConfirmationGiven,
  DocumentAttached,
  MaintenanceContested,
  Pinned,
  Provenance,
  RollbackConfirmed,
  SignatureGiven,
  VoteCertified,
} from './events.ts';
import { NoticeFacts } from './notice.ts';
import { CHANGE_STATUSES } from './state.ts';
import { Terms } from './terms.ts';

/** Raise when a view below changes shape, so that older views are folded again. */
export const VIEW_VERSION = 10;

/** The key that signed a decision and how it was enrolled. Only the event holds the signature. */
export const PasskeyView = strictObject(() => Assertion.pick({ credential: true, enrolled: true }).shape);
export type PasskeyView = z.infer<typeof PasskeyView>;

const version = z.int().min(1);
const decided = { version, passkey: PasskeyView.exactOptional() };

/** An official's act, in the order of recording. `version`: the version of the stream that holds it. */
export const ActView = z.lazy(() =>
  z.discriminatedUnion('type', [
    VoteCertified.omit({ assertion: true }).extend(decided),
    SignatureGiven.omit({ assertion: true }).extend(decided),
    BallotCast.omit({ assertion: true }).extend(decided),
    AdviceGiven.omit({ assertion: true }).extend(decided),
    ConfirmationGiven.omit({ assertion: true }).extend(decided),
    ApprovalRevoked.extend({ version }),
  ]),
);
export type ActView = z.infer<typeof ActView>;

/**
 * One requirement as a reader sees it. `tally`: of the vote that decided it, or of closed ballots. `override`: the body's second
 * vote, on a veto, which decides another requirement and never this one.
 */
export const RequirementView = strictObject(() => ({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  rule: PinnedRequirement,
  status: z.enum(['waiting', 'open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  tally: VoteCertified.shape.tally.nullable(),
  override: z.strictObject({ meetingDate: VoteCertified.shape.meetingDate, tally: VoteCertified.shape.tally }).nullable(),
  ballots: z.record(z.string(), BallotCast.shape.decision),
  denominator: z.strictObject({ seats: z.int(), filled: z.int() }).nullable(),
}));
export type RequirementView = z.infer<typeof RequirementView>;

/** A revision of a change. `words`: the stream version whose attachment is the notice as it was sent. */
export const RevisionView = strictObject(() => ({
  revision: z.int().min(1),
  digest: z.string(),
  at: Instant,
  words: z.int().min(1),
  notice: NoticeFacts,
  provenance: Provenance,
}));
export type RevisionView = z.infer<typeof RevisionView>;

/** A document attached to a change; of two of a kind, the later counts. */
export const AttachedDocument = strictObject(
  () => DocumentAttached.pick({ kind: true, title: true, sha256: true, mediaType: true, bytes: true, at: true, by: true }).shape,
);
export type AttachedDocument = z.infer<typeof AttachedDocument>;

/**
 * A change from its first notice to its end. `termsBy`: the decision that set the current terms. `confirmation`: a certificate,
 * by its act, that waits for a second person, or for its clerk once it is disputed. `contested`: who contested, and when, that
 * the change is maintenance; `wrong`: when that was found to be so, see `foundWrong`. `documents`: those attached to the last revision,
 * oldest first.
 * `began` of an approval: since when it is in force, null while it waits. `rollback`: who confirmed that the vendor rolled the change back,
 * and when that was complete.
 */
export const ChangeView = strictObject(() => ({
  key: z.string(),
  number: z.int().min(1),
  status: z.enum(CHANGE_STATUSES),
  revisions: z.array(RevisionView).readonly(),
  pinned: Pinned.nullable(),
  requirements: z.array(RequirementView).readonly(),
  terms: Terms.nullable(),
  termsBy: z.strictObject({ requirement: z.string(), holder: z.string(), at: Instant }).nullable(),
  acts: z.array(ActView).readonly(),
  veto: z
    .strictObject({
      requirement: z.string(),
      by: z.enum(['holder', 'deadline']),
      at: Instant,
      until: Instant,
    })
    .nullable(),
  confirmation: z
    .strictObject({
      requirement: z.string(),
      certificate: z.string(),
      clerk: z.string(),
      at: Instant,
      until: Instant,
      disputed: z.boolean(),
    })
    .nullable(),
  documents: z.array(AttachedDocument).readonly(),
  closesAt: Instant.nullable(),
  approved: z
    .strictObject({ at: Instant, version, validUntil: Instant.nullable(), terms: Terms, began: Instant.nullable() })
    .nullable(),
  contested: MaintenanceContested.pick({ at: true, by: true, reason: true }).extend({ wrong: Instant.nullable() }).nullable(),
  rollback: z
    .strictObject({
      confirmations: z
        .array(RollbackConfirmed.pick({ at: true, holder: true, body: true, seat: true, roster: true, comment: true }))
        .readonly(),
      completedAt: Instant.nullable(),
    })
    .nullable(),
  ended: z.strictObject({ at: Instant, because: z.string() }).nullable(),
}));
export type ChangeView = Readonly<z.infer<typeof ChangeView>>;

/**
 * Returns a decision as an act, without the assertion's signature: an act of a two-hundred-seat body must fit with all its
 * passkeys.
 */
export const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
  ...event,
  version,
  ...(assertion !== undefined && { passkey: { credential: assertion.credential, enrolled: assertion.enrolled } }),
});
