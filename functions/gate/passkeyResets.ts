import type { Rejection } from '../../domain/kernel/decider.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import type { RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import { ROSTER_STREAM, resetsOf } from '../../domain/roster/state.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { rosterAggregate } from './aggregates.ts';
import { endOrRecord } from './endings.ts';
import { ownerOf } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { zoneVersion } from './settings.ts';

/**
 * A request to reset a person's passkeys. `by`: who requests it, null for the operator. `seen`: the number of resets as the
 * requester saw it; absent: the current number.
 */
export interface PasskeyReset {
  readonly holder: string;
  readonly by: { readonly holder: string; readonly body: string; readonly seat: string } | null;
  readonly seen?: number;
}

export type ResetOutcome =
  | { readonly ok: true; readonly holder: string; readonly resets: number | null }
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

/**
 * Resets the passkeys of a person by one public fact, from which everything follows. The existing keys stop counting at once,
 * and the mail that follows contains the only link that can set up a new first one.
 */
export const resetPasskeysOf = async (ports: GatePorts, { holder, by, seen }: PasskeyReset): Promise<ResetOutcome> => {
  const { zone, since } = await zoneVersion(ports);
  const generation = (seen ?? (await ownerOf(ports, holder)).generation) + 1;
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `passkeys/${holder}/${generation}`,
    actor: by === null ? 'operator' : `holder:${by.holder}`,
    notBefore: since,
    command: (at): RosterCommand => ({
      type: 'resetPasskeys',
      at,
      holder,
      generation,
      by: by === null ? null : { ...by, when: localMoment(at, zone) },
    }),
  });
  return done.ok ? { ok: true, holder, resets: resetsOf(done.state, holder) } : done;
};

/**
 * Ends all passkeys of a person for the operator, also where the roster cannot be read. Then `resets` is null and no link is mailed: they
 * are reset again once it can be read.
 */
export const endPasskeysOf = (ports: GatePorts, holder: string): Promise<ResetOutcome> => {
  const end = () => resetPasskeysOf(ports, { holder, by: null });
  return endOrRecord<ResetOutcome>(ports, { kind: 'passkeys', holder }, end, { ok: true, holder, resets: null });
};
