import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';

/** A decider and what it takes to keep its events and state in a store. */
export interface Aggregate<C, S, E, R extends string> {
  readonly decider: Decider<C, S, E, R>;
  /** Raise it whenever `evolve` or the shape of the state changes: older states are then folded anew from the history. */
  readonly stateVersion: number;
  /** Zod, on the way out of the store; throws on what is no event of this aggregate. */
  readonly parseEvent: (json: JsonObject) => E;
  /** Throws on what is no state of this aggregate. */
  readonly parseState: (json: JsonValue) => S;
}
