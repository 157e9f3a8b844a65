import type { DocumentRejection } from '../../../domain/documents/decide.ts';
import type { FeatureRejection } from '../../../domain/feature/commands.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import { type Problem, summaryOf } from '../../../domain/kernel/problems.ts';
import type { ObservationRejection } from '../../../domain/observation/decide.ts';
import type { PolicyRejection } from '../../../domain/policy/decide.ts';
import type { RedactionRejection } from '../../../domain/redaction/decide.ts';
import type { RosterRejection } from '../../../domain/roster/decide.ts';
import type { VendorRejection } from '../../../domain/vendors/decide.ts';
import type { LimitState, LimitsExceeded } from '../../gate/noticeLimits.ts';

// Wire format: clients distinguish problems by `type`. A code is never renamed and never changes its meaning.

type AggregateCode =
  | DocumentRejection
  | FeatureRejection
  | Exclude<ObservationRejection, 'other-vendor'>
  | PolicyRejection
  | RedactionRejection
  | RosterRejection
  | VendorRejection;

export interface ProblemKind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 451 | 500 | 503;
  readonly title: string;
  readonly retryAfterS?: number;
}

const kind = (status: ProblemKind['status'], title: string): ProblemKind => ({ status, title });

/** The one table from codes to answers: 400 malformed, 409 well-formed but not acceptable now, 422 a form to be corrected. */
export const PROBLEMS = {
  'invalid-json': kind(400, 'The body is not valid, unambiguous JSON'),
  'invalid-input': kind(400, 'The body does not have the expected shape'),
  'invalid-request': kind(400, 'The address, a parameter or a header cannot be read'),
  'future-instant': kind(400, 'The instant lies in the future'),
  'invalid-form': kind(422, 'The form is not complete'),
  'not-found': kind(404, 'Nothing was found at this address'),
  'method-not-allowed': kind(405, 'This address does not allow this method'),
  'unsupported-media-type': kind(415, 'Unsupported media type'),
  'too-large': kind(413, 'It is too large'),
  'other-source': kind(403, 'This token reports as another source'),
  'token-missing': kind(401, 'A token is needed'),
  'token-unknown': kind(401, 'This token is not known'),
  'token-without-person': kind(403, 'The token is of no person'),
  'scope-missing': kind(403, 'The token lacks the scope'),
  'other-agency': kind(403, 'This token answers for other agencies'),
  'signature-refused': kind(401, 'The signature is missing or not valid'),
  'wrong-origin': kind(403, 'The form was sent from another address'),
  'other-body': kind(409, 'Another body was received under this id'),
  // RFC 7725
  withheld: kind(451, 'Withheld by an order'),
  'already-redacted': kind(409, 'Another order about this place is in force'),
  'nothing-withheld': kind(409, 'It is not withheld there'),
  'too-many-tries': { ...kind(429, 'Too many tries'), retryAfterS: 600 },
  'too-many-notices': kind(429, 'The sender has reached a limit of notices'),
  contended: { ...kind(503, 'Too many requests at once'), retryAfterS: 1 },
  'clock-behind': { ...kind(503, 'The clock of this gate is behind'), retryAfterS: 60 },
  unavailable: { ...kind(503, 'Not available at the moment'), retryAfterS: 5 },
  'disk-low': { ...kind(503, 'The disk is nearly full: only decisions of officials are accepted'), retryAfterS: 60 },
  'unreadable-record': { ...kind(503, 'A stored record cannot be read'), retryAfterS: 60 },
  internal: kind(500, 'Internal error'),

  'unknown-change': kind(404, 'There is no such change'),
  closed: kind(409, 'The change is closed'),
  stale: kind(409, 'The revision has changed'),
  'no-policy': kind(409, 'No policy is in force'),
  'passkey-required': kind(409, 'A passkey is needed'),
  'passkey-refused': kind(409, 'The passkey does not prove this decision'),
  'unknown-requirement': kind(409, 'The change has no such requirement'),
  'not-in-office': kind(409, 'Not in office'),
  'proposal-waits': kind(409, 'Another proposal waits'),
  'not-yet': kind(409, 'An earlier step is missing'),
  'too-early': kind(409, 'The notice has not been public for long enough'),
  vetoed: kind(409, 'The change is vetoed'),
  'not-vetoed': kind(409, 'The change is not vetoed'),
  'already-decided': kind(409, 'This was decided already'),
  'other-terms': kind(409, 'The terms differ from those decided before'),
  'until-passed': kind(422, 'The approval would end before it begins'),
  'same-person': kind(409, 'One person counts in one requirement only'),
  'documents-missing': kind(409, 'Documents are missing'),
  'document-refused': kind(409, 'Not a document that is asked for'),
  'abstain-not-allowed': kind(422, 'A signature cannot abstain'),
  'meeting-in-future': kind(422, 'The meeting lies in the future'),
  'meeting-before-revision': kind(422, 'The meeting was held before this revision was public'),
  'meeting-out-of-time': kind(422, 'The meeting is out of the time of the rule'),
  'roll-call': kind(422, 'The roll call is not complete'),
  'no-quorum': kind(422, 'There was no quorum'),
  'file-number-missing': kind(422, 'The file number is missing'),
  'nothing-to-correct': kind(409, 'There is nothing to correct'),
  'nothing-to-confirm': kind(409, 'No certificate waits for a confirmation'),
  'nothing-to-take-back': kind(409, 'There is no refusal to take back'),
  'too-late': kind(409, 'It is too late for this'),
  'reason-missing': kind(422, 'The reason is missing'),
  'not-in-force': kind(409, 'No approval is in force'),
  'may-not-revoke': kind(409, 'This person may not revoke'),
  'not-maintenance': kind(409, 'The update does not count as maintenance'),
  'may-not-contest': kind(409, 'This person may not contest the update'),
  'no-opt-out': kind(409, 'The change cannot be opted out of'),
  'adds-only': kind(403, 'What the city enters only adds new changes'),
  'too-many-open': kind(429, 'Too many changes are open'),

  'observed-in-future': kind(409, 'The observation lies in the future'),

  'policy-refused': kind(422, 'The policy is refused'),
  'no-roster': kind(409, 'No roster is set'),
  'needs-approval': kind(409, 'A policy can be changed only by approval'),

  'no-such-holder': kind(404, 'There is no such person on the roster'),
  'roster-refused': kind(422, 'The roster is refused'),
  'seats-are-rules': kind(409, 'Bodies and seats change only with the policy'),
  'roster-differs': kind(409, 'The roster differs in more than new seats'),
  'too-few-confirmers': kind(409, 'Too few persons could change the roster'),
  'needs-confirmation': kind(409, 'A roster can be changed only by confirmation'),
  'no-such-proposal': kind(409, 'There is no such proposal'),
  'own-change': kind(409, 'A change of the own body needs another person'),
  'not-the-clerk': kind(409, 'Only the clerk confirms this'),

  'vendor-exists': kind(409, 'The vendor exists already'),
  'no-such-vendor': kind(404, 'There is no such vendor'),
  'no-such-key': kind(404, 'There is no such key'),
  'key-in-use': kind(409, 'The key is or was in use'),
  'too-many-keys': kind(409, 'Too many keys'),
} satisfies Readonly<Record<AggregateCode, ProblemKind>> & Readonly<Record<string, ProblemKind>>;
export type ProblemCode = keyof typeof PROBLEMS;

