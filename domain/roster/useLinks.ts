import { accept, type Decision, nothing } from '../kernel/decider.ts';
import type { RosterEvent } from './events.ts';
import { personLinks } from './linkAge.ts';
import type { RosterState } from './state.ts';

/** A person has decided, or switched something off, by a link of this generation. */
export interface UseLinks {
  readonly type: 'useLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
}

/** Ends what the person's older links still switch off. Once for each generation. */
export const useLinks = ({ at, holder, generation }: UseLinks, state: RosterState): Decision<RosterEvent, never> => {
  const known = personLinks(state, holder);
  const isNew = known.floor < generation && generation <= known.generation;
  return isNew ? accept<RosterEvent>({ type: 'LinksUsed', v: 1, at, holder, generation }) : nothing;
};
