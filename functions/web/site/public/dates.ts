import { advanceTo } from '../../../../domain/feature/due.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import {
  type ChangeState,
  type FeatureState,
  isOpen,
  notAfterOf,
  openChanges,
  requirementsOf,
  type StandingVeto,
  standingOf,
} from '../../../../domain/feature/state.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { allFeatures } from '../../../register/listFeatures.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import type { SiteDeps } from '../deps.ts';

/** The kind of event at a date. */
export type What = 'lapses' | 'deadline' | 'vetoEnds' | 'secondVote' | 'opens' | 'expires' | 'effective' | 'removed';

/** A future date. `body`: of a deadline; `bodies`: those the change waits for now; `since`: when the change reached its state. */
export interface ComingDate extends JsonObject {
  readonly at: string;
  readonly what: What;
  readonly key: string;
  readonly change: string;
  readonly title: string;
  readonly body: string | null;
  readonly bodies: string[];
  readonly since: string;
}

/** Filters of dates; absent: all. */
export interface DatesOf {
  readonly vendor?: string | undefined;
  readonly body?: string | undefined;
}

interface Moment extends Pick<ComingDate, 'what' | 'body'> {
  readonly at: string | null;
  readonly change: ChangeState;
}

/** Returns the end of a veto: where it ends with the day of a named meeting, that meeting. */
const endOfVeto = (change: ChangeState, veto: StandingVeto): Moment => ({
  at: veto.until,
  what: veto.until > notAfterOf(veto) ? 'secondVote' : 'vetoEnds',
  body: null,
  change,
});

const momentsOfOpen = (state: FeatureState, change: ChangeState): readonly Moment[] => {
  const opens: Moment = { at: change.from, what: 'opens', body: null, change };
  if (change.veto !== null) return [endOfVeto(change, change.veto), opens];
  const deadlines = requirementsOf(state, change)
    .filter(({ id }) => change.requirements[id]?.status === 'open')
    .map(({ id, body }): Moment => ({ at: change.requirements[id]?.deadlineAt ?? null, what: 'deadline', body, change }));
  return [{ at: change.closesAt, what: 'lapses', body: null, change }, opens, ...deadlines];
};

const momentsOf = (state: FeatureState, lines: FeatureRow['lines']): readonly Moment[] => {
  const standing = standingOf(state);
  const alive = state.changes.filter((change) => isOpen(change) || (change === standing && change.status === 'approved'));
  const effective = alive.map((change): Moment => {
    const at = lines.find(({ n }) => n === change.number)?.effectiveAt ?? null;
    return { at, what: 'effective', body: null, change };
  });
  const removing = state.changes.find(({ number: n }) => n === state.removal?.change);
  return [
    ...openChanges(state).flatMap((change) => momentsOfOpen(state, change)),
    ...effective,
    ...(standing?.status === 'approved'
      ? [{ at: standing.approved?.validUntil ?? null, what: 'expires' as const, body: null, change: standing }]
      : []),
    ...(removing === undefined
      ? []
      : [{ at: state.removal?.effectiveAt ?? null, what: 'removed' as const, body: null, change: removing }]),
  ];
};

// A row stays the same object until something changes in it, and a list until one of its rows does.
const datesByRow = new WeakMap<FeatureRow, readonly ComingDate[]>();
const datesByList = new WeakMap<readonly FeatureRow[], readonly ComingDate[]>();

const datesOf = (row: FeatureRow, now: string): readonly ComingDate[] => {
  const known = datesByRow.get(row);
  if (known !== undefined) return known;
  const { key, title, state, lines } = row;
  const waiting = new Map(row.waiting.map(({ change, bodies }) => [change.number, bodies]));
  const dates = momentsOf(advanceTo(state, now), lines).flatMap(({ at, what, body, change }) =>
    at === null
      ? []
      : [
          {
            at,
            what,
            key,
            change: changeId(key, change.number),
            title: lines.find(({ n }) => n === change.number)?.title ?? title ?? key,
            body,
            bodies: [...(waiting.get(change.number) ?? [])],
            since: change.since,
          },
        ],
  );
  datesByRow.set(row, dates);
  return dates;
};

const concerns = ({ body: wanted }: DatesOf, { body, bodies }: ComingDate): boolean =>
  wanted === undefined || body === wanted || (body === null && bodies.includes(wanted));

/** Returns a key that orders dates and is unique for each. */
export const placeOf = ({ at, change, what, body }: ComingDate): string => `${at} ${change} ${what} ${body ?? ''}`;

/** Returns all dates of these features in their order, past ones included. */
const datesIn = (rows: readonly FeatureRow[], now: string): readonly ComingDate[] => {
  const known = datesByList.get(rows);
  if (known !== undefined) return known;
  const placed = rows.flatMap((row) => datesOf(row, now)).map((date) => ({ date, place: placeOf(date) }));
  const dates = placed.sort((a, b) => ascending(a.place, b.place)).map(({ date }) => date);
  datesByList.set(rows, dates);
  return dates;
};

/** Reads the future dates, soonest first; may lag. */
export const comingDates = async ({ ports }: SiteDeps, of: DatesOf): Promise<readonly ComingDate[]> => {
  const now = ports.clock();
  const rows = await allFeatures(ports, { prefix: of.vendor, now });
  return datesIn(rows, now).filter((date) => date.at > now && concerns(of, date));
};
