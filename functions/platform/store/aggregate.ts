import type * as z from 'zod';
import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { parseOnce } from '../../../domain/kernel/zodTypes.ts';

/** What a store needs to read the events of an aggregate and to fold its state. */
export interface Fold<S, E> {
  readonly decider: Pick<Decider<never, S, E, string>, 'initialState' | 'evolve'>;
  /** Raise it whenever `evolve` or the shape of the state changes: older states are then folded again from the history. */
  readonly stateVersion: number;
  /** Parses an event read from the store, with Zod. Throws on anything but an event of this aggregate. */
  readonly parseEvent: (json: JsonObject) => E;
  /** Parses a state read from the store. Throws on anything but a state of this aggregate. */
  readonly parseState: (json: JsonValue) => S;
}

/** A fold with the decider that makes its events. */
export interface Aggregate<C, S, E, R extends string> extends Fold<S, E> {
  readonly decider: Decider<C, S, E, R>;
}

/** Makes an aggregate, or a fold where the decider has no `decide`. Stored bytes are attacker-controlled, so they are parsed. */
export const aggregate = <S, E, D extends Fold<S, E>['decider']>(
  decider: D,
  stateVersion: number,
  state: z.ZodType<S>,
  event: z.ZodType<E>,
): Fold<S, E> & { readonly decider: D } => ({
  decider,
  stateVersion,
  parseState: (json) => state.parse(json),
  parseEvent: (json) => parseOnce(event, json),
});