const TYPE_PREFIX = 'urn:aldergate:problem:';

export const problemType = (code: ProblemCode): string => `${TYPE_PREFIX}${code}`;

/** One occurrence of a problem. `errors`: faults by RFC 6901 pointers. `extra`: members that a protocol adds. */
interface Occurrence {
  readonly detail?: string;
  readonly errors?: readonly Problem[];
  readonly extra?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the table's status for a code whose meaning depends on where it happens. */
  readonly status?: ProblemKind['status'];
}

/** Maximum errors in one answer, so that a hostile body cannot make a long one. */
const ERRORS_MAX = 50;

/** An HTTP answer as plain data, so that evaluations need no Response object. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Renders an RFC 9457 problem document. A 5xx carries no detail, which goes to the logger. */
export const problemAnswer = (code: ProblemCode, { detail, errors, extra, headers, status }: Occurrence = {}): Answer => {
  const { title, retryAfterS, ...kept } = PROBLEMS[code];
  const sent = status ?? kept.status;
  const shown =
    sent >= 500
      ? {}
      : { ...(detail !== undefined && { detail }), ...(errors !== undefined && { errors: errors.slice(0, ERRORS_MAX) }) };
  return {
    status: sent,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
      ...headers,
    },
    body: JSON.stringify({ type: problemType(code), title, status: sent, ...shown, ...extra }),
  };
};

export const rejectionAnswer = (rejection: Rejection<ProblemCode>, occurrence: Occurrence = {}): Answer => {
  const { code, detail, pointer, problems } = rejection;
  const errors = problems ?? (pointer === undefined ? undefined : [{ pointer, detail }]);
  return problemAnswer(code, { detail, ...(errors !== undefined && { errors }), ...occurrence });
};

/** Rewrites pointers into a part of the body as pointers into the whole. `at`: the pointer of the part. */
export const rejectedAt = <R extends Rejection>(at: string, rejection: R): R => {
  const { pointer, problems } = rejection;
  const within = problems?.map((problem) => ({ ...problem, pointer: `${at}${problem.pointer}` }));
  return {
    ...rejection,
    ...(pointer !== undefined && { pointer: `${at}${pointer}` }),
    ...(within !== undefined && { problems: within, detail: summaryOf(within) }),
  };
};

/** Ends a request early with a problem document. Only the HTTP layer throws and catches it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export const refused = (code: ProblemCode, occurrence?: Occurrence): Refused => new Refused(problemAnswer(code, occurrence));

export const refusedBy = (rejection: Parameters<typeof rejectionAnswer>[0], occurrence?: Occurrence): Refused =>
  new Refused(rejectionAnswer(rejection, occurrence));

const policyItem = ({ name, quota, windowS }: LimitState): string =>
  `"${name}";q=${quota};w=${windowS}${name === 'notice-bytes' ? ';qu="content-bytes"' : ''}`;

const stateItem = ({ name, remaining, resetS }: LimitState): string => `"${name}";r=${remaining};t=${resetS}`;

/** draft-ietf-httpapi-ratelimit-headers-10. */
const limitHeaders = ({ states, retryAfterS }: LimitsExceeded) => ({
  'retry-after': String(retryAfterS),
  'ratelimit-policy': states.map(policyItem).join(', '),
  ratelimit: states.map(stateItem).join(', '),
});

type Limited = Parameters<typeof refusedBy>[0] & { readonly exceeded?: LimitsExceeded };

/** Adds what the table of problems cannot state: 409 if a notice revises a missing change, and the limits it exceeds. */
export const occurrenceOf = ({ code, exceeded }: Limited): Occurrence => ({
  ...(code === 'unknown-change' && { status: 409 }),
  ...(exceeded !== undefined && { headers: limitHeaders(exceeded) }),
});

export const intakeRefused = (rejection: Limited): Refused => refusedBy(rejection, occurrenceOf(rejection));
