import { accept, type Decision, nothing } from '../kernel/decider.ts';
import type { RosterEvent } from './events.ts';
import { isOlder, type LinkAge, personLinks } from './linkAge.ts';
import type { RosterState } from './state.ts';

/** A person has decided, or switched something off, by a link of this age. */
export interface UseLinks extends LinkAge {
  readonly type: 'useLinks';
  readonly at: string;
  readonly holder: string;
}

/** Ends what the person's older links still switch off. Once for each age. */
export const useLinks = ({ at, holder, generation, ended }: UseLinks, state: RosterState): Decision<RosterEvent, never> => {
  const known = personLinks(state, holder);
  const age = { generation, ended };
  const isNew = isOlder(known.floor, age) && !isOlder(age, known.floor) && generation <= known.generation;
  return isNew ? accept<RosterEvent>({ type: 'LinksUsed', v: 1, at, holder, generation, ended }) : nothing;
};
