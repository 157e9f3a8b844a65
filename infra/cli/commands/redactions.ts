import * as z from 'zod';
import { REDACTION_REASONS } from '../../../domain/redaction/events.ts';
import { argument, type Command, requiredOption } from '../usage.ts';

const Redaction = z.object({
  at: z.string(),
  key: z.string(),
  change: z.number(),
  authority: z.string(),
  fileNumber: z.string(),
});

const REASONS = REDACTION_REASONS.join('|');
const order = { authority: 'string', file: 'string' } as const;

/** Returns a command that gives an order about an official's text. `done`: what came of it, in words. */
const orderCommand = (
  { action, does, done }: { readonly action: 'withhold' | 'disclose' | 'dispose'; readonly does: string; readonly done: string },
  hasReason: boolean,
): Command => ({
  words: action,
  usage: `${action} KEY COMMITMENT ${hasReason ? `--reason ${REASONS} ` : ''}--authority TEXT --file NUMBER`,
  does,
  takes: hasReason ? { ...order, reason: 'string' } : order,
  run: async (args, options, { apiClient }) => {
    const key = argument(args, 0, 'KEY');
    const json = await apiClient().send('POST', `/v1/features/${encodeURIComponent(key)}/redactions/${action}`, {
      commitment: argument(args, 1, 'COMMITMENT'),
      ...(hasReason && { reason: requiredOption(options, 'reason') }),
      authority: requiredOption(options, 'authority'),
      fileNumber: requiredOption(options, 'file'),
    });
    const { at, change, authority, fileNumber } = Redaction.parse(json);
    return { json, text: `the text in ${key}/${change} is ${done} since ${at}, by ${authority}, file ${fileNumber}` };
  },
});

/** Orders about officials' texts. */
export const redactionCommands: readonly Command[] = [
  orderCommand(
    {
      action: 'withhold',
      does: 'stops showing the text of an official and keeps it; the order stands in the public log',
      done: 'withheld',
    },
    true,
  ),
  orderCommand({ action: 'disclose', does: 'shows a withheld text again', done: 'shown again' }, false),
  orderCommand(
    {
      action: 'dispose',
      does: 'asks for the end of a text: hidden at once, gone for good once a clerk confirms it by a mailed link',
      done: 'hidden, and waits for a clerk’s confirmation to be destroyed,',
    },
    true,
  ),
];
