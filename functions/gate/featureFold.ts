import { FeatureEvent } from '../../domain/feature/events.ts';
import { evolve } from '../../domain/feature/evolve.ts';
import { FeatureState, initialState, STATE_VERSION } from '../../domain/feature/state.ts';
import { aggregate } from '../platform/store/aggregate.ts';

/** Reads stream `feature/<key>` as `featureAggregate` does, without the deciders, which a function that decides nothing need not load. */
export const featureFold = aggregate({ initialState, evolve }, STATE_VERSION, FeatureState, FeatureEvent);
