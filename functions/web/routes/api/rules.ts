import * as z from 'zod';
import { CHANGE_STATUSES } from '../../../../domain/feature/state.ts';
import { Digest, FeatureKey, Instant, strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { IMPACTS, INSTRUMENTS, KINDS, Observing, Override, Policy, Threshold } from '../../../../domain/policy/schema.ts';
import { RuledBodies } from '../../../../domain/roster/bodies.ts';
import { Roster, RosterFile } from '../../../../domain/roster/schema.ts';
import { Received } from '../../../gate/intake.ts';
import { RosterProposal } from '../../../register/views/rosterProposal.ts';
import type { ApiTable } from '../route.ts';

const FILE_BYTES_MAX = 256 * 1024;
const PolicyDocument = Policy.meta({ id: 'Policy', description: 'A city’s rules: who must approve which change.' });

const RosterDocument = RosterFile.meta({
  id: 'RosterFile',
  description: 'Bodies, and who holds which seat, with mail addresses.',
});

const WITH_ROSTER = 'The roster file, where the policy changes seats: with the holders of new seats, in all else as in force.';
const PolicyRequest = strictObject(() => ({
  policy: z.json(),
  roster: z.json().optional().describe(WITH_ROSTER),
  repin: z
    .boolean()
    .optional()
    .describe(
      'Whether open changes are judged by it, which voids their decisions. Without effect while it is put to the vote: send it again once it is in force.',
    ),
}));
const RosterStatus = strictObject(() => ({
  number: z.int().min(1).nullable().describe('The number of the roster in force; null while there is none.'),
  since: Instant.nullable(),
  waits: RosterProposal.nullable().describe('The roster that waits for confirmation; null without one.'),
  warning: z
    .string()
    .nullable()
    .describe(
      'Who is not mailed a link to confirm the roster just sent, and why it leaves few who can change it; null if neither.',
    ),
  roster: Roster.nullable().describe('The roster in force, without mail addresses; null while there is none.'),
})).meta({ id: 'RosterStatus', description: 'The roster in force and the one that waits.' });
const WaitingPolicy = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  status: z.enum(CHANGE_STATUSES).describe('Where the change stands now.'),
  sha256: Digest.nullable(),
}));
const PolicyStatus = strictObject(() => ({
  number: z.int().min(1).nullable().describe('The number of the policy in force; null while there is none.'),
  since: Instant.nullable(),
  sha256: Digest.nullable(),
  waits: WaitingPolicy.nullable().describe('The policy that waits for approval; null without one.'),
  policy: PolicyDocument.nullable().describe('The policy in force; null while there is none.'),
  bodies: RuledBodies.nullable().describe('The bodies, seats and certifiers of the policy in force.'),
})).meta({ id: 'PolicyStatus', description: 'The policy in force and the one that waits.' });
const PolicyTaken = strictObject(() => ({
  number: z.int().min(1).nullable().describe('The number of the policy now in force; null if it waits for approval.'),
  sha256: Digest,
  waits: Received.nullable().describe('The change by which the policy is put to the vote; null if it is in force.'),
  policy: PolicyDocument.nullable().describe('The policy that was sent; null if it waits for approval.'),
  repinned: z.int().min(0).exactOptional().describe('How many open changes are now judged by it.'),
})).meta({ id: 'PolicyTaken', description: 'A policy that came into force or was put to the vote.' });
const duration = z.string().nullable();
const PolicyExplained = strictObject(() => ({
  key: FeatureKey,
  kind: z.enum(KINDS),
  rule: z.string().describe('The id of the rule that matches.'),
  requirements: z
    .array(
      z.strictObject({
        id: z.string(),
        body: z.string(),
        bodyName: z.string().describe('The body’s name shown to people.'),
        instrument: z.enum(INSTRUMENTS),
        seats: z.int().min(0).describe('Seats of the body.'),
        filled: z.int().min(0).describe('Seats that are filled today.'),
        threshold: Threshold.nullable().describe('How many must say yes, of what; null for a signature.'),
        needed: z.int().min(0).nullable(),
        denominator: z.int().min(0).nullable().describe('Of how many votes, if everybody in office took part.'),
        quorum: z.int().min(0).nullable(),
        certifiedBy: z.string().nullable().describe('The body whose holder certifies the vote.'),
        after: z.array(z.string()).readonly(),
        deadline: duration,
        override: Override.nullable().describe('How a refusal can be overturned; null if it cannot.'),
      }),
    )
    .readonly()
    .describe('The bodies that must act.'),
  documents: z.array(z.string()).readonly().describe('The kinds of documents a notice must bring.'),
  notice: duration,
  window: duration,
  term: duration,
  observe: Observing.nullable().describe('Who looks at what is on at the vendors; null: no one is named.'),
  alarms: z
    .array(
      z.strictObject({
        requirement: z.string(),
        code: z.enum(['no-body', 'no-seat', 'vacant', 'no-clerk', 'too-few', 'one-person']).describe('The kind of alarm.'),
        detail: z.string().describe('The alarm in words.'),
      }),
    )
    .readonly()
    .describe('What keeps the requirements from being met as the roster stands.'),
})).meta({ id: 'PolicyExplained', description: 'What a change of a key would need.' });

const read = { tag: 'rules', auth: 'admin', status: 200 } as const;
const file = { ...read, bodyBytesMax: FILE_BYTES_MAX, problems: [409, 422] } as const;

export const RULE_OPERATIONS = {
  '/v1/roster': {
    GET: { ...read, id: 'getRoster', summary: 'Returns the roster in force', answer: RosterStatus },
    PUT: {
      ...file,
      id: 'putRoster',
      summary: 'Sets the first roster, or files the next for confirmation',
      body: z.json(),
      describedBody: RosterDocument,
      answer: RosterStatus,
    },
  },
  '/v1/policy': {
    GET: {
      ...read,
      id: 'getPolicy',
      summary: 'Returns the policy in force, now or at an instant',
      query: strictObject(() => ({
        at: z.string().max(40).optional().describe('An instant of the past, or a date for its last moment.'),
      })),
      answer: PolicyStatus,
    },
    POST: {
      ...file,
      id: 'postPolicy',
      summary: 'Adopts the first policy, or puts the next one to the vote',
      body: PolicyRequest,
      also: { 202: 'Put to the vote, as a change of `aldergate.policy`' },
      describedBody: PolicyRequest.extend({ policy: PolicyDocument, roster: RosterDocument.optional().describe(WITH_ROSTER) }),
      answer: PolicyTaken,
    },
  },
  '/v1/policy/explain': {
    GET: {
      ...read,
      id: 'explainPolicy',
      summary: 'Returns what a change of a key would need',
      query: strictObject(() => ({
        key: FeatureKey.describe('The feature’s key.'),
        kind: z.enum(KINDS).optional().describe('The kind of change; absent: new-feature.'),
        impact: z
          .string()
          .transform((impact) => impact.split(','))
          .pipe(z.array(z.enum(IMPACTS)).min(1))
          .optional()
          .describe(`What the change touches, with commas between: ${IMPACTS.join(', ')}. Absent: unknown.`),
      })),
      answer: PolicyExplained,
      problems: [409],
    },
  },
} as const satisfies ApiTable;
