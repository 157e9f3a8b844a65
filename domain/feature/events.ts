// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { MediaType } from '../documents/events.ts';
import { Assertion } from '../kernel/assertion.ts';
import { DOCUMENT_BYTES_MAX } from '../kernel/commit.ts';
import { Digest, Instant, LineText, LocalDate, SignedMessage, strictObject } from '../kernel/zodTypes.ts';
import { Evidence } from '../observation/events.ts';
import { Vote } from '../policy/rollCall.ts';
import { PasskeyRule, PinnedRequirement } from '../policy/schema.ts';
import { DocumentKind, NoticeFacts } from './notice.ts';
import { TERMS_DIGEST_CHARS, Terms } from './terms.ts';

export const Opening = strictObject(() => ({
  requirement: z.string().min(1).max(100),
  deadlineAt: Instant.nullable(),
  overrideUntil: Instant.nullable(),
}));
export type Opening = z.infer<typeof Opening>;

/** The rule that binds a revision, as it was when pinned. `missing`: the kinds of documents not yet attached. */
export const Pinned = strictObject(() => ({
  policy: z.int().min(1),
  rule: z.string(),
  require: z.array(PinnedRequirement),
  term: z.string().nullable(),
  missing: z.array(z.string()),
  from: Instant,
  closesAt: Instant.nullable(),
  opens: z.array(Opening),
  passkeys: PasskeyRule.exactOptional(),
}));
export type Pinned = z.infer<typeof Pinned>;

/**
 * `person`: the holder who entered it, null if unknown or if the vendor sent it; `key`: the id of the key that signed it, or of the form.
 */
export const Provenance = strictObject(() => ({
  channel: z.string().min(1).max(100),
  by: z.string().min(1).max(200),
  person: z.string().min(1).max(100).nullable(),
  key: z.string().nullable(),
  scheme: z.enum(['v1a', 'v1']).nullable(),
  message: SignedMessage.nullable(),
  heardAt: Instant.nullable(),
  evidence: Digest.nullable(),
}));
export type Provenance = z.infer<typeof Provenance>;

const ChangeNumber = z.int().min(1);
const HolderId = z.string().min(1).max(100);
const SeatId = z.string().min(1).max(100);
const RequirementId = z.string().min(1).max(100);

/** SHA-256(salt ‖ text) of an official's text, which the side store holds, so that it can be redacted. */
const Commitment = Digest.nullable();

const event = <T extends string, S extends z.ZodRawShape>(type: T, fields: () => S) =>
  strictObject(() => ({ type: z.literal(type), v: z.literal(1), at: Instant, change: ChangeNumber, ...fields() }));

const words = { revision: z.int().min(1), digest: Digest };
/** `roster`: the version whose seats and holders were used. */
const office = { holder: HolderId, seat: SeatId, roster: z.int().min(1) };

const wording = {
  command: z.string(),
  ...words,
  notice: NoticeFacts,
  provenance: Provenance,
  pinned: Pinned.nullable(),
};
const decision = {
  ...words,
  requirement: RequirementId,
  act: z.string(),
  comment: Commitment,
  assertion: Assertion.exactOptional(),
};

const ChangeNotified = event('ChangeNotified', () => ({ key: z.string(), ...wording }));
const ChangeRevised = event('ChangeRevised', () => wording);
/** `digest`: SHA-256 of the withdrawal's raw body. */
const ChangeWithdrawn = event('ChangeWithdrawn', () => ({ digest: Digest, provenance: Provenance }));
const PolicyPinned = event('PolicyPinned', () => ({
  revision: z.int().min(1),
  pinned: Pinned,
  voids: z.boolean(),
}));

/** `sha256` names the stream that keeps the bytes; `by`: the credential that sent it. */
export const DocumentAttached = event('DocumentAttached', () => ({
  ...words,
  kind: DocumentKind,
  title: LineText(200),
  sha256: Digest,
  mediaType: MediaType,
  bytes: z.int().min(1).max(DOCUMENT_BYTES_MAX),
  by: z.string().min(1).max(200),
}));

