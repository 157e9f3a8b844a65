import type { Context } from 'hono';
import * as z from 'zod';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { explainPolicy } from '../../../../domain/policy/explain.ts';
import { IMPACTS, KINDS } from '../../../../domain/policy/schema.ts';
import { POLICY_STREAM } from '../../../../domain/policy/state.ts';
import { ROSTER_STREAM } from '../../../../domain/roster/state.ts';
import { policyAggregate, rosterAggregate } from '../../../gate/aggregates.ts';
import { stateAtInstant } from '../../../gate/heads.ts';
import { setRoster } from '../../../gate/rosters.ts';
import { readRules } from '../../../gate/rules.ts';
import { addVendor, listVendors, rotateVendor, type VendorOutcome } from '../../../gate/vendors.ts';
import { load } from '../../../platform/store/load.ts';
import { adoptPolicy, waitingPolicy } from '../../../reactions/adoption/policies.ts';
import { repinAll } from '../../../reactions/adoption/repinAll.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { checkInput, checkKey, checkQuery, parseJson } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import { createToken, listTokens, revokeToken } from '../../http/tokens.ts';
import type { ApiDeps } from '../deps.ts';
import { pastInstant } from './features.ts';
import { handOutRoutes } from './handOut.ts';
import { passkeyRoutes } from './passkeys.ts';

type Handler = (context: Context) => Promise<Response>;
type Route = (path: string, handlers: Readonly<Record<string, Handler>>) => void;

/** Policies and rosters are the largest bodies here. */
const ADMIN_BYTES_MAX = 256 * 1024;

export const NewVendor = z.strictObject({ id: z.string(), name: z.string(), publicKey: z.string().optional() });
export const NewKey = z.strictObject({ publicKey: z.string().optional() });
export const NewToken = z.strictObject({ name: z.string(), scopes: z.array(z.string()).min(1), agency: z.string().optional() });
export const NewPolicy = z.strictObject({ policy: z.json(), repin: z.boolean().optional() });
export const PolicyQuery = z.strictObject({ at: z.string().max(40).optional() });
export const ExplainQuery = z.strictObject({ key: z.string(), kind: z.enum(KINDS).optional(), impact: z.string().optional() });

const body = async (context: Context): Promise<JsonValue> => {
  requireMediaType(context.req.raw.headers.get('content-type'), 'application/json');
  return parseJson(await readBody(context.req.raw, ADMIN_BYTES_MAX));
};

const issued = (outcome: VendorOutcome, status: 200 | 201): Response => {
  if (!outcome.ok) throw refusedBy(outcome.rejection);
  return json({ id: outcome.id, keys: outcome.keys }, status);
};

const rosterJson = async ({ ports }: ApiDeps): Promise<Response> => {
  const { inForce, proposal } = (await load(ports.store, rosterAggregate, ROSTER_STREAM)).state;
  return json({
    number: inForce?.number ?? null,
    since: inForce?.since ?? null,
    waits: proposal === null ? null : { number: proposal.number, sha256: proposal.sha256 },
    roster: inForce?.roster ?? null,
  });
};

const policyJson = async (deps: ApiDeps, at: string | undefined): Promise<Response> => {
  const { ports } = deps;
  const instant = at === undefined ? undefined : pastInstant(at, ports);
  const state =
    instant === undefined
      ? (await load(ports.store, policyAggregate, POLICY_STREAM)).state
      : await stateAtInstant(ports, policyAggregate, POLICY_STREAM, instant);
  const inForce = state?.inForce ?? null;
  return json({
    number: inForce?.number ?? null,
    since: inForce?.since ?? null,
    sha256: inForce?.sha256 ?? null,
    waits: instant === undefined ? ((await waitingPolicy(ports)) ?? null) : null,
    policy: inForce?.policy ?? null,
  });
};

