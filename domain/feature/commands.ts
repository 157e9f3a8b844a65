import type { Assertion } from '../kernel/assertion.ts';
import type { Evidence } from '../observation/events.ts';
import type { Policy } from '../policy/schema.ts';
import type { RuledBodies } from '../roster/bodies.ts';
import type { Roster } from '../roster/schema.ts';
import type { EventOf, Provenance, Together } from './events.ts';
import type { NoticeFacts } from './notice.ts';
import type { Terms } from './terms.ts';

/** The inputs of a decision besides the feature's own state. `zone`: the city's IANA time zone. */
export interface DecisionContext {
  readonly at: string;
  readonly zone: string;
  readonly roster: { readonly number: number; readonly roster: Roster } | null;
  readonly policy: { readonly number: number; readonly policy: Policy; readonly bodies: RuledBodies } | null;
}

interface Command extends DecisionContext {
  readonly change: number;
}

/** `command` identifies the notice, so that a repeat is recognised. */
export interface Notify extends DecisionContext {
  readonly type: 'notify';
  readonly key: string;
  readonly command: string;
  readonly revises: number | null;
  readonly digest: string;
  readonly notice: NoticeFacts;
  readonly provenance: Provenance;
}

export interface Withdraw extends Command {
  readonly type: 'withdraw';
  /** SHA-256 of the withdrawal's raw body. */
  readonly digest: string;
  readonly provenance: Provenance;
}

/**
 * `comment`: the commitment to a text; `seen`: the digest of the documents that were shown; `assertion`: the passkey's signature over the
 * whole decision; `enrolled`: whether the gate has a passkey of the holder.
 */
export interface OfficialDecision extends Command {
  readonly revision: number;
  readonly digest: string;
  readonly requirement: string;
  readonly holder: string;
  readonly terms: Terms;
  readonly comment: string | null;
  readonly seen?: string;
  readonly assertion?: Assertion;
  readonly enrolled?: boolean;
}

/** Votes are by seat; each seat of the body must be named. */
export interface Certify extends OfficialDecision {
  readonly type: 'certify';
  readonly purpose: 'adopt' | 'override' | 'correct';
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly votes: Readonly<Record<string, string>>;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}

/** `take-back`: of a refusal, with the reason as the comment. `together`: all changes that the same form decides, this one among them. */
export interface Sign extends OfficialDecision {
  readonly type: 'sign';
  readonly together?: Together;
  readonly decision: 'approve' | 'refuse' | 'abstain' | 'take-back';
}

export interface CastBallot extends OfficialDecision {
  readonly type: 'ballot';
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

export interface Advise extends OfficialDecision {
  readonly type: 'advise';
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

export interface Revoke extends Command {
  readonly type: 'revoke';
  readonly requirement: string;
  readonly holder: string;
  readonly reason: string | null;
  readonly fileNumber: string | null;
  readonly byReplacedLink?: true;
  /** Set for a revocation that the stream `revocation` has recorded: its seat and file number were checked then. */
  readonly recorded?: { readonly seat: string };
}

/** `certificate`: its act; `comment`: the reason of a dispute; `terms`: those of the certificate. */
export interface Confirm extends OfficialDecision {
  readonly type: 'confirm';
  readonly certificate: string;
  readonly decision: 'confirm' | 'dispute';
}

export interface Contest extends Command {
  readonly type: 'contest';
  readonly by: { readonly requirement: string; readonly holder: string } | { readonly token: string };
  readonly reason: string | null;
  readonly byReplacedLink?: true;
}

/** `note`: the commitment to a text; `person`: whose token it is. */
export interface RecordOptOut extends Command {
  readonly type: 'opt-out';
  readonly revision: number;
  readonly digest: string;
  readonly note: string;
  readonly evidence: Evidence | null;
  readonly person: string;
}

export interface ConfirmRollback extends Command {
  readonly type: 'confirm-rollback';
  readonly of: EventOf<'RollbackConfirmed'>['of'];
  readonly revision: number;
  readonly digest: string;
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
  readonly comment: string;
  readonly assertion?: Assertion;
  readonly enrolled?: boolean;
}

/** `documents`: those that the notice names; `by`: the credential that sent the bytes. */
export interface AttachDocument extends Command {
  readonly type: 'attach';
  readonly revision: number;
  readonly digest: string;
  readonly kind: string;
  readonly title: string;
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly by: string;
  readonly documents: NoticeFacts['documents'];
}

export interface Repin extends DecisionContext {
  readonly type: 'repin';
}

export interface Tick extends DecisionContext {
  readonly type: 'tick';
}

export type FeatureCommand =
  | Notify
  | Withdraw
  | AttachDocument
  | Certify
  | Sign
  | CastBallot
  | Advise
  | Confirm
  | Revoke
  | Contest
  | RecordOptOut
  | ConfirmRollback
  | Repin
  | Tick;

export const FEATURE_REJECTIONS = [
  'unknown-change',
  'closed',
  'stale',
  'no-policy',
  'passkey-required',
  'passkey-refused',
  'unknown-requirement',
  'not-in-office',
  'not-yet',
  'too-early',
  'vetoed',
  'not-vetoed',
  'already-decided',
  'other-terms',
  'until-passed',
  'same-person',
  'documents-missing',
  'document-refused',
  'abstain-not-allowed',
  'meeting-in-future',
  'meeting-before-revision',
  'meeting-out-of-time',
  'roll-call',
  'no-quorum',
  'file-number-missing',
  'nothing-to-correct',
  'nothing-to-confirm',
  'nothing-to-take-back',
  'too-late',
  'reason-missing',
  'not-in-force',
  'may-not-revoke',
  'not-maintenance',
  'may-not-contest',
  'no-opt-out',
  'too-many-open',
  'adds-only',
] as const;
export type FeatureRejection = (typeof FEATURE_REJECTIONS)[number];
