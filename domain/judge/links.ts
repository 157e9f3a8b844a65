import type { Commit } from '../kernel/commit.ts';
import type { RosterEvent } from '../roster/events.ts';
import type { City, LinksCase, RosterVersion } from './city.ts';
import { must, mustBeHolder } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Effect = () => void;

const linksOf = ({ links }: City, holder: string): LinksCase => links.get(holder) ?? { generation: 1, used: 1 };

/** Judges that all links of a person were cut off: those of now, once. Who may do it is judged before. */
export const cutOffOnce = (city: City, { holder, generation }: Event<'LinksCutOff'>): Effect => {
  const known = linksOf(city, holder);
  must(generation === known.generation, 'number', 'these links were cut off before, or never sent');
  return () => void city.links.set(holder, { ...known, generation: generation + 1 });
};

/** Judges that a person acted by a link of some generation: their own, one that was made by then, and newer than the one used before. */
export const usedNewer = (city: City, { actor }: Commit, { holder, generation }: Event<'LinksUsed'>): Effect => {
  mustBeHolder(actor, holder);
  const known = linksOf(city, holder);
  must(generation <= known.generation, 'number', 'no such link was made yet');
  must(generation > known.used, 'already-decided', 'a link of this generation, or a newer one, was used before');
  return () => void city.links.set(holder, { ...known, used: generation });
};

/** Ends every link of those whose address a roster changes. */
export const endMoved = (city: City, before: RosterVersion | undefined, { contacts }: Pick<RosterVersion, 'contacts'>): void => {
  for (const [holder, address] of Object.entries(before?.contacts ?? {})) {
    const next = new Map(Object.entries(contacts)).get(holder);
    if (next === undefined || next === address) continue;
    const generation = linksOf(city, holder).generation + 1;
    city.links.set(holder, { generation, used: generation });
  }
};
