import * as z from 'zod';
import type { Evaluation } from '../../../../domain/feature/evaluate.ts';
import { ALWAYS, type TimeWindow } from '../../../../domain/feature/instants.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import type { TimedEvaluation } from '../../../gate/heads.ts';

/** How long a client may hold a "yes" in seconds, unless the city sets another time. */
export const LEASE_SECONDS = 30;

export const LeaseSeconds = z.coerce.number().int().min(3).max(3_600);

/** How old what a bulk answer rests on may be on AWS, unless the city sets another age. `PT0S`: nothing is kept. */
export const BULK_MAX_AGE = 'PT10S';

const SECONDS = /^PT(?!$)(?:(\d{1,2})M)?(?:(\d{1,4})S)?$/;

/** An ISO 8601 duration of minutes and seconds. */
export const BulkMaxAge = z.string().regex(SECONDS, 'is not a duration such as PT10S');

/** Returns a {@link BulkMaxAge} in seconds. */
export const secondsIn = (duration: string): number => {
  const [, minutes = 0, seconds = 0] = SECONDS.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(seconds);
};

export const BULK_AGE_ABOVE_LEASE = 'is longer than the lease';

/** The moment of an answer, and for how long a client may hold it. */
export interface AnswerMoment {
  readonly asOf: string;
  readonly checkpoint: string | undefined;
  readonly leaseSeconds: number;
}

const UNKNOWN: Evaluation = {
  enabled: false,
  variant: 'unknown',
  reason: 'STATIC',
  because: 'this is not the key of any feature',
  change: null,
  revision: null,
  digest: null,
  version: null,
  validUntil: null,
  effectiveUntil: null,
  limitedBy: null,
  audience: null,
  conditions: [],
  pending: 0,
  fault: false,
};

/**
 * Returns an evaluation in the form of OFREP 0.3. The value is always an explicit boolean: `FLAG_NOT_FOUND`, or a `DISABLED` without a value,
 * would make the client use its own default. Metadata is flat and of scalars; unknown facts are left out.
 */
export const flagJson = (key: string, evaluation: Evaluation, { asOf, checkpoint, leaseSeconds }: AnswerMoment) => ({
  key,
  value: evaluation.enabled,
  reason: evaluation.reason,
  variant: evaluation.variant,
  metadata: {
    ...(evaluation.change !== null && { change: changeId(key, evaluation.change) }),
    ...(evaluation.revision !== null && { revision: evaluation.revision }),
    ...(evaluation.version !== null && { version: evaluation.version }),
    asOf,
    ...(evaluation.effectiveUntil !== null && { validUntil: evaluation.effectiveUntil }),
    ...(checkpoint !== undefined && { checkpoint }),
    because: evaluation.because,
    pending: evaluation.pending,
    ...(evaluation.fault && { fault: true }),
    leaseSeconds,
  },
});

/** An answer for one key without its moment, and the time for which it holds while no head changes. */
export interface Flag {
  /** Its JSON, whose last member is the metadata, without the two closing braces. */
  readonly text: string;
  readonly window: TimeWindow;
  readonly evaluation: Evaluation;
}

const NO_MOMENT: AnswerMoment = { asOf: '', checkpoint: undefined, leaseSeconds: 0 };

export const flagOf = (key: string, { evaluation, window }: TimedEvaluation): Flag => {
  const { metadata, ...flag } = flagJson(key, evaluation, NO_MOMENT);
  const { asOf: _asOf, leaseSeconds: _lease, ...lasting } = metadata;
  const text = JSON.stringify({ ...flag, metadata: lasting }).slice(0, -2);
  return { text, window, evaluation };
};

/** Returns the text of a {@link Flag} for a text that cannot be a key. */
export const unknownFlag = (key: string): string => flagOf(key, { evaluation: UNKNOWN, window: ALWAYS }).text;

/** Returns what completes the text of a {@link Flag}. */
export const momentText = ({ asOf, checkpoint, leaseSeconds }: AnswerMoment): string =>
  `,"asOf":${JSON.stringify(asOf)}${checkpoint === undefined ? '' : `,"checkpoint":${JSON.stringify(checkpoint)}`},"leaseSeconds":${leaseSeconds}}}`;
