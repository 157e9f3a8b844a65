import { countsAsMaintenance } from '../../domain/feature/arrival.ts';
import { type Actors, actOpens, askedActs, type Beginning, decidableUntilOf } from '../../domain/feature/awaited.ts';
import { advanceTo } from '../../domain/feature/due.ts';
import type { Confirmable } from '../../domain/feature/evolve/lingering.ts';
import { isClaimed } from '../../domain/feature/optOut.ts';
import { type ChangeState, type FeatureState, findChange, openChanges, requirementsOf } from '../../domain/feature/state.ts';
import type { ChangeView, RequirementView } from '../../domain/feature/view.ts';
import { ascending, earliest, soonest } from '../../domain/kernel/order.ts';
import { type LocalMoment, localMoment } from '../../domain/kernel/zone.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { peopleWhoCanAct, type Seated } from '../gate/links.ts';
import { titleOfChange } from './documents.ts';
import type { Facet, FacetOf, FeatureRow } from './rows.ts';

/** `rules`: those that bind the change; `until`: from when it is too late to act. */
interface WaitingAct {
  readonly key: string;
  readonly title: string;
  readonly change: ChangeState;
  readonly rules: readonly Requirement[];
  /** Whether it came as maintenance and needs no vote. */
  readonly isFix: boolean;
  readonly rule: Requirement;
  readonly asks: 'decide' | 'override' | 'confirm';
  readonly until: string | null;
}

/** Acts of one kind can be done by the same persons, in any roster. `of`: the body whose requirement it is. */
interface ActKind {
  readonly asks: WaitingAct['asks'];
  readonly of: string;
  readonly actors: Actors;
}

/** A vote that is not open yet, since other bodies decide first. */
export type LaterVote = Omit<WaitingAct, 'asks' | 'until'>;

type Found = Omit<LaterVote, 'rule'>;

const openIn = (row: FeatureRow): readonly Found[] =>
  openChanges(row.stateNow).map((change) => ({
    key: row.key,
    title: titleOfChange(row, change.number),
    change,
    rules: requirementsOf(row.stateNow, change),
    isFix: countsAsMaintenance(row.stateNow, change.number),
  }));

const hourOf = (until: string | null): string | null => until?.slice(0, 'YYYY-MM-DDTHH'.length) ?? null;

/** Orders by the hour of `until`, then by key, so that what others depend on comes first. */
export const byHourAndKey = (a: Pick<WaitingAct, 'until' | 'key'>, b: Pick<WaitingAct, 'until' | 'key'>): number =>
  soonest(hourOf(a.until), hourOf(b.until)) || ascending(a.key, b.key);

const bySoonest = (a: WaitingAct, b: WaitingAct): number =>
  byHourAndKey(a, b) || a.change.number - b.change.number || ascending(a.rule.id, b.rule.id);

/**
 * Waiting acts, soonest end first, grouped by kind of act. A person's list is merged from the groups whose acts they can do: no
 * group depends on a roster or on the day.
 */
export const WAITING_ACTS: FacetOf<WaitingAct> = {
  entriesOf: (row) =>
    openIn(row).flatMap((found) =>
      askedActs(row.stateNow, found.change).map(({ asks, rule, actors, until }) => {
        const kind: ActKind = { asks, of: rule.body, actors };
        return [JSON.stringify(kind), { ...found, rule, asks, until }] as const;
      }),
    ),
  order: bySoonest,
};

export const LATER_VOTES: FacetOf<LaterVote> = {
  entriesOf: (row) =>
    openIn(row).flatMap((found) =>
      found.rules
        .filter(({ id, instrument }) => instrument === 'certification' && found.change.requirements[id] === undefined)
        .map((rule) => [rule.body, { ...found, rule }] as const),
    ),
  order: (a, b) => ascending(a.key, b.key) || a.change.number - b.change.number || ascending(a.rule.id, b.rule.id),
};

interface Share {
  readonly asks: WaitingAct['asks'];
  readonly of: string;
  readonly who: Seated;
  readonly acts: readonly WaitingAct[];
}

export interface PersonalAct extends WaitingAct {
  readonly who: Seated;
}

/** The acts that wait for one person at a moment, soonest end first. */
export class PersonalActs {
  readonly #shares: readonly Share[];

