import type { JsonObject } from '../../domain/kernel/json.ts';
import type { Aggregate } from '../platform/store/aggregate.ts';
import { accessAggregate } from './access.ts';
import {
  featureAggregate,
  logAggregate,
  observationAggregate,
  policyAggregate,
  rosterAggregate,
  vendorAggregate,
} from './aggregates.ts';
import { documentAggregate } from './documents.ts';
import { receiptAggregate } from './intake.ts';
import { logbookAggregate } from './logbook.ts';
import { redactionAggregate } from './redactions.ts';
import { revocationAggregate } from './revocations.ts';
import { settingsAggregate } from './settings.ts';

/** Throws on an event of another aggregate. */
type Fold = (
  previous: unknown,
  events: readonly JsonObject[],
) => { readonly state: unknown; readonly events: readonly unknown[] };

interface Kind {
  readonly fold: Fold;
  readonly stateVersion: number;
}

const kind = <C, S, E, R extends string>(aggregate: Aggregate<C, S, E, R>): Kind => ({
  fold: (previous, events) => {
    const { initialState, evolve } = aggregate.decider;
    const parsed = events.map(aggregate.parseEvent);
    // The state comes from this very fold.
    return { state: parsed.reduce(evolve, previous === undefined ? initialState : (previous as S)), events: parsed };
  },
  stateVersion: aggregate.stateVersion,
});

const BY_KIND: Readonly<Record<string, Kind>> = {
  access: kind(accessAggregate),
  feature: kind(featureAggregate),
  receipt: kind(receiptAggregate),
  document: kind(documentAggregate),
  policy: kind(policyAggregate),
  roster: kind(rosterAggregate),
  vendor: kind(vendorAggregate),
  observation: kind(observationAggregate),
  redaction: kind(redactionAggregate),
  revocation: kind(revocationAggregate),
  settings: kind(settingsAggregate),
  log: kind(logAggregate),
  logbook: kind(logbookAggregate),
};

const kindOf = (stream: string): Kind => {
  const name = stream.split('/', 1)[0] ?? '';
  const found = Object.hasOwn(BY_KIND, name) ? BY_KIND[name] : undefined;
  if (found === undefined) throw new Error(`no aggregate has the stream ${stream}`);
  return found;
};

/** The same `evolve` everywhere. Throws on a stream without an aggregate. */
export const foldOf = (stream: string): Fold => kindOf(stream).fold;

/** The version of the states that today's code writes. Throws on a stream without an aggregate. */
export const stateVersionOf = (stream: string): number => kindOf(stream).stateVersion;

/** The state after a commit of any stream; `previous`: the result for the commit before. Throws on an unknown stream or event. */
export const stateOf = (
  stream: string,
  previous: unknown,
  events: readonly JsonObject[],
): { readonly state: unknown; readonly stateVersion: number } => {
  const { fold, stateVersion } = kindOf(stream);
  return { state: fold(previous, events).state, stateVersion };
};
