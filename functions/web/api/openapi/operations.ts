import * as z from 'zod';
import { Notice } from '../../../../domain/feature/notice.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { ChangesQuery } from '../routes/changes.ts';
import { FeatureQuery, FeaturesQuery } from '../routes/features.ts';
import { HistoryQuery } from '../routes/history.ts';
import { IntakeBody } from '../routes/intake.ts';
import { ObservationBody } from '../routes/observations.ts';
import { Withdrawal } from '../routes/withdraw.ts';
import { ADMIN_OPERATIONS } from './adminOperations.ts';
import { Change, Drift, Feature, Flag, Flags, Health, HistoryEntry, NotReady, pageOf, Received } from './answers.ts';
import type { Operation } from './operation.ts';

const key = { key: FeatureKey };
const change = { ...key, n: z.int().min(1) };
const Context = z.looseObject({
  targetingKey: z.string().optional(),
  agency: z.string().optional().describe('Who asks; an approval can be for named agencies only.'),
  version: z.string().optional().describe('The version in use; another than the approved one is off.'),
});
const Evaluation = z.looseObject({ context: Context.optional() });
const BulkEvaluation = z.looseObject({
  context: Context.extend({
    keys: z.array(z.string()).optional().describe('Keys to answer whether the register knows them or not.'),
  }).optional(),
});

const read = { method: 'get', auth: 'token', scope: 'state:read', status: 200, problems: [400, 401, 403] } as const;
const written = { method: 'post', problems: [400, 401, 403, 409, 413, 415, 429, 503] } as const;

/** Every operation of the API. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...written,
    path: '/v1/notices',
    id: 'postNotice',
    summary: 'A vendor’s signed notice of a change',
    auth: 'signature',
    body: Notice,
    status: 202,
    answer: Received,
  },
  {
    ...written,
    path: '/v1/changes/{key}/{n}/withdraw',
    id: 'withdrawChange',
    summary: 'The vendor takes an open change back',
    auth: 'signature',
    parameters: change,
    body: Withdrawal,
    status: 200,
    answer: Change,
    problems: [400, 401, 403, 404, 409, 413, 415, 503],
  },
  {
    ...written,
    path: '/v1/intake',
    id: 'postIntake',
    summary: 'The city enters a change it heard of otherwise',
    auth: 'token',
    scope: 'notice',
    body: IntakeBody,
    status: 202,
    answer: Received,
  },
  {
    ...written,
    path: '/v1/observations',
    id: 'postObservation',
    summary: 'What is seen on at a vendor; answered with what should not be',
    auth: 'token',
    scope: 'observe',
    body: ObservationBody,
    status: 200,
    answer: Drift,
    problems: [400, 401, 403, 409, 413, 415, 503],
  },
  { ...read, path: '/v1/features', id: 'listFeatures', summary: 'The register', query: FeaturesQuery, answer: pageOf(Feature) },
  {
    ...read,
    path: '/v1/features/{key}',
    id: 'getFeature',
    summary: 'What holds for a key, now or as it was known at an instant',
    parameters: key,
    query: FeatureQuery,
    answer: Feature,
  },
  {
    ...read,
    path: '/v1/features/{key}/history',
    id: 'getHistory',
    summary: 'Every event of a feature, oldest first',
    parameters: key,
    query: HistoryQuery,
    answer: pageOf(HistoryEntry),
  },
  {
    ...read,
    path: '/v1/changes',
    id: 'listChanges',
    summary: 'Changes, by status and by the body they wait for',
    query: ChangesQuery,
    answer: pageOf(Change),
  },
  {
    ...read,
    path: '/v1/changes/{key}/{n}',
    id: 'getChange',
    summary: 'One change, with its notice in full',
    parameters: change,
    answer: Change,
    problems: [400, 401, 403, 404],
  },
  {
    ...read,
    method: 'post',
    path: '/ofrep/v1/evaluate/flags/{key}',
    id: 'evaluateFlag',
    summary: 'Whether a feature is enabled (OFREP 0.3); an unknown key is false',
    parameters: { key: z.string() },
    body: Evaluation,
    answer: Flag,
    problems: [400, 401, 403, 413, 415],
  },
  {
    ...read,
    method: 'post',
    path: '/ofrep/v1/evaluate/flags',
    id: 'evaluateFlags',
    summary: 'Every feature of the register (OFREP 0.3), with an ETag',
    body: BulkEvaluation,
    answer: Flags,
    problems: [400, 401, 403, 413, 415],
  },
  ...ADMIN_OPERATIONS,
  {
    method: 'get',
    path: '/healthz',
    id: 'health',
    summary: 'The process runs',
    auth: 'none',
    status: 200,
    answer: Health,
    problems: [],
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'ready',
    summary: 'The gate can do all its work',
    auth: 'none',
    status: 200,
    answer: Health,
    problems: [],
    notReady: NotReady,
  },
];
