import type { Assertion } from '../kernel/assertion.ts';
import type { Policy } from '../policy/schema.ts';
import type { RuledBodies } from '../roster/bodies.ts';
import type { Roster } from '../roster/schema.ts';
import type { Terms } from './terms.ts';

/**
 * The inputs of a decision besides the feature's own state. `zone`: the city's IANA time zone; `seatsSince`: when a policy last changed the
 * seats of a body, if one did.
 */
export interface DecisionContext {
  readonly at: string;
  readonly zone: string;
  readonly roster: { readonly number: number; readonly roster: Roster } | null;
  readonly policy: {
    readonly number: number;
    readonly policy: Policy;
    readonly bodies: RuledBodies;
    readonly seatsSince: Readonly<Record<string, string>>;
  } | null;
  /** Commits that entered the log late: those of `since` are not public before `from`. */
  readonly late?: readonly { readonly since: string; readonly from: string }[];
}

export interface ChangeCommand extends DecisionContext {
  readonly change: number;
}

/** A command about exactly these words. */
export interface WordsCommand extends ChangeCommand {
  readonly revision: number;
  readonly digest: string;
}

/** `assertion`: the passkey's signature over the whole decision; `enrolled`: whether the gate has a passkey of the holder. */
export interface ProvableCommand extends WordsCommand {
  readonly holder: string;
  readonly assertion?: Assertion;
  readonly enrolled?: boolean;
}

/**
 * `comment`: the commitment to a text. What the form showed, if it says so: `seen`, the digest of the documents; `rules`, the pin, for a roll
 * call with its roster.
 */
export interface OfficialDecision extends ProvableCommand {
  readonly requirement: string;
  readonly terms: Terms;
  readonly comment: string | null;
  readonly seen?: string;
  readonly rules?: string;
}

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
