import type { Context } from 'hono';
import * as z from 'zod';
import { CHANGE_STATUSES, isOpen } from '../../../../domain/feature/state.ts';
import { awaitedIn, type ChangeView } from '../../../../domain/feature/view.ts';
import { Id } from '../../../../domain/kernel/zodTypes.ts';
import { listChanges, type ChangesQuery as ProjectedQuery } from '../../../register/listChanges.ts';
import type { ChangeReading } from '../../../register/read.ts';
import { changeJson } from '../../../register/views/changeJson.ts';
import { readChangeJson, todayOf } from '../../../register/views/readChangeJson.ts';
import type { Credentials } from '../../http/credentials.ts';
import { checkChangeNumber, checkKey, checkQuery } from '../../http/input.ts';
import { pageOf, paging } from '../../http/paging.ts';
import { refused } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

export const ChangesQuery = z.strictObject({
  status: z.enum(CHANGE_STATUSES).optional(),
  body: Id.optional(),
  ...paging,
});

/** Whether an open change waits for an act of a body, advice and its vote on a veto included. */
const waitsFor = (view: ChangeView, body: string): boolean => {
  const awaited = awaitedIn(view).map(({ requirement }) => requirement);
  return view.requirements.some((requirement) => requirement.body === body && awaited.includes(requirement.id));
};

/** Of a closed status that was asked for, those the body had to act in; else those that wait for it now. */
const concerns = (view: ChangeView, { status, body }: Pick<ProjectedQuery, 'status' | 'body'>): boolean =>
  body === undefined || (status !== undefined && !isOpen({ status })) || waitsFor(view, body);

/** Pages of the projection, until enough of what they hold is wanted: a filter must not make a page look like the last. */
const collect = async (
  { ports }: ApiDeps,
  query: ProjectedQuery,
): Promise<{ items: readonly ChangeReading[]; next: string | null }> => {
  const items: ChangeReading[] = [];
  for (let cursor = query.cursor; ; ) {
    const page = pageOf(await listChanges(ports, { ...query, cursor, limit: query.limit - items.length }));
    items.push(...page.items.filter(({ view }) => concerns(view, query)));
    if (page.next === null || items.length >= query.limit) return { items, next: page.next };
    cursor = page.next;
  }
};

/** `GET /v1/changes`: changes by key and number; may lag behind the last second. */
export const getChanges =
  (deps: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    await authenticate((name) => context.req.header(name), 'state:read');
    const query = checkQuery(ChangesQuery, context.req.queries());
    const today = await todayOf(deps.ports);
    const { items, next } = await collect(deps, { ...query, now: today.now });
    const told = { checkpoint: deps.checkpoint?.() };
    return json({ items: items.map(({ view }) => changeJson(view, today, told)), next });
  };

/** `GET /v1/changes/{key}/{n}`: one change, strongly consistent, with its notice in full. */
export const getChange =
  ({ ports, checkpoint }: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    await authenticate((name) => context.req.header(name), 'state:read');
    const key = checkKey(context.req.param('key') ?? '');
    const n = checkChangeNumber(context.req.param('n') ?? '');
    checkQuery(z.strictObject({}), context.req.queries());
    const change = await readChangeJson(ports, key, n, checkpoint?.());
    if (change === undefined) throw refused('not-found', { detail: `there is no change ${key}/${n}` });
    return json(change);
  };
