import { ROSTER_STREAM, resetsOf } from '../../domain/roster/state.ts';
import { load } from '../platform/store/load.ts';
import { rosterAggregate } from './aggregates.ts';
import type { Owner } from './passkeys.ts';
import type { GatePorts } from './ports.ts';

/**
 * Returns the owner whose passkeys count: the person, at their latest reset. Reads anew each time, since a reset takes effect
 * at once.
 */
export const ownerOf = async ({ store }: Pick<GatePorts, 'store'>, holder: string): Promise<Owner> => {
  const { state } = await load(store, rosterAggregate, ROSTER_STREAM);
  return { holder, generation: resetsOf(state, holder) };
};
