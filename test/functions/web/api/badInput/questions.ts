import type { ProblemCode } from '../../../../../functions/web/http/problems.ts';
import { NOON } from '../world.ts';
import type { Row } from './row.ts';

const asked = (name: string, path: string, code: ProblemCode, pointer?: string): Row => ({
  name,
  path,
  method: 'GET',
  as: 'token',
  code,
  ...(pointer !== undefined && { pointer }),
});

/** What is asked of the register. */
export const questions: readonly Row[] = [
  asked('no key', '/v1/features/A', 'invalid-request', '/key'),
  asked('a key with a slash in it', '/v1/features/acme%2Fb', 'invalid-request', '/key'),
  asked('a key that climbs', '/v1/features/..%2f..%2fetc', 'invalid-request', '/key'),
  asked('half an escape', '/v1/features/%E0%A4%A', 'invalid-request', '/key'),
  asked('no instant', '/v1/features/acme?at=yesterday', 'invalid-request', '/at'),
  asked('the future', '/v1/features/acme?at=2099-01-01T00:00:00Z', 'future-instant', '/at'),
  asked('an instant twice', `/v1/features/acme?at=${NOON}&at=${NOON}`, 'invalid-request', '/at'),
  asked('a misspelt parameter', '/v1/features/acme?agncy=x', 'invalid-request', '/agncy'),
  asked('an unknown status', '/v1/features?status=maybe', 'invalid-request', '/status'),
  asked('a limit of nothing', '/v1/features?limit=0', 'invalid-request', '/limit'),
  asked('a limit too high', '/v1/features?limit=1001', 'invalid-request', '/limit'),
  asked('a limit in words', '/v1/changes?limit=ten', 'invalid-request', '/limit'),
  asked('a limit with a point', '/v1/changes?limit=1e2', 'invalid-request', '/limit'),
  asked('a cursor of nobody', '/v1/features?cursor=%25', 'invalid-request', '/cursor'),
  asked('a cursor of nobody, of changes', '/v1/changes?cursor=*', 'invalid-request', '/cursor'),
  asked('a cursor of nobody, of a history', '/v1/features/acme/history?cursor=zz', 'invalid-request', '/cursor'),
  asked('a status of features, of changes', '/v1/changes?status=enabled', 'invalid-request', '/status'),
  asked('a body that is none', '/v1/changes?body=%00', 'invalid-request', '/body'),
  asked('a change without a number', '/v1/changes/acme/-1', 'invalid-request', '/n'),
  asked('a change that is not there', '/v1/changes/acme/99', 'not-found'),
  asked('a route that is not there', '/v1/feature', 'not-found'),
  { ...asked('no token', '/v1/features', 'token-missing'), as: 'none' },
  { ...asked('POST of the register', '/v1/features', 'method-not-allowed'), method: 'POST' },
  { ...asked('PUT of a change', '/v1/changes/acme/1', 'method-not-allowed'), method: 'PUT' },
  { ...asked('GET of a flag', '/ofrep/v1/evaluate/flags/acme', 'method-not-allowed'), method: 'GET' },
];
