import { canonical } from '../kernel/canonical.ts';
import { digestOf } from '../kernel/digest.ts';
import type { ObservationEvent } from './events.ts';
import type { ObservationState } from './state.ts';

const RECENT_MAX = 32;
const FINGERPRINT_CHARS = 16;

/** Returns the fingerprint that distinguishes one observation from another. */
export const fingerprintOf = ({
  source,
  observedAt,
  features,
}: Pick<ObservationEvent, 'source' | 'observedAt' | 'features'>): string =>
  digestOf(canonical({ source, observedAt, features })).slice('sha256:'.length, 'sha256:'.length + FINGERPRINT_CHARS);

/** Returns when a source last looked; undefined if it never did. */
export const lastLook = ({ sources }: ObservationState, source: string): string | undefined =>
  sources.find((known) => known.source === source)?.observedAt;

const looked = (state: ObservationState, source: string, observedAt: string): ObservationState['sources'] => {
  const last = lastLook(state, source);
  const latest = last === undefined || last < observedAt ? observedAt : last;
  return [...state.sources.filter((known) => known.source !== source), { source, observedAt: latest }];
};

/** Returns the latest value of every key. A late observation changes no value that was observed after it. */
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

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
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