const RollCall = z.array(strictObject(() => ({ seat: SeatId, holder: HolderId.nullable(), vote: Vote })));
const Tally = strictObject(() => ({ yes: z.int(), no: z.int(), present: z.int(), of: z.int(), needed: z.int() }));

/** `tally.of`: the denominator. `confirmBy`: if set, it takes effect only once a second person confirms it, before then. */
export const VoteCertified = event('VoteCertified', () => ({
  ...decision,
  purpose: z.enum(['adopt', 'override', 'correct']),
  ...office,
  fileNumber: z.string(),
  meetingDate: LocalDate,
  mover: SeatId.nullable(),
  seconder: SeatId.nullable(),
  roll: RollCall,
  tally: Tally,
  confirmBy: Instant.exactOptional(),
  minutesUrl: z.string().nullable(),
  minutesSha256: z.string().nullable(),
  terms: Terms,
}));
/** The most changes that one form decides or one mail asks about: as many as one resolution. */
export const TOGETHER_MAX = 40;

/**
 * Changes that one person decided at once, as they stood. `terms`: the start of the SHA-256 of the canonical terms; `comment`: the
 * commitment for each.
 */
export const Together = z
  .array(
    strictObject(() => ({
      change: z.string().min(1).max(300),
      ...words,
      requirement: RequirementId,
      terms: z.string().regex(new RegExp(`^[0-9a-f]{${TERMS_DIGEST_CHARS}}$`)),
      comment: Commitment,
    })),
  )
  .min(1)
  .max(TOGETHER_MAX);
export type Together = z.infer<typeof Together>;

/**
 * `take-back`: withdraws a refusal by the same person, with the reason as the comment; the requirement is open again, its deadline ran on.
 * `together`: all changes that the same form decided, including this one; some may not have been recorded.
 */
export const SignatureGiven = event('SignatureGiven', () => ({
  ...decision,
  decision: z.enum(['approve', 'refuse', 'take-back']),
  ...office,
  terms: Terms,
  together: Together.exactOptional(),
}));
export const BallotCast = event('BallotCast', () => ({
  ...decision,
  decision: z.enum(['approve', 'refuse', 'abstain']),
  ...office,
  seats: z.int().min(1),
  filled: z.int().min(0),
  terms: Terms,
}));
export const AdviceGiven = event('AdviceGiven', () => ({
  ...decision,
  decision: z.enum(['approve', 'refuse', 'abstain']),
  ...office,
}));

/** Names a certificate by its `act`. `confirm` lets the vote take effect, `dispute` returns it to the clerk. */
export const ConfirmationGiven = event('ConfirmationGiven', () => ({
  ...decision,
  decision: z.enum(['confirm', 'dispute']),
  certificate: z.string(),
  holder: HolderId,
  body: z.string(),
  seat: SeatId,
  roster: z.int().min(1),
}));

/** Set only if the link used had been replaced: its owner is then mailed. */
const byLink = { byReplacedLink: z.literal(true).exactOptional() };

const RequirementMet = event('RequirementMet', () => ({ requirement: RequirementId, opens: z.array(Opening) }));
/** A refusal, or a passed deadline, which a second certified vote can overturn before `until`. */
const ChangeVetoed = event('ChangeVetoed', () => ({
  requirement: RequirementId,
  by: z.enum(['holder', 'deadline']),
  until: Instant,
}));
const VetoOverridden = event('VetoOverridden', () => ({
  requirement: RequirementId,
  opens: z.array(Opening),
  closesAt: Instant.nullable(),
}));
const ChangeRefused = event('ChangeRefused', () => ({
  requirement: RequirementId,
  because: z.enum(['vote', 'holder', 'deadline', 'veto-stands', 'override-failed', 'correction', 'unconfirmed']),
}));
const ChangeLapsed = event('ChangeLapsed', () => ({}));
/** `becomes`: in force, waiting to begin, or replaced at once by words that arrived later. `replaces`: the approvals that end with it. */
const ChangeApproved = event('ChangeApproved', () => ({
  ...words,
  terms: Terms,
  validUntil: Instant.nullable(),
  becomes: z.enum(['in-force', 'waiting', 'replaced']),
  replaces: z.array(ChangeNumber).max(2),
}));
const ApprovalBegan = event('ApprovalBegan', () => ({ replaces: z.array(ChangeNumber).max(1) }));
/**
 * Ends on its date, by a removal, or because a corrected roll call no longer carries it. `ends`: the waiting approval, if a correction
 * ends the one in force.
 */
