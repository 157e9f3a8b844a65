import { expect } from 'vitest';
import { canonical } from '../../domain/kernel/canonical.ts';
import type { Decider } from '../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../domain/kernel/json.ts';

export interface Subject<C, S, E, R extends string> {
  readonly decider: Decider<C, S, E, R>;
  readonly parseEvent: (json: JsonObject) => E;
  readonly parseState?: (json: JsonValue) => S;
}

/**
 * `twice`: the events of the same command given a second time, if it has any. A refused command changes nothing and needs none.
 */
export interface WhenOptions<R extends string> {
  readonly twice?: `rejected:${R}`;
}

/** What must come of a command. Events are compared whole, in order, strictly: a missing field fails. */
export interface Outcome<E, R extends string> {
  then(...events: readonly [E, ...E[]]): void;
  thenNothing(): void;
  thenRejected(code: R, pointer?: string): void;
}

const throughJson = (value: unknown) => JSON.parse(canonical(value as JsonValue)) as JsonObject;

const frozen = new WeakSet<object>();
const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !frozen.has(value)) {
    frozen.add(value);
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
};

const fold = <C, S, E, R extends string>({ decider }: Subject<C, S, E, R>, state: S, events: readonly E[]): S =>
  events.reduce((current, event) => deepFreeze(decider.evolve(current, deepFreeze(event))), deepFreeze(state));

/** Events as parsed by their schema, by the frozen event: a history needs each again at every step. */
const parsed = new WeakMap<object, object>();

/** Returns the events, frozen, as a store returns them. Each must pass its schema and canonical JSON unchanged. */
const stored = <C, S, E extends object, R extends string>({ parseEvent }: Subject<C, S, E, R>, events: readonly E[]) =>
  events.map((event) => {
    const known = parsed.get(event) as E | undefined;
    if (known !== undefined) return known;
    const read = parseEvent(throughJson(event));
    expect(read, 'an event changes on its way through its schema').toStrictEqual(event);
    parsed.set(event, read);
    return read;
  });

/**
 * Given past events, when a command comes, then these events, nothing, or a refusal. Besides what is expected, every use checks that
 * events and state pass their schemas and canonical JSON unchanged; that no function mutates its arguments; that the state folded event
 * by event equals a replay of the stored events; and that the command, decided again on its own result, yields no events (or `twice`).
 */
export const given = <C, S, E extends object, R extends string>(subject: Subject<C, S, E, R>, ...past: readonly E[]) => {
  const { decider } = subject;
  const before = fold(subject, decider.initialState, past);
  const replayed = fold(subject, decider.initialState, stored(subject, past));
  expect(replayed, 'replay differs from the incremental state').toStrictEqual(before);

  const when = (command: C, { twice }: WhenOptions<R> = {}): Outcome<E, R> => {
    deepFreeze(command);
    const decided = decider.decide(command, before);
    const thenEvents = (...events: readonly E[]) => {
      expect(decided).toStrictEqual({ ok: true, events });
      const after = fold(subject, before, events);
      expect(fold(subject, replayed, stored(subject, events)), 'replay differs from the incremental state').toStrictEqual(after);
      if (subject.parseState !== undefined) expect(subject.parseState(throughJson(after))).toStrictEqual(after);
      const again = decider.decide(command, after);
      const outcome = again.ok ? again : `rejected:${again.rejection.code}`;
      expect(outcome, 'decided twice').toStrictEqual(twice ?? { ok: true, events: [] });
    };
    return {
      // biome-ignore lint/suspicious/noThenProperty: a specification reads given, when, then; it is never awaited
      then: thenEvents, // oxlint-disable-line unicorn/no-thenable
      thenNothing: () => thenEvents(),
      thenRejected: (code, pointer) => {
        expect(decided).toMatchObject({ ok: false, rejection: { code, ...(pointer !== undefined && { pointer }) } });
        expect(decided.ok ? '' : decided.rejection.detail, 'a refusal says why').toMatch(/\S/);
        expect(decider.decide(command, before), 'refused twice').toStrictEqual(decided);
      },
    };
  };
  return { when };
};
