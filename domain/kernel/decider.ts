/** An expected refusal: a code for machines, a sentence for people and, for invalid input, the JSON pointer (RFC 6901) of what is at fault. */
export interface Rejection<C extends string = string> {
  readonly code: C;
  readonly detail: string;
  readonly pointer?: string;
}

/** A command was accepted; no events means that it had been decided before or changes nothing. */
export interface Accepted<E> {
  readonly ok: true;
  readonly events: readonly E[];
}

/** A command was refused. A refusal is an answer, not an error: it is returned, never thrown. */
export interface Rejected<C extends string> {
  readonly ok: false;
  readonly rejection: Rejection<C>;
}

export type Decision<E, C extends string> = Accepted<E> | Rejected<C>;

/**
 * The shape of every aggregate: pure, so that replay and test need no store. `decide` returns no events for a command that was
 * decided already; `evolve` never refuses what `decide` once accepted.
 */
export interface Decider<C, S, E, R extends string> {
  readonly initialState: S;
  readonly decide: (command: C, state: S) => Decision<E, R>;
  readonly evolve: (state: S, event: E) => S;
}

/** The command is accepted, with these events in this order. */
export const accept = <E>(...events: E[]): Accepted<E> => ({ ok: true, events });

/** The command is accepted and changes nothing, as when it comes a second time. */
export const nothing: Accepted<never> = Object.freeze({ ok: true, events: Object.freeze([]) });

/** The command is refused. `detail` is shown to the sender, so it says what to do about it. */
export const reject = <C extends string>(code: C, detail: string, pointer?: string): Rejected<C> => ({
  ok: false,
  rejection: pointer === undefined ? { code, detail } : { code, detail, pointer },
});
