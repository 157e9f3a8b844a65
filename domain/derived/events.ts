// Wire format: what follows from the log by rule or time and is no commit, as it is published. A type is permanent; another shape
// is another version.
import * as z from 'zod';
import { VARIANTS } from '../feature/evaluate.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { DRIFT_KINDS, KeyAnswer, Seen, Task } from './record.ts';

const derived = <T extends string, S extends z.ZodRawShape>(type: T, fields: () => S) =>
  strictObject(() => ({ type: z.literal(type), v: z.literal(1), at: Instant, sequence: z.int(), ...fields() }));

/**
 * `at`: the instant from which it is so; `sequence`: the index in the log of the entry that caused it, or of the last before the
 * boundary of time that did.
 */
const AnswerChanged = derived('AnswerChanged', () => ({
  key: z.string(),
  onFor: KeyAnswer.shape.onFor,
  variant: z.enum(VARIANTS),
  because: z.string(),
  version: z.string().nullable(),
}));
const DriftOpened = derived('DriftOpened', () => ({
  key: z.string(),
  kind: z.enum(DRIFT_KINDS),
  since: Instant,
  seen: Seen,
  source: z.string(),
}));
const DriftClosed = derived('DriftClosed', () => ({ key: z.string(), since: Instant, until: Instant }));
const TaskOpened = derived('TaskOpened', () => ({ task: Task }));
const TaskClosed = derived('TaskClosed', () => ({ task: Task }));

export const DerivedEvent = z.discriminatedUnion('type', [AnswerChanged, DriftOpened, DriftClosed, TaskOpened, TaskClosed]);
export type DerivedEvent = z.infer<typeof DerivedEvent>;
