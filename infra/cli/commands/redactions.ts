import * as z from 'zod';
import { REDACTION_REASONS } from '../../../domain/redaction/events.ts';
import { argument, type Command, requiredOption } from '../usage.ts';

const Redaction = z.object({
  at: z.string(),
  what: z.string(),
  key: z.string().nullable(),
  change: z.number().nullable(),
  authority: z.string(),
  fileNumber: z.string(),
});

const REASONS = REDACTION_REASONS.join('|');
const order = { authority: 'string', file: 'string', roster: 'boolean' } as const;

/** Returns a command that gives an order about a text, a raw notice or a document. `done`: what came of it, in words. */
const orderCommand = (
  { action, does, done }: { readonly action: 'withhold' | 'disclose' | 'dispose'; readonly does: string; readonly done: string },
  hasReason: boolean,
): Command => ({
  usage: `${action} KEY|--roster COMMITMENT ${hasReason ? `--reason ${REASONS} ` : ''}--authority TEXT --file NUMBER`,
  does,
  takes: hasReason ? { ...order, reason: 'string' } : order,
  run: async (args, options, { apiClient }) => {
    const ofRoster = options.roster === true;
    const of = ofRoster ? 'roster' : `features/${encodeURIComponent(argument(args, 0, 'KEY'))}`;
    const json = await apiClient().send('POST', `/v1/${of}/redactions/${action}`, {
      commitment: argument(args, ofRoster ? 0 : 1, 'COMMITMENT'),
      ...(hasReason && { reason: requiredOption(options, 'reason') }),
      authority: requiredOption(options, 'authority'),
      fileNumber: requiredOption(options, 'file'),
    });
    const { at, what, key, change, authority, fileNumber } = Redaction.parse(json);
    const where = key === null ? 'the roster' : `${key}/${change}`;
    return { json, text: `the ${what} in ${where} is ${done} since ${at}, by ${authority}, file ${fileNumber}` };
  },
});

/** Orders about officials' texts, raw notices and documents. */
export const redactionCommands: readonly Command[] = [
  orderCommand(
    {
      action: 'withhold',
      does: 'stops showing a text, a raw notice or a document and keeps it; the order stands in the public log',
      done: 'withheld',
    },
    true,
  ),
  orderCommand({ action: 'disclose', does: 'shows again what is withheld', done: 'shown again' }, false),
  orderCommand(
    {
      action: 'dispose',
      does: 'asks for the end of a text: hidden at once, gone for good once a clerk confirms it by a mailed link',
      done: 'hidden, and waits for a clerk’s confirmation to be destroyed,',
    },
    true,
  ),
];
