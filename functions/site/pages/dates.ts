import { advance } from '../../../domain/feature/due.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { type ChangeState, type FeatureState, openChanges, requirementsOf, standingOf } from '../../../domain/feature/state.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { pageOf } from '../../http/paging.ts';
import { type FeatureRow, listFeatures } from '../../projector/listFeatures.ts';
import type { SiteDeps } from '../deps.ts';

/** Something that time alone will do. `body`: of a deadline. */
export interface ComingDate extends JsonObject {
  readonly at: string;
  readonly what: 'lapses' | 'deadline' | 'vetoEnds' | 'opens' | 'expires';
  readonly key: string;
  readonly change: string;
  readonly title: string;
  readonly body: string | null;
  readonly since: string;
}

const PAGE = 1_000;

interface Moment extends Pick<ComingDate, 'what' | 'body'> {
  readonly at: string | null;
  readonly change: ChangeState;
}

const momentsOfOpen = (state: FeatureState, change: ChangeState): readonly Moment[] => {
  const opens: Moment = { at: change.from, what: 'opens', body: null, change };
  if (change.veto !== null) return [{ at: change.veto.until, what: 'vetoEnds', body: null, change }, opens];
  const deadlines = requirementsOf(state, change)
    .filter(({ id }) => change.reqs[id]?.status === 'open')
    .map(({ id, body }): Moment => ({ at: change.reqs[id]?.deadlineAt ?? null, what: 'deadline', body, change }));
  return [{ at: change.closesAt, what: 'lapses', body: null, change }, opens, ...deadlines];
};

const momentsOf = (state: FeatureState): readonly Moment[] => {
  const standing = standingOf(state);
  const open = openChanges(state).flatMap((change) => momentsOfOpen(state, change));
  if (standing?.status !== 'approved') return open;
  return [...open, { at: standing.approved?.validUntil ?? null, what: 'expires', body: null, change: standing }];
};

const datesOf = ({ key, title, state }: FeatureRow, now: string): readonly ComingDate[] =>
  momentsOf(advance(state, now)).flatMap(({ at, what, body, change }) =>
    at === null || at <= now
      ? []
      : [{ at, what, key, change: changeId(key, change.n), title: title ?? key, body, since: change.since }],
  );

/** What closes, opens and ends, soonest first; may lag behind the last second. */
export const comingDates = async ({ ports }: SiteDeps): Promise<readonly ComingDate[]> => {
  const now = ports.clock();
  const dates: ComingDate[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = pageOf(await listFeatures(ports, { cursor, limit: PAGE, now }));
    dates.push(...page.items.flatMap((row) => datesOf(row, now)));
    if (page.next === null) break;
    cursor = page.next;
  }
  return dates.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.change < b.change ? -1 : 1));
};
