import * as z from 'zod';
import { changeNamed } from '../../../domain/feature/keys.ts';
import { withQuery } from '../apiClient.ts';
import { readJson } from '../files.ts';
import { argument, type Command, optionalOption, WrongUsage } from '../usage.ts';
import { documentFrom, documentsPath } from './document.ts';

const RosterAnswer = z.object({
  number: z.number().nullable(),
  waits: z
    .object({
      number: z.number(),
      effectiveAt: z.string().nullable(),
      handovers: z.array(z.object({ holder: z.string(), body: z.string(), seat: z.string() })),
      objections: z.array(z.string()),
      breaks: z.array(z.object({ change: z.string(), problems: z.array(z.string()) })),
    })
    .nullable(),
  roster: z.unknown(),
});
const Roster = z.object({
  bodies: z.record(z.string(), z.object({ name: z.string(), seats: z.array(z.string()) })),
  holders: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      body: z.string(),
      seat: z.string(),
      from: z.string(),
      to: z.string().optional(),
    }),
  ),
});

const rosterText = (json: unknown): string => {
  const { number, waits, roster } = RosterAnswer.parse(json);
  const { data } = Roster.safeParse(roster);
  if (data === undefined) return 'no roster yet: aldergate roster set FILE';
  const bodies = Object.entries(data.bodies).flatMap(([id, { name, seats }]) => [
    `${name} (${id}), ${seats.length} ${seats.length === 1 ? 'seat' : 'seats'}`,
    ...data.holders
      .filter(({ body }) => body === id)
      .map(({ seat, name: holder, from, to }) => `  ${seat}  ${holder}, from ${from}${to === undefined ? '' : ` to ${to}`}`),
  ]);
  const waiting =
    waits === null
      ? []
      : [
          `version ${waits.number} waits for an office-holder's confirmation`,
          ...waits.handovers.map(
            ({ holder, body, seat }) => `  ! it changes who receives the links of ${holder} (${body}/${seat}), who was mailed`,
          ),
          ...waits.objections.map((holder) => `  ! ${holder} objects: a second body must confirm it`),
          ...(waits.effectiveAt === null ? [] : [`  from ${waits.effectiveAt}, or at once if two bodies confirm it`]),
          ...waits.breaks.map(({ change, problems }) => `  ! ${change} could not be approved any more: ${problems.join('; ')}`),
        ];
  return [`roster, version ${number ?? 0}`, ...waiting, ...bodies].join('\n');
};

const Objections = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      number: z.number(),
      holder: z.string(),
      reason: z.string().nullable(),
      redacted: z.string().nullable(),
    }),
  ),
});

const objectionsText = (json: unknown): string => {
  const lines = Objections.parse(json).items.map(
    ({ at, number, holder, reason, redacted }) =>
      `${at}  ${holder}, to version ${number}: ${reason ?? 'no reason'}${redacted === null ? '' : ` (${redacted})`}`,
  );
  return lines.length === 0 ? 'no objections' : lines.join('\n');
};

const PolicyAnswer = z.object({
  number: z.number().nullable(),
  waits: z.object({ change: z.string(), url: z.string().optional() }).nullable().optional(),
  policy: z.unknown(),
  repinned: z.number().optional(),
});

const policyText = (json: unknown, repin = false): string => {
  const { number, waits, policy, repinned } = PolicyAnswer.parse(json);
  if (waits?.url !== undefined)
    return `put to the vote as ${waits.change} under the policy in force: ${waits.url}${repin ? '\nopen changes keep their rules: once it is in force, adopt it again with --repin' : ''}`;
  if (repin) return `policy, version ${number}: ${repinned ?? 0} open changes are judged by it from now on`;
  const waiting =
    waits === null || waits === undefined ? '' : `\n${waits.change} waits for approval: it would replace this policy`;
  return number === null
    ? 'no policy yet: aldergate policy adopt FILE'
    : `policy, version ${number}\n${JSON.stringify(policy, null, 2)}${waiting}`;
};

