import { canonical } from '../../domain/kernel/canonical.ts';
import { type JsonObject, type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { logAggregate } from '../sequencer/aggregate.ts';
import type { Aggregate } from '../store/aggregate.ts';
import type { DerivedState } from '../store/archive/importArchive.ts';
import { featureAggregate, observationAggregate, policyAggregate, rosterAggregate, vendorAggregate } from './aggregates.ts';
import { receiptAggregate } from './receipt.ts';

const derive =
  <C, S, E, R extends string>(aggregate: Aggregate<C, S, E, R>) =>
  (previous: JsonValue | undefined, events: readonly JsonObject[]): DerivedState => {
    const before = previous === undefined ? aggregate.decider.initialState : aggregate.parseState(previous);
    const after = events.map(aggregate.parseEvent).reduce(aggregate.decider.evolve, before);
    return { state: asJson(after), stateVersion: aggregate.stateVersion };
  };

/** A state is JSON by its schema; through its canonical text it is so by type, too. */
const asJson = (state: unknown): JsonValue => {
  const parsed = parseStrict(new TextEncoder().encode(canonical(state as JsonValue)));
  if (!parsed.ok) throw new Error(`broken invariant: a state is not JSON: ${parsed.detail}`);
  return parsed.value;
};

const BY_KIND: Readonly<Record<string, ReturnType<typeof derive>>> = {
  feature: derive(featureAggregate),
  receipt: derive(receiptAggregate),
  policy: derive(policyAggregate),
  roster: derive(rosterAggregate),
  vendor: derive(vendorAggregate),
  observation: derive(observationAggregate),
  log: derive(logAggregate),
};

/** The state after a commit of any stream of the house, folded from its events. Throws on a stream or an event that is none of ours. */
export const stateOf = (stream: string, previous: JsonValue | undefined, events: readonly JsonObject[]): DerivedState => {
  const kind = stream.split('/', 1)[0] ?? '';
  const derived = Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : undefined;
  if (derived === undefined) throw new Error(`no aggregate has the stream ${stream}`);
  return derived(previous, events);
};