  private constructor(shares: readonly Share[]) {
    this.#shares = shares;
  }

  static of(groups: Facet<WaitingAct>, holder: string, roster: Roster | null, when: LocalMoment): PersonalActs {
    if (roster === null) return new PersonalActs([]);
    return new PersonalActs(
      [...groups].flatMap(([group, acts]) => {
        // Written by WAITING_ACTS, in this process.
        const { actors, asks, of } = JSON.parse(group) as ActKind;
        return peopleWhoCanAct(actors, roster, when)
          .filter((who) => who.holder.id === holder)
          .map((who) => ({ asks, of, who, acts }));
      }),
    );
  }

  forBody(body: string): PersonalActs {
    return new PersonalActs(this.#shares.filter(({ asks, of }) => of === body && asks !== 'confirm'));
  }

  get length(): number {
    return this.#shares.reduce((sum, { acts }) => sum + acts.length, 0);
  }

  some(asks: WaitingAct['asks']): boolean {
    return this.#shares.some((share) => share.asks === asks);
  }

  slice(from: number, upTo: number): readonly PersonalAct[] {
    // The first `upTo` of all are among the first `upTo` of each share.
    const candidates = this.#shares.flatMap(({ who, acts }) => acts.slice(0, upTo).map((act): PersonalAct => ({ ...act, who })));
    return candidates.sort((a, b) => bySoonest(a, b) || ascending(a.who.seat, b.who.seat)).slice(from, upTo);
  }
}

/** `of`: what two persons can confirm, or can once its words take effect. */
export interface WaitingRollback {
  readonly row: FeatureRow;
  readonly of: Confirmable;
  readonly key: string;
  readonly n: number;
  readonly revision: number;
  readonly title: string;
}

const rollbacksIn = (row: FeatureRow): readonly WaitingRollback[] => {
  const { key, stateNow } = row;
  const closed = stateNow.lingering.filter((each) => ['withdrew', 'unneeded'].includes(each.vendor) || isClaimed(each));
  const open = openChanges(stateNow).filter((each) => (each.entered && each.words.length > 0) || isClaimed(each));
  const found = [...closed.map((each) => ({ ...each, n: each.change })), ...open.map((each) => ({ ...each, n: each.number }))];
  return found.map(({ n, revision, ...each }) => ({
    row,
    of: isClaimed(each) ? 'opt-out' : 'rollback',
    key,
    n,
    revision,
    title: titleOfChange(row, n),
  }));
};

export const ROLLBACKS: FacetOf<WaitingRollback> = {
  entriesOf: (row) => rollbacksIn(row).map((each) => ['', each] as const),
  order: (a, b) => ascending(a.key, b.key) || a.n - b.n,
};

/** An act that waits for one person: on an open requirement, a veto that the body may override, or a certificate to confirm. */
export interface Due {
  readonly who: Seated;
  readonly requirement: RequirementView;
  readonly asks: 'decide' | 'override' | 'confirm';
  readonly until: string | null;
  /** Undefined once the act counts. */
  readonly begins: Beginning | undefined;
}

/** The requirement's deadline or the change's, whichever is earlier; null without one. */
export const requirementDeadline = (view: ChangeView, { deadlineAt }: RequirementView): string | null =>
  earliest(deadlineAt, decidableUntilOf(view));

/**
 * Returns who must still act on a change at `now`, and until when. `view` must be presented for that instant, and `state` be of its
 * version.
 */
export const outstandingActs = (
  view: ChangeView,
  state: FeatureState,
  roster: Roster,
  { now, zone }: { readonly now: string; readonly zone: string },
): readonly Due[] => {
  const current = advanceTo(state, now);
  const change = findChange(current, view.number);
  if (change === undefined) return [];
  const rules = requirementsOf(current, change);
  return askedActs(current, change).flatMap(({ asks, rule, actors, until }) => {
    const requirement = view.requirements.find(({ id }) => id === rule.id);
    if (requirement === undefined) return [];
    const begins = asks === 'confirm' ? undefined : actOpens(rules, change, rule, { now, zone });
    return peopleWhoCanAct(actors, roster, localMoment(now, zone)).map((who): Due => ({ requirement, asks, until, who, begins }));
  });
};
