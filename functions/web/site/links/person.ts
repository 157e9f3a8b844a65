import { advanceTo } from '../../../../domain/feature/due.ts';
import { awaitsRollback } from '../../../../domain/feature/evolve/forced.ts';
import { isApprovalOf, isOpen } from '../../../../domain/feature/state.ts';
import { type LocalMoment, localMoment } from '../../../../domain/kernel/zone.ts';
import { holdsSeat } from '../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import type { RosterState } from '../../../../domain/roster/state.ts';
import { readRosters } from '../../../gate/aggregates.ts';
import type { Link } from '../../../gate/links.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { presentChange, readChange } from '../../../register/read.ts';
import type { LinkDeps } from '../deps.ts';
import { languageOfHolder } from '../names.ts';

/**
 * The person behind a link, and whether it leads further. `live`: it is for the latest revision of a change that is open or in
 * force, or for what is proposed, and its person holds the seat today. Only such a link leads to others: one that was forwarded as a
 * receipt must not open what its person can decide today.
 */
export interface Person {
  readonly link: Link;
  readonly now: string;
  readonly zone: string;
  readonly today: LocalMoment;
  readonly rosters: RosterState;
  readonly roster: Roster | null;
  readonly language: string | undefined;
  readonly holds: boolean;
  readonly live: boolean;
}

const stands = async ({ ports }: LinkDeps, link: Link, { proposal }: RosterState, now: string): Promise<boolean> => {
  if (link.purpose === 'confirm-roster') return proposal?.sha256 === link.sha256;
  if (link.purpose !== 'decide' && link.purpose !== 'confirm-rollback') return false;
  const reading = await ifReadable(readChange(ports, link.key, link.n));
  if (reading === undefined) return false;
  if (link.purpose === 'confirm-rollback') return awaitsRollback(advanceTo(reading.state, now), link.n, now);
  const view = presentChange(reading.view, reading.state, now);
  const open = isOpen(view);
  const inForce = isApprovalOf(advanceTo(reading.state, now), view.number);
  return (open || inForce) && view.revisions.at(-1)?.revision === link.revision;
};

/** Reads the person behind a link. Writes nothing. */
export const readPerson = async (deps: LinkDeps, link: Link): Promise<Person> => {
  const { ports } = deps;
  const now = ports.clock();
  const rosters = await readRosters(ports);
  const roster = rosters.inForce?.roster ?? null;
  const today = localMoment(now, ports.zone);
  const holds = roster !== null && holdsSeat(roster, link.holder, link.body, today) === link.seat;
  const language = languageOfHolder(roster, link.holder);
  const live = holds && (await stands(deps, link, rosters, now));
  return { link, now, zone: ports.zone, today, rosters, roster, language, holds, live };
};
