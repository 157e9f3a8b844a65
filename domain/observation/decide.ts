import { vendorOf } from '../feature/keys.ts';
import { canonical } from '../kernel/canonical.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { digestOf } from '../kernel/digest.ts';
import { pointerOf } from '../kernel/jsonFault.ts';
import { STATE_BYTES_MAX } from '../kernel/limits.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { Evidence, ObservationEvent, Observed } from './events.ts';
import { initialObservationState, type ObservationState } from './state.ts';

const RECENT_MAX = 32;
const FINGERPRINT_CHARS = 16;

const fingerprintOf = ({ source, observedAt, features }: Pick<ObservationEvent, 'source' | 'observedAt' | 'features'>): string =>
  digestOf(canonical({ source, observedAt, features })).slice('sha256:'.length, 'sha256:'.length + FINGERPRINT_CHARS);

const lastLook = ({ sources }: ObservationState, source: string): string | undefined =>
  sources.find((known) => known.source === source)?.observedAt;

const looked = (state: ObservationState, source: string, observedAt: string): ObservationState['sources'] => {
  const last = lastLook(state, source);
  const latest = last === undefined || last < observedAt ? observedAt : last;
  return [...state.sources.filter((known) => known.source !== source), { source, observedAt: latest }];
};

/** A late observation changes no value that was observed after it. */
const latest = ({ features }: ObservationState, event: ObservationEvent): ObservationState['features'] => {
  const { observedAt, source } = event;
  const news = Object.entries(event.features).filter(
    ([key]) => !Object.hasOwn(features, key) || (features[key]?.observedAt ?? '') <= observedAt,
  );
  const seen = news.map(([key, on]) => {
    const known = Object.hasOwn(features, key) ? features[key] : undefined;
    return [key, { on, since: known?.on === on ? known.since : observedAt, observedAt, source }] as const;
  });
  return { ...features, ...Object.fromEntries(seen) };
};

export const evolveObservation = (state: ObservationState, event: ObservationEvent): ObservationState => {
  switch (event.type) {
    case 'ObservationRecorded':
      return {
        features: latest(state, event),
        sources: looked(state, event.source, event.observedAt),
        recent: [...state.recent, fingerprintOf(event)].slice(-RECENT_MAX),
      };
  }
};

export type ObservationRejection = 'other-vendor' | 'observed-in-future' | 'too-many-features';

const SKEW = 'PT5M';
/** After this an unchanged observation is recorded, as a sign of life. */
const HEARTBEAT = 'PT1H';

export interface RecordObservation {
  readonly type: 'recordObservation';
  readonly at: string;
  readonly vendor: string;
  readonly source: string;
  readonly observedAt: string;
  readonly features: Observed;
  readonly evidence: Evidence | null;
}

type Decided = Decision<ObservationEvent, ObservationRejection>;

const decide = ({ vendor, ...command }: RecordObservation, state: ObservationState): Decided => {
  const { at, source, observedAt, features, evidence } = command;
  const strange = Object.keys(features).find((key) => vendorOf(key) !== vendor);
  if (strange !== undefined)
    return reject('other-vendor', `${strange} is not a feature of ${vendor}.`, pointerOf(['features', strange]));
  // A time ahead of this clock would block every later observation until it has passed.
  if (observedAt > plusDuration(at, SKEW, 'UTC'))
    return reject('observed-in-future', 'Nothing can have been observed yet at this time.', '/observedAt');
  if (state.recent.includes(fingerprintOf(command)) || !isNews(command, state)) return nothing;
  const event: ObservationEvent = { type: 'ObservationRecorded', v: 1, at, source, observedAt, features, evidence };
  if (Buffer.byteLength(canonical(evolveObservation(state, event))) > STATE_BYTES_MAX) {
    return reject('too-many-features', `More features or sources of ${vendor} are observed than can be kept.`, '/features');
  }
  return accept(event);
};

const isNews = (
  { source, observedAt, features }: Pick<ObservationEvent, 'source' | 'observedAt' | 'features'>,
  state: ObservationState,
): boolean => {
  const last = lastLook(state, source);
  return (
    last === undefined ||
    observedAt >= plusDuration(last, HEARTBEAT, 'UTC') ||
    Object.entries(features).some(([key, on]) => !Object.hasOwn(state.features, key) || state.features[key]?.on !== on)
  );
};

export const observationDecider: Decider<RecordObservation, ObservationState, ObservationEvent, ObservationRejection> = {
  initialState: initialObservationState,
  decide,
  evolve: evolveObservation,
};
