import type { Rejection } from '../../domain/kernel/decider.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import type { RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { rosterAggregate } from './aggregates.ts';
import { endOrRecord } from './endings.ts';
import { personGeneration } from './links.ts';
import type { GatePorts } from './ports.ts';
import { zoneVersion } from './settings.ts';

/**
 * A request to revoke a person's links. `by`: who requests it, null for the operator. `seen`: the generation as the requester
 * saw it; absent: the current one.
 */
export interface CutOff {
  readonly holder: string;
  readonly by: { readonly holder: string; readonly body: string; readonly seat: string } | null;
  readonly reissued: boolean;
  readonly seen?: number;
}

export type CutOffOutcome =
  | { readonly ok: true; readonly holder: string; readonly reissued: boolean }
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

/**
 * Revokes all links of a person at once, by one event; mails with new links follow from it. Has no effect if `seen` is an
 * earlier generation.
 */
export const cutOffLinksOf = async (ports: GatePorts, { holder, by, reissued, seen }: CutOff): Promise<CutOffOutcome> => {
  const [{ zone, since }, generation] = await Promise.all([zoneVersion(ports), seen ?? personGeneration(ports, holder)]);
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `links/${holder}/${generation}/${reissued ? 'reissue' : 'revoke'}`,
    actor: by === null ? 'operator' : `holder:${by.holder}`,
    notBefore: since,
    command: (at): RosterCommand => ({
      type: 'cutOffLinks',
      at,
      holder,
      generation,
      by: by === null ? null : { ...by, when: localMoment(at, zone) },
      reissued,
    }),
  });
  return done.ok ? { ok: true, holder, reissued } : done;
};

/** Revokes all links of a person for the operator, also where the roster cannot be read; then no new ones are mailed. */
export const endLinksOf = (ports: GatePorts, holder: string, reissued: boolean): Promise<CutOffOutcome> => {
  const end = () => cutOffLinksOf(ports, { holder, by: null, reissued });
  return endOrRecord<CutOffOutcome>(ports, { kind: 'links', holder }, end, { ok: true, holder, reissued: false });
};
