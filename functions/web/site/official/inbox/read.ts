import { askedActs } from '../../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { changeNamed } from '../../../../../domain/feature/keys.ts';
import { findChange } from '../../../../../domain/feature/state.ts';
import type { ActView, ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending } from '../../../../../domain/kernel/order.ts';
import { awaits, confirmersOf } from '../../../../../domain/roster/confirm.ts';
import type { LinkTarget } from '../../../../gate/links.ts';
import { actingIn, rollbackConfirmersFor } from '../../../../gate/linksFor.ts';
import { readRules } from '../../../../gate/rules.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { NEWEST } from '../../../../register/facets.ts';
import { newestChanges } from '../../../../register/listChanges.ts';
import { listFacet } from '../../../../register/listFeatures.ts';
import { readChange } from '../../../../register/read.ts';
import { type PersonalAct, PersonalActs, WAITING_ACTS } from '../../../../register/waitingActs.ts';
import { ROLLBACKS, type WaitingRollback } from '../../../../register/waitingRollbacks.ts';
import type { SitePorts } from '../../deps.ts';
import type { Person } from '../../links/person.ts';

/** Most changes of one feature that are searched for a person's acts. */
const CHANGES_MAX = 100;
/** Most features searched for a person's acts. */
const FEATURES_MAX = 60;
const LATELY_MAX = 10;

/** Reads everything that waits for one person, in any seat and requirement; may lag. */
export const waitingFor = async (ports: SitePorts, { roster, link, now, today }: Person): Promise<PersonalActs> => {
  const waiting = await listFacet(ports, WAITING_ACTS, { now });
  return PersonalActs.of(waiting, link.holder, roster, today);
};

/** What a form names of an act. */
interface NamedAct {
  readonly change: string;
  readonly requirement: string;
  readonly seat: string;
}

/** Returns the target of a person's link for something that waits. */
export const targetOf = ({ key, change, rule, who }: Pick<PersonalAct, 'key' | 'change' | 'rule' | 'who'>): LinkTarget => ({
  purpose: 'decide',
  holder: who.holder.id,
  body: who.body,
  seat: who.seat,
  requirement: rule.id,
  key,
  n: change.number,
  revision: change.revision,
});

/** Returns the target of a person's link for an act, strongly consistent; undefined if it does not wait for them in that seat. */
export const targetNamed = async (
  ports: SitePorts,
  { roster, link, now, today }: Person,
  { change: id, requirement, seat }: NamedAct,
): Promise<LinkTarget | undefined> => {
  const named = changeNamed(id);
  const reading = named === undefined ? undefined : await ifReadable(readChange(ports, named.key, named.number));
  if (named === undefined || reading === undefined || roster === null) return undefined;
  const state = advanceTo(reading.state, now);
  const change = findChange(state, named.number);
  const asked = change === undefined ? undefined : askedActs(state, change).find(({ rule }) => rule.id === requirement);
  if (change === undefined || asked === undefined) return undefined;
  const who = actingIn(asked.actors, roster, today).find((each) => each.holder.id === link.holder && each.seat === seat);
  return who === undefined ? undefined : targetOf({ key: named.key, change, rule: asked.rule, who });
};

/** Returns the seat in which a person may confirm what is proposed; undefined if nothing is, or they may not. */
export const rosterWaitingFor = async (
  { store }: Pick<SitePorts, 'store'>,
  { rosters, link, today: when }: Person,
): Promise<RosterTarget | undefined> => {
  const { inForce, proposal } = rosters;
  if (inForce === null || proposal === null) return undefined;
  const rules = { policy: (await readRules({ store })).policy?.policy ?? null, inForce };
  const who = confirmersOf(rules, proposal, when).find(
    (each) => each.holder === link.holder && awaits(rules, proposal, { ...each, when }),
  );
  return who && { purpose: 'confirm-roster', ...who, sha256: proposal.sha256 };
};
type RosterTarget = Extract<LinkTarget, { purpose: 'confirm-roster' }>;

/** A rollback that waits for a person, with their link's target. */
export interface OwnRollback extends WaitingRollback {
  readonly target: LinkTarget;
}

/** Returns the rollbacks that a person may confirm and has not; may lag. */
export const rollbacksFor = async (ports: SitePorts, { roster, link, now, today }: Person): Promise<readonly OwnRollback[]> => {
  const waiting = (await listFacet(ports, ROLLBACKS, { now })).get('') ?? [];
  if (waiting.length === 0 || roster === null) return [];
  const policy = (await readRules(ports)).policy?.policy ?? null;
  return waiting.flatMap((each) => {
    const { key, n, revision, row } = each;
    const who = rollbackConfirmersFor(advanceTo(row.state, now), n, { policy, roster }, today);
    const own = who.find(({ holder }) => holder.id === link.holder);
    if (own === undefined) return [];
    const { body, seat } = own;
    return [{ ...each, target: { purpose: 'confirm-rollback', holder: link.holder, body, seat, key, n, revision } }];
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
  const features = (await listFacet(ports, NEWEST, { now })).get('') ?? [];
  let found: readonly Did[] = [];
  for (const { key, at } of features.slice(0, FEATURES_MAX)) {
    const oldest = found.at(LATELY_MAX - 1);
    if (oldest !== undefined && oldest.act.at > (at ?? '')) break;
    const changes = await newestChanges(ports, key, { limit: CHANGES_MAX, now });
    const own = changes.flatMap(({ view }) => view.acts.filter((act) => act.holder === holder).map((act) => ({ view, act })));
    found = [...found, ...own].toSorted(newestActFirst).slice(0, LATELY_MAX);
  }
  return found;
};
