/**
 * An expected refusal: a code for machines, a sentence for people and, for invalid input, the JSON pointer (RFC 6901) of the
 * fault.
 */
export interface Rejection<C extends string = string> {
  readonly code: C;
  readonly detail: string;
  readonly pointer?: string;
}

/** An accepted command; no events means that it was decided before or changes nothing. */
export interface Accepted<E> {
  readonly ok: true;
  readonly events: readonly E[];
}

/** A refused command. A refusal is an answer, not an error: it is returned, never thrown. */
export interface Rejected<C extends string> {
  readonly ok: false;
  readonly rejection: Rejection<C>;
}

export type Decision<E, C extends string> = Accepted<E> | Rejected<C>;

/** The result of one check of a command. */
export type Check<C extends string> = { readonly ok: true } | Rejected<C>;

/** The result of a check that found nothing against the command. */
export const PASSED = Object.freeze({ ok: true } as const);

/** Returns the first refusal among the results of checks, in the order in which the sender learns of them. */
export const allOf = <C extends string>(...checks: readonly Check<C>[]): Check<C> => checks.find(({ ok }) => !ok) ?? PASSED;

/**
 * The shape of every aggregate: pure, so that replay and tests need no store. `decide` returns no events for a command that was
 * already decided; `evolve` never refuses what `decide` once accepted.
 */
export interface Decider<C, S, E, R extends string> {
  readonly initialState: S;
  readonly decide: (command: C, state: S) => Decision<E, R>;
  readonly evolve: (state: S, event: E) => S;
}

/** Accepts the command, with these events in this order. */
export const accept = <E>(...events: E[]): Accepted<E> => ({ ok: true, events });

/** Accepts the command without a change, as for a repeat. */
export const nothing: Accepted<never> = Object.freeze({ ok: true, events: Object.freeze([]) });

/** Refuses the command. The sender sees `detail`, so it explains what to do. */
export const reject = <C extends string>(code: C, detail: string, pointer?: string): Rejected<C> => ({
  ok: false,
  rejection: pointer === undefined ? { code, detail } : { code, detail, pointer },
});
