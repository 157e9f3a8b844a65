import * as z from 'zod';
import { type ApiClient, argument, type Command, optionalOption } from '../usage.ts';

const query = (entries: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

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

/** Returns all items of a paged list. */
const allPages = async <T>(
  apiClient: ApiClient,
  path: string,
  page: z.ZodType<{ items: T[]; next: string | null }>,
): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const joined: string = `${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const read = page.parse(await apiClient.get(joined));
    items.push(...read.items);
    cursor = read.next;
  }
  return items;
};

/** Commands that report what is enabled, and why. */
export const askCommands: readonly Command[] = [
  {
    words: 'status',
    usage: 'status KEY [--at T] [--agency A]',
    does: 'whether a feature is enabled, now or then, and why; exit code 0 only if it is',
    takes: { at: 'string', agency: 'string' },
    run: async (args, options, { apiClient }) => {
      const key = argument(args, 0, 'KEY');
      const json = await apiClient().get(
        `/v1/features/${encodeURIComponent(key)}${query({ at: optionalOption(options, 'at'), agency: optionalOption(options, 'agency') })}`,
      );
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
    words: 'changes',
    usage: 'changes [--status S]',
    does: 'the changes vendors have proposed',
    takes: { status: 'string' },
    run: async (_args, options, { apiClient }) => {
      const items = await allPages(apiClient(), `/v1/changes${query({ status: optionalOption(options, 'status') })}`, Changes);
      const text = items.map(
        ({ change, status, title, closesAt }) =>
          `${change}  ${status}${closesAt === null ? '' : `, open until ${closesAt}`}${title === undefined ? '' : `  ${title}`}`,
      );
      return { json: { items, next: null }, text: text.length === 0 ? 'no change' : text.join('\n') };
    },
  },
  {
    words: 'history',
    usage: 'history KEY',
    does: 'what happened to a feature, in order',
    takes: {},
    run: async (args, _options, { apiClient }) => {
      const items = await allPages(apiClient(), `/v1/features/${encodeURIComponent(argument(args, 0, 'KEY'))}/history`, History);
      const text = items.map(historyLine);
      return { json: { items, next: null }, text: text.length === 0 ? 'nothing is known of this feature' : text.join('\n') };
    },
  },
];
