import type { RosterState } from '../../../domain/roster/state.ts';
import { listChanges } from '../../register/lists.ts';
import { presentChange } from '../../register/read.ts';
import { duesOf } from '../../register/waiting.ts';
import { askDraft, sceneOf } from './asks.ts';
import { ownProposalDrafts, ownRollbackDrafts } from './confirmDrafts.ts';
import type { Draft } from './draft.ts';
import type { NotifyPorts } from './ports.ts';

/** Far more than a city has open at once. */
const CHANGES_MAX = 1_000;

/** A new link for everything that waits for a person, after their old links were cut off. */
export const linkDrafts = async (ports: NotifyPorts, rosters: RosterState, holder: string): Promise<readonly Draft[]> => {
  const now = ports.clock();
  const { inForce } = rosters;
  if (inForce === null) return [];
  const { roster } = inForce;
  const scene = { roster, now, zone: ports.zone, url: ports.url };
  const pages = await Promise.all(
    (['pending', 'vetoed', 'withdrawn'] as const).map((status) => listChanges(ports, { status, limit: CHANGES_MAX, now })),
  );
  const confirms = await ownProposalDrafts(ports, rosters, holder);
  const readings = pages.flatMap((page) => page?.items ?? []);
  const rollbacks = await ownRollbackDrafts(ports, roster, holder, readings);
  const decides = readings.map(async (reading) => {
    const view = presentChange(reading.view, reading.state, now);
    const dues = duesOf(view, reading.state, roster, scene).filter(({ who }) => who.holder.id === holder);
    if (dues.length === 0) return [];
    const whole = await sceneOf(ports, reading, roster);
    // Another mail than the one that asked first.
    return dues.map((due) => {
      const { event: _, ...draft } = askDraft(whole, due);
      return { ...draft, purpose: `again/${draft.change}/${draft.purpose}` };
    });
  });
  return [...(await Promise.all(decides)).flat(), ...confirms, ...rollbacks];
};
