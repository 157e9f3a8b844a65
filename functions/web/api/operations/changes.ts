import { awaitedIn } from '../../../../domain/feature/awaited.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { type ChangesQuery, listChanges } from '../../../register/listChanges.ts';
import type { ChangeReading } from '../../../register/read.ts';
import { changeJson } from '../../../register/views/changeJson.ts';
import { readChangeJson, todayOf } from '../../../register/views/readChangeJson.ts';
import { requirePage } from '../../http/paging.ts';
import { refused } from '../../http/refused.ts';
import type { RECORD_OPERATIONS } from '../../routes/api/records.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type ChangeHandlers = Pick<ApiHandlers<typeof RECORD_OPERATIONS>, '/v1/changes' | '/v1/changes/{key}/{n}'>;

/** Reports whether an open change waits for an act of a body, advice and a vote on a veto included. */
const waitsFor = (view: ChangeView, body: string): boolean => {
  const awaited = awaitedIn(view).map(({ requirement }) => requirement);
  return view.requirements.some((requirement) => requirement.body === body && awaited.includes(requirement.id));
};

/** Reports whether a change concerns the body: for a closed status if it had to act in it, else if the change waits for it now. */
const concerns = (view: ChangeView, { status, body }: Pick<ChangesQuery, 'status' | 'body'>): boolean =>
  body === undefined || (status !== undefined && status !== 'open' && !isOpen({ status })) || waitsFor(view, body);

/** Reads pages of the register until enough changes pass the filter, so that a filtered page does not look like the last. */
const collect = async (
  { ports }: ApiDeps,
  query: ChangesQuery,
): Promise<{ items: readonly ChangeReading[]; next: string | null }> => {
  const items: ChangeReading[] = [];
  for (let cursor = query.cursor; ; ) {
    const page = requirePage(await listChanges(ports, { ...query, cursor, limit: query.limit - items.length }));
    items.push(...page.items.filter(({ view }) => concerns(view, query)));
    if (page.next === null || items.length >= query.limit) return { items, next: page.next };
    cursor = page.next;
  }
};

/** Serves the list of changes, which may lag by a second, and one change, strongly consistent, with its full notice. */
export const changeHandlers = (deps: ApiDeps): ChangeHandlers => ({
  '/v1/changes': {
    GET: async ({ query }) => {
      const today = await todayOf(deps.ports);
      const { items, next } = await collect(deps, { ...query, now: today.now });
      const facts = { checkpoint: deps.checkpoint() };
      return { body: { items: items.map(({ view }) => changeJson(view, today, facts)), next } };
    },
  },
  '/v1/changes/{key}/{n}': {
    GET: async ({ params: { key, n } }) => {
      const change = await readChangeJson(deps.ports, key, n, deps.checkpoint());
      if (change === undefined) throw refused('not-found', { detail: `there is no change ${key}/${n}` });
      return { body: change };
    },
  },
});
