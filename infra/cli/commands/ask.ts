import * as z from 'zod';
import { allPages, withQuery } from '../apiClient.ts';
import { argument, type Command } from '../usage.ts';

const Feature = z.object({
  key: z.string(),
  enabled: z.boolean(),
  status: z.string(),
  because: z.string(),
  change: z.string().nullable(),
  validUntil: z.string().nullable(),
  audience: z.array(z.string()).nullable(),
  conditions: z.array(z.string()),
});
const Changes = z.object({
  items: z.array(
    z.object({ change: z.string(), status: z.string(), title: z.string().optional(), closesAt: z.string().nullable() }),
  ),
  next: z.string().nullable(),
});
const History = z.object({
  items: z.array(z.looseObject({ version: z.number(), at: z.string(), type: z.string(), actor: z.string(), change: z.string() })),
  next: z.string().nullable(),
});

/** Returns an event's type in words: `ChangeNotified` becomes `change notified`. */
const inWords = (type: string): string => type.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();

const historyLine = ({ version, at, type, actor, change, ...event }: z.infer<typeof History>['items'][number]): string => {
  const facts = ['decision', 'requirement', 'purpose', 'seat', 'fileNumber', 'revision', 'because', 'validUntil'].flatMap(
    (name) => (typeof event[name] === 'string' || typeof event[name] === 'number' ? [`${name} ${event[name]}`] : []),
  );
  const text = event.comment ?? event.reason;
  const redacted = z.object({ status: z.string(), at: z.string(), reason: z.string() }).safeParse(event.redacted).data;
  if (redacted !== undefined) facts.push(`text ${text} ${redacted.status} since ${redacted.at}: ${redacted.reason}`);
  else if (typeof text === 'string') facts.push(`text ${text}`);
  return `${at}  ${change.padEnd(12)}  ${inWords(type)} (${actor}, commit ${version})${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
};

/** Commands that report what is enabled, and why. */
export const askCommands: readonly Command[] = [
  {
    usage: 'status KEY [--at T] [--agency A]',
    does: 'whether a feature is enabled, now or then, and why; exit code 0 only if it is',
    takes: { at: 'string', agency: 'string' },
    run: async (args, options, { apiClient }) => {
      const key = argument(args, 0, 'KEY');
      const json = await apiClient().get(withQuery(`/v1/features/${encodeURIComponent(key)}`, options, ['at', 'agency']));
      const feature = Feature.parse(json);
      const lines = [
        `${feature.key}: ${feature.enabled ? 'ON' : 'OFF'} (${feature.status}): ${feature.because}`,
        ...(feature.change === null ? [] : [`  change ${feature.change}`]),
        ...(feature.validUntil === null ? [] : [`  until ${feature.validUntil}`]),
        ...(feature.audience === null ? [] : [`  for ${feature.audience.join(', ')}`]),
        ...feature.conditions.map((condition) => `  condition: ${condition}`),
      ];
      return { json, text: lines.join('\n'), failed: !feature.enabled };
    },
  },
  {
    usage: 'changes [--status S]',
    does: 'the changes vendors have proposed',
    takes: { status: 'string' },
    run: async (_args, options, { apiClient }) => {
      const items = await allPages(apiClient(), withQuery('/v1/changes', options, ['status']), Changes);
      const text = items.map(
        ({ change, status, title, closesAt }) =>
          `${change}  ${status}${closesAt === null ? '' : `, open until ${closesAt}`}${title === undefined ? '' : `  ${title}`}`,
      );
      return { json: { items, next: null }, text: text.length === 0 ? 'no change' : text.join('\n') };
    },
  },
  {
    usage: 'history KEY',
    does: 'what happened to a feature, in order',
    run: async (args, _options, { apiClient }) => {
      const items = await allPages(apiClient(), `/v1/features/${encodeURIComponent(argument(args, 0, 'KEY'))}/history`, History);
      const text = items.map(historyLine);
      return { json: { items, next: null }, text: text.length === 0 ? 'nothing is known of this feature' : text.join('\n') };
    },
  },
];
