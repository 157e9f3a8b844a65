import { lingeringOf, standingWords } from '../../../../domain/feature/arrival.ts';
import { beginningOf } from '../../../../domain/feature/due.ts';
import { changeId, vendorOf } from '../../../../domain/feature/keys.ts';
import { hasChoice, type OptOutStanding, optOutOf } from '../../../../domain/feature/optOut.ts';
import {
  type ChangeState,
  type ChangeStatus,
  type FeatureState,
  inForceIn,
  isOpen,
  openChanges,
  requirementsOf,
  waitingApproval,
} from '../../../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../../../domain/kernel/order.ts';
import type { ChangeLine } from '../../../register/documents.ts';
import { allFeatures } from '../../../register/lists.ts';
import type { Facet, FacetOf, FeatureRow } from '../../../register/rows.ts';
import type { SiteDeps } from '../deps.ts';

/** The kind of event at a date. */
export type What = 'lapses' | 'deadline' | 'vetoEnds' | 'opens' | 'begins' | 'expires' | 'effective' | 'removed';

/**
 * A future date. `body`: of a deadline; `bodies`: those the change waits for now; `since`: when the change reached its state; `optedOut`: how a
 * recorded opt-out of the change stands, where its words take effect.
 */
export interface ComingDate {
  readonly at: string;
  readonly what: What;
  readonly key: string;
  readonly change: string;
  readonly title: string;
  readonly body: string | null;
  readonly bodies: string[];
  readonly since: string;
  readonly optedOut?: OptOutStanding;
}

/** Filters of dates; absent: all. */
export interface DatesOf {
  readonly vendor?: string | undefined;
  readonly body?: string | undefined;
}

interface Moment extends Pick<ComingDate, 'what' | 'body'> {
  readonly at: string | null;
  readonly change: Pick<ChangeState, 'number' | 'since'>;
}

const momentsOfOpen = (state: FeatureState, change: ChangeState): readonly Moment[] => {
  const opens: Moment = { at: change.from, what: 'opens', body: null, change };
  if (change.confirmation !== null) {
    const what = change.veto === null ? 'lapses' : 'vetoEnds';
    return [{ at: change.confirmation.until, what, body: null, change }, opens];
  }
  if (change.veto !== null) return [{ at: change.veto.until, what: 'vetoEnds', body: null, change }, opens];
  const deadlines = requirementsOf(state, change)
    .filter(({ id }) => change.requirements[id]?.status === 'open')
    .map(({ id, body }): Moment => ({ at: change.requirements[id]?.deadlineAt ?? null, what: 'deadline', body, change }));
  return [{ at: change.closesAt, what: 'lapses', body: null, change }, opens, ...deadlines];
};

const NOT_AGREED: readonly ChangeStatus[] = ['refused', 'lapsed', 'revoked', 'expired'];

/** Reports whether the vendor's day of a change comes: it is open or approved, or takes effect at the vendor though the city did not agree. */
const comes = (state: FeatureState, { n, kind, status }: ChangeLine): boolean => {
  if (isOpen({ status }) || status === 'approved') return true;
  return NOT_AGREED.includes(status) && (hasChoice(kind) || lingeringOf(state, n) !== undefined);
};

const momentsOf = ({ stateNow: state, linesNow, ends }: FeatureRow): readonly Moment[] => {
  const approvals = [inForceIn(state), waitingApproval(state)].filter((each) => each !== undefined);
  const next = waitingApproval(state);
  const effective = linesNow
    .filter((line) => comes(state, line))
    .map(({ n, at: since, effectiveAt: at }): Moment => ({ at, what: 'effective', body: null, change: { number: n, since } }));
  const removing = state.changes.find(({ number: n }) => n === state.removal?.change);
  return [
    ...openChanges(state).flatMap((change) => momentsOfOpen(state, change)),
    ...effective,
    ...approvals.map((change): Moment => ({ at: ends.get(change.number)?.at ?? null, what: 'expires', body: null, change })),
    ...(next === undefined ? [] : [{ at: beginningOf(state), what: 'begins' as const, body: null, change: next }]),
    ...(removing === undefined
      ? []
      : [{ at: state.removal?.effectiveAt ?? null, what: 'removed' as const, body: null, change: removing }]),
  ];
};

/** A date, and the text that orders it. */
export interface PlacedDate {
  readonly date: ComingDate;
  readonly place: string;
}

/** Returns a key that orders dates and is unique for each. */
const placeOf = ({ at, change, what, body }: ComingDate): string => `${at} ${change} ${what} ${body ?? ''}`;

const standing = (state: FeatureState, n: number): Pick<ComingDate, 'optedOut'> => {
  const stands = optOutOf(standingWords(state, n) ?? {})?.stands ?? null;
  return stands === null ? {} : { optedOut: stands };
};

const datesOf = (row: FeatureRow): readonly ComingDate[] => {
  const { key, title, lines, waiting, stateNow } = row;
  const bodies = new Map(waiting.map((each) => [each.change.number, each.bodies]));
  return momentsOf(row).flatMap(({ at, what, body, change }) =>
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
            bodies: [...(bodies.get(change.number) ?? [])],
            since: change.since,
            ...(what === 'effective' && standing(stateNow, change.number)),
          },
        ],
  );
};

const groupOf = ({ vendor = '', body = '' }: DatesOf): string => `${vendor}/${body}`;

/** Dates in their order, past ones included, by {@link groupOf}. */
export const DATES: FacetOf<PlacedDate> = {
  entriesOf: (row) => {
    const vendor = vendorOf(row.key);
    return datesOf(row).flatMap((date) => {
      const placed = { date, place: placeOf(date) };
      const concerned = date.body === null ? date.bodies : [date.body];
      return [undefined, ...concerned].flatMap((body): readonly (readonly [string, PlacedDate])[] => [
        [groupOf({ body }), placed],
        [groupOf({ vendor, body }), placed],
      ]);
    });
  },
  order: (a, b) => ascending(a.place, b.place),
};

/** The dates of every feature at an instant, read once for all that a page shows of them; may lag. */
export interface Dates {
  readonly now: string;
  readonly lists: Facet<PlacedDate>;
  /** Every feature, by key. */
  readonly rows: readonly FeatureRow[];
}

export const readDates = async ({ ports }: SiteDeps): Promise<Dates> => {
  const now = ports.clock();
  const [lists, rows] = await Promise.all([ports.register.facet(DATES, { now }), allFeatures(ports, { now })]);
  return { now, lists, rows };
};

/** Returns the vendors that have a future date. */
export const vendorsWithDates = ({ now, lists }: Dates): readonly string[] =>
  [...lists].flatMap(([group, list]) => {
    const [vendor = '', body] = group.split('/');
    return vendor !== '' && body === '' && (list.at(-1)?.date.at ?? '') > now ? [vendor] : [];
  });

/** Returns the future dates behind a place ({@link placeOf}), at most so many. */
export const comingDates = ({ now, lists }: Dates, of: DatesOf, place: string, limit: number): readonly PlacedDate[] => {
  const list = lists.get(groupOf(of)) ?? [];
  const first = partitionPoint(list, (each) => each.date.at <= now || each.place <= place);
  return list.slice(first, first + limit);
};
