import * as z from 'zod';
import { VendorId } from '../../../domain/vendor/keys.ts';
import { ExplainQuery, NewKey, NewPolicy, NewToken, NewVendor, PolicyQuery } from '../routes/admin.ts';
import { Operated } from './answers.ts';
import type { Operation } from './operation.ts';

const admin = { auth: 'token', scope: 'admin', status: 200, answer: Operated, problems: [400, 401, 403] } as const;

/** What an operator does; the command line calls the same. */
export const ADMIN_OPERATIONS: readonly Operation[] = [
  { ...admin, method: 'get', path: '/v1/vendors', id: 'listVendors', summary: 'Vendors and their keys' },
  {
    ...admin,
    method: 'post',
    path: '/v1/vendors',
    id: 'addVendor',
    summary: 'Lets a vendor post notices',
    body: NewVendor,
    status: 201,
    problems: [400, 401, 403, 409, 413, 415],
  },
  {
    ...admin,
    method: 'post',
    path: '/v1/vendors/{id}/keys',
    id: 'rotateKey',
    summary: 'A new key for a vendor; the old ones count for a week',
    parameters: { id: VendorId },
    body: NewKey,
    status: 201,
    problems: [400, 401, 403, 409, 413, 415],
  },
  { ...admin, method: 'get', path: '/v1/roster', id: 'getRoster', summary: 'The roster in force' },
  {
    ...admin,
    method: 'put',
    path: '/v1/roster',
    id: 'putRoster',
    summary: 'Sets the first roster, or puts the next one forward',
    body: Operated,
    problems: [400, 401, 403, 409, 413, 415, 422],
  },
  {
    ...admin,
    method: 'get',
    path: '/v1/policy',
    id: 'getPolicy',
    summary: 'The policy in force, now or at an instant',
    query: PolicyQuery,
  },
  {
    ...admin,
    method: 'post',
    path: '/v1/policy',
    id: 'postPolicy',
    summary: 'Adopts the first policy, or puts the next one to the vote',
    body: NewPolicy,
    problems: [400, 401, 403, 409, 413, 415, 422],
  },
  {
    ...admin,
    method: 'get',
    path: '/v1/policy/explain',
    id: 'explainPolicy',
    summary: 'What a change of a key would need',
    query: ExplainQuery,
    problems: [400, 401, 403, 409],
  },
  { ...admin, method: 'get', path: '/v1/tokens', id: 'listTokens', summary: 'API tokens, without the tokens themselves' },
  {
    ...admin,
    method: 'post',
    path: '/v1/tokens',
    id: 'createToken',
    summary: 'A new API token, shown this once',
    body: NewToken,
    status: 201,
    problems: [400, 401, 403, 413, 415],
  },
  {
    ...admin,
    method: 'delete',
    path: '/v1/tokens/{id}',
    id: 'revokeToken',
    summary: 'Ends a token',
    parameters: { id: z.string() },
    problems: [400, 401, 403, 404],
  },
];
