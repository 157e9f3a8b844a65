import * as z from 'zod';
import { earliest } from '../../../domain/kernel/order.ts';
import { CommandRefused } from '../../local/errors.ts';
import { allPages } from '../apiClient.ts';
import { type AnswerOf, argument, type Command, listResult, optionalOption, REMOTE_OPTIONS } from '../usage.ts';

type HistoryItem = AnswerOf<'/v1/features/{key}/history', 'GET'>['items'][number];

const inWords = (type: string): string => type.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();

const historyLine = ({ version, at, type, actor, change, ...event }: HistoryItem): string => {
  const facts = ['decision', 'requirement', 'purpose', 'seat', 'fileNumber', 'revision', 'because', 'validUntil'].flatMap(
    (name) => (typeof event[name] === 'string' || typeof event[name] === 'number' ? [`${name} ${event[name]}`] : []),
  );
  const text = event.comment ?? event.reason;
  const redacted = z.object({ status: z.string(), at: z.string(), reason: z.string() }).safeParse(event.redacted).data;
  if (redacted !== undefined) facts.push(`text ${text} ${redacted.status} since ${redacted.at}: ${redacted.reason}`);
  else if (typeof text === 'string') facts.push(`text ${text}`);
  return `${at}  ${change.padEnd(12)}  ${inWords(type)} (${actor}, commit ${version})${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
};

export const askCommands: readonly Command[] = [
  {
    usage: 'status KEY [--at T] [--agency A]',
    does: 'whether a feature is enabled, now or then, and why; exit code 0 only if it is',
    takes: { at: 'string', agency: 'string', ...REMOTE_OPTIONS },
    run: async (args, options, { apiClient }) => {
      const key = argument(args, 0, 'KEY');
      const query = { at: optionalOption(options, 'at'), agency: optionalOption(options, 'agency') };
      const feature = await apiClient().call('GET', '/v1/features/{key}', { params: { key }, query });
      if (feature.key !== key) throw new CommandRefused(`the gate was asked for ${key} and answered for ${feature.key}`);
      const lines = [
        `${feature.key}: ${feature.enabled ? 'ON' : 'OFF'} (${feature.status}): ${feature.because}`,
        ...(feature.change === null ? [] : [`  change ${feature.change}`]),
        ...(feature.effectiveUntil === null ? [] : [`  until ${feature.effectiveUntil}`]),
        ...(feature.audience === null ? [] : [`  for ${feature.audience.join(', ') || 'no agency'}`]),
        ...feature.conditions.map((condition) => `  condition: ${condition}`),
      ];
      return { json: feature, text: lines.join('\n'), failed: !feature.enabled };
    },
  },
  {
    usage: 'changes [--status S]',
    does: 'the changes vendors have proposed',
    takes: { status: 'string', ...REMOTE_OPTIONS },
    run: async (_args, options, { apiClient }) => {
      const status = optionalOption(options, 'status');
      const items = await allPages((page) => apiClient().call('GET', '/v1/changes', { query: { status, ...page } }));
      return listResult(
        items,
        ({ change, status: is, notice, closesAt, requirements }) => {
          const open = is === 'pending' ? requirements.filter(({ status: stands }) => stands === 'open') : [];
          const until = earliest(closesAt, ...open.map(({ deadlineAt }) => deadlineAt));
          return `${change}  ${is}${until === null ? '' : `, open until ${until}`}  ${notice.title}`;
        },
        'no change',
      );
    },
  },
  {
    usage: 'history KEY',
    does: 'what happened to a feature, in order',
    takes: REMOTE_OPTIONS,
    run: async (args, _options, { apiClient }) => {
      const params = { key: argument(args, 0, 'KEY') };
      const items = await allPages((query) => apiClient().call('GET', '/v1/features/{key}/history', { params, query }));
      return listResult(items, historyLine, 'nothing is known of this feature');
    },
  },
];
