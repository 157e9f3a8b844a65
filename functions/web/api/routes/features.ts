import type { Context } from 'hono';
import * as z from 'zod';
import { VARIANTS } from '../../../../domain/feature/evaluate.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { listFeatures } from '../../../register/listFeatures.ts';
import { confirmedRows, readFeatureJson } from '../../../register/views/readFeatureJson.ts';
import type { Credentials } from '../../http/credentials.ts';
import { badParameter, checkKey, checkQuery } from '../../http/input.ts';
import { pageOf, paging } from '../../http/paging.ts';
import { refused } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

const Agency = z.string().min(1, 'is empty').max(200, 'is longer than 200 characters');

export const FeaturesQuery = z.strictObject({
  prefix: FeatureKey.optional(),
  status: z.enum(VARIANTS).optional(),
  agency: Agency.optional(),
  ...paging,
});

export const FeatureQuery = z.strictObject({ at: z.string().max(40, 'is not an instant').optional(), agency: Agency.optional() });

/** `GET /v1/features`: the register, each line confirmed on strongly consistent heads. */
export const getFeatures =
  ({ ports, checkpoint }: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    const caller = await authenticate((name) => context.req.header(name), 'state:read');
    const { prefix, status, agency, limit, cursor } = checkQuery(FeaturesQuery, context.req.queries());
    const asked = { agency: agency ?? caller.agency };
    const page = pageOf(await listFeatures(ports, { prefix, status, cursor, limit, now: ports.clock(), context: asked }));
    const rows = await confirmedRows(ports, page.items, { context: asked, checkpoint: checkpoint?.() });
    return json({ items: status === undefined ? rows : rows.filter((row) => row.status === status), next: page.next });
  };

/** An instant of the past, in any offset, or the end of a date. */
export const pastInstant = (text: string, { zone, clock }: ApiDeps['ports']): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  if (at > clock()) {
    const detail = 'at is in the future; what will be known then nobody knows';
    throw refused('future-instant', { detail, errors: [{ pointer: '/at', detail: 'is in the future' }] });
  }
  return at;
};

/** `GET /v1/features/{key}`: what holds now, or was known at an instant. A key nobody has spoken of is off like every other. */
export const getFeature =
  ({ ports, checkpoint }: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    const caller = await authenticate((name) => context.req.header(name), 'state:read');
    const key = checkKey(context.req.param('key') ?? '');
    const { at, agency } = checkQuery(FeatureQuery, context.req.queries());
    const instant = at === undefined ? undefined : pastInstant(at, ports);
    const question = { context: { agency: agency ?? caller.agency }, at: instant, checkpoint: checkpoint?.() };
    return json(await readFeatureJson(ports, key, question));
  };