const explained = async ({ ports }: ApiDeps, context: Context): Promise<Response> => {
  const { key, kind, impact } = checkQuery(ExplainQuery, context.req.queries());
  const { policy, roster } = await readRules(ports);
  if (policy === null || roster === null) throw refusedBy({ code: 'no-policy', detail: 'no policy is adopted' });
  const impacts = impact === undefined ? undefined : checkInput(z.array(z.enum(IMPACTS)).min(1), impact.split(','), '/impact');
  const question = {
    key: checkKey(key),
    localDate: localDateOf(ports.clock(), ports.zone),
    ...(kind !== undefined && { kind }),
    ...(impacts !== undefined && { impact: impacts }),
  };
  return json(explainPolicy(policy.policy, roster.roster, question));
};

const postPolicy = async (deps: ApiDeps, context: Context): Promise<Response> => {
  const { policy, repin } = checkInput(NewPolicy, await body(context));
  const outcome = await adoptPolicy(deps.ports, policy);
  if (!outcome.ok) throw refusedBy(outcome.rejection);
  const repinned = repin === true && 'number' in outcome ? await repinAll(deps.ports) : 0;
  return 'waits' in outcome
    ? json({ number: null, sha256: outcome.sha256, waits: outcome.waits, policy: null }, 202)
    : json({ number: outcome.number, sha256: outcome.sha256, waits: null, policy, repinned });
};

/** What an operator does: vendors, tokens, the roster and the policy. Scope `admin`; the command line calls the same routes. */
export const adminRoutes = (route: Route, deps: ApiDeps, authenticate: Credentials): void => {
  handOutRoutes(route, deps, authenticate);
  passkeyRoutes(route, deps, authenticate);
  const { ports, rosterSalt } = deps;
  const admin =
    (work: Handler): Handler =>
    async (context) => {
      await authenticate((name) => context.req.header(name), 'admin');
      return work(context);
    };
  route('/v1/vendors', {
    GET: admin(async () =>
      json({
        items: (await listVendors(ports)).map(({ id, name, keys }) => ({
          id,
          name,
          keys: keys.map(({ key, validFrom, validUntil }) => ({ ...key, validFrom, validUntil })),
        })),
        next: null,
      }),
    ),
    POST: admin(async (context) => {
      const { id, name, publicKey } = checkInput(NewVendor, await body(context));
      return issued(await addVendor(ports, id, name, publicKey), 201);
    }),
  });
  route('/v1/vendors/:id/keys', {
    POST: admin(async (context) =>
      issued(await rotateVendor(ports, context.req.param('id') ?? '', checkInput(NewKey, await body(context)).publicKey), 201),
    ),
  });
  route('/v1/roster', {
    GET: admin(() => rosterJson(deps)),
    PUT: admin(async (context) => {
      const outcome = await setRoster(ports, await body(context), rosterSalt);
      if (!outcome.ok) throw refusedBy(outcome.rejection);
      return rosterJson(deps);
    }),
  });
  route('/v1/policy', {
    GET: admin((context) => policyJson(deps, checkQuery(PolicyQuery, context.req.queries()).at)),
    POST: admin((context) => postPolicy(deps, context)),
  });
  route('/v1/policy/explain', { GET: admin((context) => explained(deps, context)) });
  route('/v1/tokens', {
    GET: admin(async () =>
      json({
        items: (await listTokens(ports.sideStore)).map(({ id, name, scopes, agency, revokedAt }) => ({
          id,
          name,
          scopes,
          agency: agency ?? null,
          revoked: revokedAt !== undefined,
        })),
        next: null,
      }),
    ),
    POST: admin(async (context) =>
      json(await createToken(ports.sideStore, checkInput(NewToken, await body(context)), ports.clock()), 201),
    ),
  });
  route('/v1/tokens/:id', {
    DELETE: admin(async (context) => {
      const id = context.req.param('id') ?? '';
      if (!(await revokeToken(ports.sideStore, id, ports.clock())))
        throw refused('not-found', { detail: 'there is no token of this id' });
      return json({ id, revoked: true });
    }),
  });
};
