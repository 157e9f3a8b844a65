import { type Rejection, reject } from '../../domain/kernel/decider.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import type { RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import type { RosterEvent } from '../../domain/roster/events.ts';
import { holderOfSeat } from '../../domain/roster/holders.ts';
import { ROSTER_STREAM, type RosterState, resetIn, resetsOf } from '../../domain/roster/state.ts';
import { type StoreRejection, type Submitted, submit } from '../platform/store/submit.ts';
import { readRosters, rosterAggregate } from './aggregates.ts';
import { personGeneration } from './links.ts';
import { ownerOf } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { readRules } from './rules.ts';
import { zoneVersion } from './settings.ts';

// Ends what lets a person act. Each is one public event of the roster's stream, from which all follows.

/** `by`: null for the operator. */
interface EndingRequest {
  readonly holder: string;
  readonly by: { readonly holder: string; readonly body: string; readonly seat: string } | null;
  /** The generation, or the number of resets, as the requester saw it; absent: the current one. */
  readonly seen?: number;
}

type Outcome<T> =
  | ({ readonly ok: true; readonly holder: string } & T)
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

type Ending = Extract<RosterCommand, { type: 'cutOffLinks' | 'resetPasskeys' }>;

const sitsNow = async (ports: GatePorts, by: NonNullable<EndingRequest['by']>, zone: string): Promise<boolean> => {
  const { inForce } = await readRosters(ports);
  return inForce === null || holderOfSeat(inForce.roster, by.body, by.seat, localMoment(ports.clock(), zone))?.id === by.holder;
};

type Ended =
  | Extract<Submitted<RosterState, RosterEvent, RosterRejection>, { ok: true }>
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

const submitEnding = async (
  ports: GatePorts,
  by: EndingRequest['by'],
  commandId: string,
  command: (moment: Pick<Ending, 'at' | 'by'> & { readonly zone: string }) => Ending,
): Promise<Ended> => {
  const { zone, since } = await zoneVersion(ports);
  // The roster's stream may still have a seat that the policy in force took away.
  if (by !== null && !(await sitsNow(ports, by, zone)))
    return reject('not-in-office', 'Only who holds the seat today, under the roster in force, can do this.');
  return submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId,
    actor: by === null ? 'operator' : `holder:${by.holder}`,
    notBefore: since,
    command: (at) => command({ at, zone, by: by === null ? null : { ...by, when: localMoment(at, zone) } }),
  });
};

type CutOff = Outcome<{ readonly reissued: boolean }>;

/** Revokes all links of a person at once; new ones are mailed if `reissued`. Has no effect if `seen` is an earlier generation. */
export const cutOffLinksOf = async (
  ports: GatePorts,
  { holder, by, reissued, seen }: EndingRequest & { readonly reissued: boolean },
): Promise<CutOff> => {
  const generation = seen ?? (await personGeneration(ports, holder));
  const commandId = `links/${holder}/${generation}/${reissued ? 'reissue' : 'revoke'}`;
  const done = await submitEnding(ports, by, commandId, ({ at, by: who }) => ({
    type: 'cutOffLinks',
    at,
    by: who,
    holder,
    generation,
    reissued,
  }));
  return done.ok ? { ok: true, holder, reissued } : done;
};

/** `waits`: it is proposed, for two persons to confirm. */
type Reset = Outcome<{ readonly resets: number; readonly waits: boolean }>;

/**
 * Resets a person's passkeys, for the operator where the policy asks for none; otherwise proposes it to two persons. The mail that
 * follows has the only link that can set up a new first one.
 */
export const resetPasskeysOf = async (ports: GatePorts, { holder, by, seen }: EndingRequest): Promise<Reset> => {
  const generation = (seen ?? (await ownerOf(ports, holder)).generation) + 1;
  const byTwo = ((await readRules(ports)).policy?.policy.passkeys ?? 'off') !== 'off';
  const done = await submitEnding(ports, by, `passkeys/${holder}/${generation}`, (moment) => ({
    type: 'resetPasskeys',
    ...moment,
    holder,
    generation,
    byTwo,
  }));
  if (!done.ok) return done;
  return { ok: true, holder, resets: resetsOf(done.state, holder), waits: resetIn(done.state)?.holder === holder };
};
