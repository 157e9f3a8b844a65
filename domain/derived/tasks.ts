import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';

/** Most pressing first. */
export const TASK_KINDS = ['switch-off', 'opt-out', 'look', 'switch-on'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Why a task is there; pages and mails have a sentence for each. */
const TASK_CAUSES = [
  'announced',
  'cannot-opt-out',
  'takes-effect',
  'took-effect',
  'slow-roll-out',
  'opted-out',
  'withdrawn-late',
  'ends',
  'ended',
  'revoked',
  'outdated',
  'removed',
  'seen-on',
  'never-announced',
  'seen-on-for-others',
  'seen-other-version',
  'approved',
  'silent',
] as const;
export type TaskCause = (typeof TASK_CAUSES)[number];

/**
 * Wire format. What the city must do at a vendor by a day. `since`: when it opened; `by`: when it must be done; null: no day. `because`: why; `how`: the vendor's words;
 * `change`: `KEY/N`, and `digest` of its wording; both null where it is about none. `key` null: it is about a source that is silent.
 * `below`: how many keys beneath follow the same limit; `agencies`: for whom to switch on; null: for all. `urgent`: overdue, or seen on without approval.
 */
export const Task = strictObject(() => ({
  key: z.string().nullable(),
  kind: z.enum(TASK_KINDS),
  vendor: z.string(),
  source: z.string().exactOptional(),
  since: Instant,
  by: Instant.nullable(),
  how: z.string().nullable(),
  because: z.enum(TASK_CAUSES),
  change: z.string().nullable(),
  digest: Digest.nullable(),
  agencies: z.array(z.string()).nullable(),
  below: z.int(),
  urgent: z.boolean(),
}));
export type Task = z.infer<typeof Task>;

/**
 * Returns what makes two tasks the same one, whatever its day, its reason and its urgency became: a key is to be switched off or on once, a
 * wording opted out of once; a look is at a wording, or a source, and from an instant on.
 */
export const taskIdentity = ({ key, kind, vendor, source = '', change, digest, since }: Task): string => {
  const place = key ?? `~${vendor}/${encodeURIComponent(source)}`;
  const wording = [change ?? '', digest ?? ''];
  const about = kind === 'opt-out' ? wording : kind === 'look' ? [...wording, since] : [];
  return [place, TASK_KINDS.indexOf(kind), ...about].join('/');
};
