import { type Problem, summaryOf } from './problems.ts';

/** `pointer`: of the fault in the input (JSON pointer, RFC 6901), the first of `problems` if several were found. */
export interface Rejection<C extends string = string> {
  readonly code: C;
  readonly detail: string;
  readonly pointer?: string;
  readonly problems?: readonly Problem[];
}

/** No events: it was decided before or changes nothing. */
interface Accepted<E> {
  readonly ok: true;
  readonly events: readonly E[];
}

/** A refusal is an answer, not an error: it is returned, never thrown. */
export interface Rejected<C extends string> {
  readonly ok: false;
  readonly rejection: Rejection<C>;
}

export type Decision<E, C extends string> = Accepted<E> | Rejected<C>;

export type Check<C extends string> = { readonly ok: true } | Rejected<C>;

export const PASSED = Object.freeze({ ok: true } as const);

/** Returns the first refusal, in the order in which the sender learns of them. */
export const allOf = <C extends string>(...checks: readonly Check<C>[]): Check<C> => checks.find(({ ok }) => !ok) ?? PASSED;

/**
 * The shape of every aggregate. `decide` returns no events for a command that was already decided; `evolve` never refuses what `decide`
 * once accepted.
 */
export interface Decider<C, S, E, R extends string> {
  readonly initialState: S;
  readonly decide: (command: C, state: S) => Decision<E, R>;
  readonly evolve: (state: S, event: E) => S;
}

export const accept = <E>(...events: E[]): Accepted<E> => ({ ok: true, events });

export const nothing: Accepted<never> = Object.freeze({ ok: true, events: Object.freeze([]) });

/** The sender sees `detail`, so it explains what to do. */
export const reject = <C extends string>(code: C, detail: string, pointer?: string): Rejected<C> => ({
  ok: false,
  rejection: pointer === undefined ? { code, detail } : { code, detail, pointer },
});

/** Refuses an input with everything that is wrong with it. */
export const rejectInput = <C extends string>(code: C, problems: readonly Problem[]): Rejected<C> => ({
  ok: false,
  rejection: { ...reject(code, summaryOf(problems), problems[0]?.pointer).rejection, problems },
});
