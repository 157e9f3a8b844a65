import type { Rejection } from '../../domain/kernel/decider.ts';
import { localDateOf } from '../../domain/kernel/zone.ts';
import type { CutOffLinks } from '../../domain/roster/cutOffLinks.ts';
import type { RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { load } from '../platform/store/load.ts';
import { submit } from '../platform/store/submit.ts';
import { rosterAggregate } from './aggregates.ts';
import { cutOffPerson, personGeneration } from './links.ts';
import type { GatePorts } from './ports.ts';
import { zoneInForce } from './settings.ts';

/** Whose links, and who says so; `by` null: the operator. `seen`: their generation as whoever asks saw it; absent: as it is. */
export interface CutOff {
  readonly holder: string;
  readonly by: { readonly holder: string; readonly body: string; readonly seat: string } | null;
  readonly reissued: boolean;
  readonly seen?: number;
}

/** Commits of the roster among which a request that is sent again is looked for. */
const LATELY = 100;

export type CutOffOutcome =
  | { readonly ok: true; readonly holder: string; readonly reissued: boolean }
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | 'contended' | 'too-large'> };

/**
 * Cuts off every link of a person at once and records that it was done; mails with new ones follow the record. First it is judged,
 * then the links end, then it is recorded: a crash in between leaves links that are dead and no record, and the same request again
 * completes it.
 */
export const cutOffLinksOf = async (ports: GatePorts, { holder, by, reissued, seen }: CutOff): Promise<CutOffOutcome> => {
  const zone = await zoneInForce(ports);
  const generation = seen ?? (await personGeneration(ports.sideStore, holder));
  const command = (at: string): CutOffLinks => ({
    type: 'cutOffLinks',
    at,
    holder,
    generation,
    by: by === null ? null : { ...by, localDate: localDateOf(at, zone) },
    reissued,
  });
  const { state, version } = await load(ports.store, rosterAggregate, ROSTER_STREAM);
  const judged = rosterAggregate.decider.decide(command(ports.clock()), state);
  if (!judged.ok) return judged;
  await cutOffPerson(ports.sideStore, holder, generation);
  const commandId = `links/${holder}/${generation}/${reissued ? 'reissue' : 'revoke'}`;
  const lately = await ports.store.history(ROSTER_STREAM, { after: Math.max(0, version - LATELY) });
  if (lately.some((commit) => commit.commandId === commandId)) return { ok: true, holder, reissued };
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId,
    actor: by === null ? 'operator' : `holder:${by.holder}`,
    command: (at): RosterCommand => command(at),
  });
  return done.ok ? { ok: true, holder, reissued } : done;
};
