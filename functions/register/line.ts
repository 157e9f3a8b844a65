// Storage format: part of the register's documents in the side store; derived, and folded again when its shape changes.
import * as z from 'zod';
import { due } from '../../domain/feature/due.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { CHANGE_STATUSES, type FeatureState } from '../../domain/feature/state.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../domain/policy/schema.ts';

/** A feature's document keeps a line for this many of its newest changes; calendars, figures and lists of notices are made of them. */
export const LINES_MAX = 100;

/**
 * A change in one line. `since`: when its first notice arrived; `at`: when its newest revision arrived; `scheme`: how that was signed,
 * null if the city entered it; `contested`: when somebody contested that it is maintenance; `wrong`: when that was found to be so; `ended`: when it was closed, or its approval ended.
 */
export const ChangeLine = strictObject(() => ({
  n: z.int().min(1),
  title: z.string(),
  kind: z.enum(KINDS),
  status: z.enum(CHANGE_STATUSES),
  since: Instant,
  at: Instant,
  wordings: z.int().min(1),
  scheme: z.enum(['v1a', 'v1']).nullable(),
  channel: z.string(),
  effectiveAt: z.string().nullable(),
  approved: Instant.nullable(),
  contested: Instant.nullable(),
  wrong: Instant.nullable(),
  ended: Instant.nullable(),
}));
export type ChangeLine = z.infer<typeof ChangeLine>;

/** Returns the line of a change; undefined for one without a revision, which no valid stream holds. */
export const lineOf = ({ number: n, status, revisions, approved, contested, ended }: ChangeView): ChangeLine | undefined => {
  const [first, latest] = [revisions[0], revisions.at(-1)];
  if (first === undefined || latest === undefined) return undefined;
  const { notice, provenance } = latest;
  return {
    n,
    title: notice.title,
    kind: notice.kind,
    status,
    since: first.at,
    at: latest.at,
    wordings: revisions.length,
    scheme: provenance.scheme,
    channel: provenance.channel,
    effectiveAt: notice.effectiveAt,
    approved: approved?.at ?? null,
    contested: contested?.at ?? null,
    wrong: contested?.wrong ?? null,
    ended: ended?.at ?? null,
  };
};

const timed = (line: ChangeLine, event: FeatureEvent): ChangeLine => {
  if (event.type === 'ApprovalBegan' && event.replaces.includes(line.n)) return { ...line, status: 'replaced', ended: event.at };
  if (event.change !== line.n) return line;
  switch (event.type) {
    case 'ChangeLapsed':
      return { ...line, status: 'lapsed', ended: event.at };
    case 'ChangeRefused':
      return { ...line, status: 'refused', ended: event.at };
    case 'ChangeVetoed':
      return { ...line, status: 'vetoed' };
    case 'ApprovalExpired':
      return { ...line, status: 'expired', ended: event.at };
    case 'ApprovalRemoved':
      return { ...line, status: 'removed', ended: event.at };
    default:
      return line;
  }
};

/** Returns the lines as they are at `now`, with what has come about by time alone since the feature's last commit. */
export const linesAt = (lines: readonly ChangeLine[], state: FeatureState, now: string): readonly ChangeLine[] => {
  const events = due(state, now);
  return lines.map((line) => events.reduce(timed, line));
};
