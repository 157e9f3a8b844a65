import { ROSTER_STREAM, resetsOf } from '../../domain/roster/state.ts';
import { load } from '../platform/store/load.ts';
import { rosterAggregate } from './aggregates.ts';
import type { Owner } from './passkeys.ts';
import type { GatePorts } from './ports.ts';

/** Whose passkeys count: the person's, since they were reset last. Read anew: a reset binds at once. */
export const ownerOf = async ({ store }: Pick<GatePorts, 'store'>, holder: string): Promise<Owner> => {
  const { state } = await load(store, rosterAggregate, ROSTER_STREAM);
  return { holder, generation: resetsOf(state, holder) };
};
