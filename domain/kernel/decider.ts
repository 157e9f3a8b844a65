import { type Problem, summaryOf } from './problems.ts';

/** `pointer`: to the fault in the input (JSON pointer, RFC 6901), the first of `problems` if there are several. */
export interface Rejection<C extends string = string> {
  readonly code: C;
  readonly detail: string;
  readonly pointer?: string;
  readonly problems?: readonly Problem[];
}

/** No events: already decided, or changes nothing. */
interface Accepted<E> {
  readonly ok: true;
  readonly events: readonly E[];
}

/** A rejection is a result, not an error: it is returned, never thrown. */
export interface Rejected<C extends string> {
  readonly ok: false;
  readonly rejection: Rejection<C>;
}

export type Decision<E, C extends string> = Accepted<E> | Rejected<C>;

export type Check<C extends string> = { readonly ok: true } | Rejected<C>;

export const PASSED = Object.freeze({ ok: true } as const);

/** Returns the first rejection, in the order in which the sender should see them. */
export const allOf = <C extends string>(...checks: readonly Check<C>[]): Check<C> => checks.find(({ ok }) => !ok) ?? PASSED;

/**
 * The shape of every aggregate. `decide` returns no events for a command already decided; `evolve` never rejects what `decide` once
 * accepted.
 */
export interface Decider<C, S, E, R extends string> {
  readonly initialState: S;
  readonly decide: (command: C, state: S) => Decision<E, R>;
  readonly evolve: (state: S, event: E) => S;
}

export const accept = <E>(...events: E[]): Accepted<E> => ({ ok: true, events });

export const nothing: Accepted<never> = Object.freeze({ ok: true, events: Object.freeze([]) });

/** Rejects a command. The sender sees `detail`, so it explains what to do. */
export const reject = <C extends string>(code: C, detail: string, pointer?: string): Rejected<C> => ({
  ok: false,
  rejection: pointer === undefined ? { code, detail } : { code, detail, pointer },
});

/** Rejects an input with all its problems. */
export const rejectInput = <C extends string>(code: C, problems: readonly Problem[]): Rejected<C> => ({
  ok: false,
  rejection: { ...reject(code, summaryOf(problems), problems[0]?.pointer).rejection, problems },
});
