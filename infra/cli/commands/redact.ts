import * as z from 'zod';
import { REDACTION_REASONS } from '../../../domain/redaction/events.ts';
import { argument, type Command, requiredOption } from '../usage.ts';

const Redacted = z.object({ at: z.string(), key: z.string(), change: z.number(), reason: z.string() });

/** Redacts an official's text permanently. */
export const redactCommand: Command = {
  words: 'redact',
  usage: `redact KEY COMMITMENT --reason ${REDACTION_REASONS.join('|')} --authority TEXT --file NUMBER`,
  does: 'takes the text of an official away for good; that it was done, and why, stands in the public log',
  takes: { reason: 'string', authority: 'string', file: 'string' },
  run: async (args, options, { apiClient }) => {
    const key = argument(args, 0, 'KEY');
    const json = await apiClient().send('POST', `/v1/features/${encodeURIComponent(key)}/redactions`, {
      commitment: argument(args, 1, 'COMMITMENT'),
      reason: requiredOption(options, 'reason'),
      authority: requiredOption(options, 'authority'),
      fileNumber: requiredOption(options, 'file'),
    });
    const { at, change, reason } = Redacted.parse(json);
    return { json, text: `the text in ${key}/${change} was redacted at ${at}: ${reason}` };
  },
};
