import { findChange } from '../../../../../domain/feature/state.ts';
import type { ActView, ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending, soonest } from '../../../../../domain/kernel/order.ts';
import { disposalProblem } from '../../../../../domain/redaction/decide.ts';
import type { Redaction } from '../../../../../domain/redaction/state.ts';
import { attestingBodies } from '../../../../../domain/roster/attest.ts';
import { awaits } from '../../../../../domain/roster/confirm.ts';
import { handedOver } from '../../../../../domain/roster/handover.ts';
import { holdersOf } from '../../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import type { LinkTarget } from '../../../../gate/links.ts';
import type { Seated } from '../../../../gate/linksFor.ts';
import { waitingDisposals } from '../../../../gate/redactions.ts';
import { listChanges } from '../../../../register/listChanges.ts';
import { allFeatures } from '../../../../register/listFeatures.ts';
import { presentChange } from '../../../../register/present.ts';
import type { ChangeReading } from '../../../../register/read.ts';
import { newestFirst } from '../../../../register/rows.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { type Due, duesOf } from '../../../../register/views/dues.ts';
import type { SitePorts } from '../../deps.ts';
import type { Person } from '../../links/person.ts';

/** A change that waits, with who must act on it and how. */
export interface DueDecision {
  readonly view: ChangeView;
  readonly due: Due;
}

/** Most changes read from the register at once. */
const CHANGES_MAX = 1_000;
/** Most features searched for a person's acts. */
const FEATURES_MAX = 60;
const LATELY_MAX = 10;

const changesOf = async (ports: SitePorts, now: string, status: 'pending' | 'vetoed'): Promise<readonly ChangeReading[]> =>
  (await listChanges(ports, { limit: CHANGES_MAX, now, status }))?.items ?? [];

/** Reads the open changes as of `now`, with everything each waits for; may lag. */
export const openChangesWithDues = async (
  ports: SitePorts,
  roster: Roster,
  now: string,
): Promise<readonly { readonly view: ChangeView; readonly dues: readonly Due[] }[]> => {
  const found = await Promise.all([changesOf(ports, now, 'pending'), changesOf(ports, now, 'vetoed')]);
  return found.flat().map(({ view: known, state }) => {
    const view = presentChange(known, state, now);
    const by = findChange(state, view.number)?.by ?? '';
    return { view, dues: duesOf(view, { by }, roster, { now, zone: ports.zone }) };
  });
};

/** Orders soonest first; what has no end comes last. */
export const soonestFirst = (a: DueDecision, b: DueDecision): number =>
  soonest(a.due.until, b.due.until) || ascending(a.view.key, b.view.key);

/** Reads everything that waits for one person, in any seat and requirement. */
export const waitingFor = async (ports: SitePorts, { roster, link, now }: Person): Promise<readonly DueDecision[]> => {
  if (roster === null) return [];
  const open = await openChangesWithDues(ports, roster, now);
  const mine = open.flatMap(({ view, dues }) =>
    dues.filter(({ who }) => who.holder.id === link.holder).map((due): DueDecision => ({ view, due })),
  );
  return mine.toSorted(soonestFirst);
};

/** Returns the target of a person's link for something that waits. */
export const targetOf = ({ view, due }: DueDecision): LinkTarget => ({
  purpose: 'decide',
  holder: due.who.holder.id,
  body: due.who.body,
  seat: due.who.seat,
  requirement: due.requirement.id,
  key: view.key,
  n: view.number,
  revision: latestOf(view).revision,
});

/** Returns the seat in which a person may confirm the proposed roster; undefined if none is proposed, or they may not. */
export const rosterWaitingFor = ({ rosters, link, today }: Person): (Seated & { readonly sha256: string }) | undefined => {
  const { inForce, proposal } = rosters;
  if (inForce === null || proposal === null) return undefined;
  for (const body of Object.keys(inForce.roster.bodies)) {
    for (const [seat, holder] of holdersOf(inForce.roster, body, today)) {
      const who = { holder: holder.id, body, seat, when: today };
      if (holder.id === link.holder && awaits(inForce, proposal, who)) return { holder, body, seat, sha256: proposal.sha256 };
    }
  }
  return undefined;
};

/** A disposal that waits for a person, with the link by which they confirm it. */
export interface DueDisposal {
  readonly redaction: Redaction;
  readonly target: Extract<LinkTarget, { purpose: 'confirm-disposal' }>;
}

/** Reads the disposals that a person can confirm as the second person, oldest first. */
export const disposalsWaitingFor = async (
  ports: SitePorts,
  { rosters, roster, link: { holder }, today: when }: Person,
): Promise<readonly DueDisposal[]> => {
  if (rosters.inForce === null || roster === null) return [];
  const context = { when, roster: rosters.inForce, handovers: handedOver(rosters) };
  const seats = [...attestingBodies(roster)].flatMap((body) =>
    [...holdersOf(roster, body, when)].flatMap(([seat, { id }]) => (id === holder ? [{ holder, body, seat }] : [])),
  );
  if (seats.length === 0) return [];
  return (await waitingDisposals(ports)).flatMap((redaction) => {
    const who = seats.find((seat) => disposalProblem(redaction, { ...seat, ...context }) === undefined);
    const { commitment, request } = redaction;
    return who === undefined || request === null
      ? []
      : [{ redaction, target: { purpose: 'confirm-disposal', ...who, commitment, request: request.name } as const }];
  });
};

/** A person's act, with its change. */
export interface Did {
  readonly view: ChangeView;
  readonly act: ActView;
}

const newestActFirst = (a: Did, b: Did): number => ascending(b.act.at, a.act.at);

/**
 * Reads a person's latest acts, newest first. Features are searched from the one touched last until nothing newer can follow, so
 * that a long history costs no more than a short one.
 */
export const latelyBy = async (ports: SitePorts, holder: string, now: string): Promise<readonly Did[]> => {
  const features = newestFirst(await allFeatures(ports, { now }));
  let found: readonly Did[] = [];
  for (const { key, at } of features.slice(0, FEATURES_MAX)) {
    const oldest = found.at(LATELY_MAX - 1);
    if (oldest !== undefined && oldest.act.at > (at ?? '')) break;
    const changes = (await listChanges(ports, { key, limit: CHANGES_MAX, now }))?.items ?? [];
    const own = changes.flatMap(({ view }) => view.acts.filter((act) => act.holder === holder).map((act) => ({ view, act })));
    found = [...found, ...own].toSorted(newestActFirst).slice(0, LATELY_MAX);
  }
  return found;
};