const Explained = z.object({
  rule: z.string(),
  requirements: z.array(
    z.object({
      id: z.string(),
      bodyName: z.string(),
      instrument: z.string(),
      needed: z.number().nullable(),
      denominator: z.number().nullable(),
      quorum: z.number().nullable(),
      after: z.array(z.string()),
      deadline: z.string().nullable(),
    }),
  ),
  alarms: z.array(z.object({ requirement: z.string(), detail: z.string() })),
});

const requirementText = ({
  id,
  bodyName,
  instrument,
  needed,
  denominator,
  quorum,
  after,
  deadline,
}: z.infer<typeof Explained>['requirements'][number]): string => {
  const parts = [
    `${bodyName} by ${instrument}`,
    ...(needed === null ? [] : [`${needed} yes of ${denominator ?? needed}`]),
    ...(quorum === null ? [] : [`quorum ${quorum}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(' and ')}`]),
    ...(deadline === null ? [] : [`within ${deadline}`]),
  ];
  return `  ${id}: ${parts.join(', ')}`;
};

/** Commands for the roster and the policy. */
export const rulesCommands: readonly Command[] = [
  {
    usage: 'roster set FILE',
    does: 'who holds which seat; the first is adopted, a later one waits for confirmation',
    run: async (args, _options, { apiClient }) => {
      const json = await apiClient().send('PUT', '/v1/roster', readJson(argument(args, 0, 'FILE')));
      return { json, text: rosterText(json) };
    },
  },
  {
    usage: 'roster list',
    does: 'the bodies, their seats and who holds them',
    run: async (_args, _options, { apiClient }) => {
      const json = await apiClient().get('/v1/roster');
      return { json, text: rosterText(json) };
    },
  },
  {
    usage: 'roster objections',
    does: 'who objected to a proposed roster, and the digest of each reason, for withhold --roster',
    run: async (_args, _options, { apiClient }) => {
      const json = await apiClient().get('/v1/roster/objections');
      return { json, text: objectionsText(json) };
    },
  },
  {
    usage: 'policy adopt FILE [--repin] [--document KIND=FILE]',
    does: 'the first policy comes into force; a later one is put to the vote. The one in force with --repin: open changes are judged by it, and their decisions are void',
    takes: { repin: 'boolean', document: 'string' },
    run: async (args, options, { apiClient }) => {
      const policy = readJson(argument(args, 0, 'FILE'));
      const [, kind, path] = /^([^=]+)=(.+)$/.exec(optionalOption(options, 'document') ?? '') ?? [];
      if (options.document !== undefined && path === undefined) throw new WrongUsage('--document is KIND=FILE');
      const json = await apiClient().send('POST', '/v1/policy', {
        policy,
        ...(options.repin === true && { repin: true }),
      });
      const change = changeNamed(PolicyAnswer.parse(json).waits?.change ?? '');
      if (kind !== undefined && path !== undefined && change !== undefined)
        await apiClient().send('POST', documentsPath(change), documentFrom(kind, path));
      return { json, text: policyText(json, options.repin === true) };
    },
  },
  {
    usage: 'policy show [--at T]',
    does: 'the policy in force, now or then',
    takes: { at: 'string' },
    run: async (_args, options, { apiClient }) => {
      const json = await apiClient().get(withQuery('/v1/policy', options, ['at']));
      return { json, text: policyText(json) };
    },
  },
  {
    usage: 'policy explain KEY [--kind K] [--impact I,…]',
    does: 'who would have to approve a change of this feature, and why',
    takes: { kind: 'string', impact: 'string' },
    run: async (args, options, { apiClient }) => {
      const key = argument(args, 0, 'KEY');
      const json = await apiClient().get(withQuery('/v1/policy/explain', { ...options, key }, ['key', 'kind', 'impact']));
      const { rule, requirements, alarms } = Explained.parse(json);
      const lines = requirements.map(requirementText);
      return {
        json,
        text: [
          `${key}: rule ${rule}`,
          ...lines,
          ...alarms.map(({ requirement, detail }) => `  ! ${requirement}: ${detail}`),
        ].join('\n'),
      };
    },
  },
];