const ApprovalEnded = event('ApprovalEnded', () => ({
  because: z.enum(['end', 'removal', 'correction']),
  ends: z.array(ChangeNumber).max(1),
}));
/** `ends`: the approval that waited, if this one was in force. */
export const ApprovalRevoked = event('ApprovalRevoked', () => ({
  requirement: RequirementId,
  body: z.string(),
  ...office,
  fileNumber: z.string().nullable(),
  reason: Commitment,
  act: z.string(),
  ends: z.array(ChangeNumber).max(1),
  ...byLink,
}));
/** An official, by the requirement in which their body decides, or the holder of a token. */
const Contestant = z.union([
  strictObject(() => ({ requirement: RequirementId, body: z.string(), ...office })),
  strictObject(() => ({ token: z.string().min(1).max(200) })),
]);
export type Contestant = z.infer<typeof Contestant>;

export const MaintenanceContested = event('MaintenanceContested', () => ({
  ...words,
  by: Contestant,
  reason: Commitment,
  act: z.string(),
  ...byLink,
}));
/** `note`: where it was set at the vendor; `person`: whose token recorded it. */
export const OptOutRecorded = event('OptOutRecorded', () => ({
  ...words,
  note: Digest,
  evidence: Evidence.nullable(),
  person: HolderId,
  act: z.string(),
}));
/**
 * `of`: whether the vendor undid the words or the city opted out of them in time; `complete`: together with an earlier confirmation these
 * are two persons of two bodies, and the words no longer count.
 */
export const RollbackConfirmed = event('RollbackConfirmed', () => ({
  of: z.enum(['rollback', 'opt-out']),
  ...words,
  holder: HolderId,
  body: z.string(),
  seat: SeatId,
  roster: z.int().min(1),
  comment: Digest,
  act: z.string(),
  complete: z.boolean(),
  assertion: Assertion.exactOptional(),
}));
/** Off from `effectiveAt`; every change in `closes` ends. */
const FeatureRemoved = event('FeatureRemoved', () => ({ effectiveAt: Instant, closes: z.array(ChangeNumber) }));

export const FeatureEvent = z.discriminatedUnion('type', [
  ChangeNotified,
  ChangeRevised,
  ChangeWithdrawn,
  PolicyPinned,
  DocumentAttached,
  VoteCertified,
  SignatureGiven,
  BallotCast,
  AdviceGiven,
  ConfirmationGiven,
  RequirementMet,
  ChangeVetoed,
  VetoOverridden,
  ChangeRefused,
  ChangeLapsed,
  ChangeApproved,
  ApprovalBegan,
  ApprovalEnded,
  ApprovalRevoked,
  MaintenanceContested,
  OptOutRecorded,
  RollbackConfirmed,
  FeatureRemoved,
]);
export type FeatureEvent = z.infer<typeof FeatureEvent>;
export type EventOf<T extends FeatureEvent['type']> = Extract<FeatureEvent, { type: T }>;

/** Returns the commitment to the official's text that an event names, or null. */
export const commitmentNamed = (event: FeatureEvent): string | null =>
  'comment' in event ? event.comment : 'reason' in event ? event.reason : 'note' in event ? event.note : null;

/** Returns the changes whose view an event alters: its own, and those it replaces, ends or closes. */
export const changesTouched = (event: FeatureEvent): readonly number[] => {
  if (event.type === 'FeatureRemoved') return [...new Set([event.change, ...event.closes])];
  const others = 'replaces' in event ? event.replaces : 'ends' in event ? event.ends : [];
  return [event.change, ...others];
};
