import { hash } from 'node:crypto';
import * as z from 'zod';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { CommandRefused } from '../../local/errors.ts';
import { readBytes, readJson } from '../files.ts';
import { type AnswerOf, argument, type Command, optionalOption, requiredOption } from '../usage.ts';

type Received = AnswerOf<'/v1/intake', 'POST'>;

const receivedText = ({ change, revision, status, url }: Received): string =>
  `${change}, revision ${revision}: ${status}\n${url}`;

/** Returns the delivery's id, derived from the call and the file: the same file entered twice is one notice. */
const deliveryId = (body: JsonValue): string => `cli-${hash('sha256', JSON.stringify(body)).slice(0, 32)}`;

const Inventory = z.array(z.json()).min(1);

/** Commands for notices that the city hears by another channel. */
export const noticeCommands: readonly Command[] = [
  {
    usage: 'notice FILE.json --channel C --heard-at T [--evidence FILE]',
    does: 'enters what the city heard of a change; shown with where it came from',
    takes: { channel: 'string', 'heard-at': 'string', evidence: 'string' },
    run: async (args, options, { apiClient }) => {
      const evidence = optionalOption(options, 'evidence');
      const body = {
        notice: readJson(argument(args, 0, 'FILE.json')),
        channel: requiredOption(options, 'channel'),
        heardAt: requiredOption(options, 'heard-at'),
        ...(evidence !== undefined && {
          evidence: {
            title: evidence.split('/').at(-1) ?? evidence,
            sha256: hash('sha256', readBytes(evidence)),
          },
        }),
      };
      const json = await apiClient().call('POST', '/v1/intake', { body, headers: { 'idempotency-key': deliveryId(body) } });
      return { json, text: receivedText(json) };
    },
  },
  {
    usage: 'inventory FILE.json',
    does: 'enters the features the city has today, each as a notice; a file is a list of notices',
    run: async (args, _options, { apiClient, progress }) => {
      const parsed = Inventory.safeParse(readJson(argument(args, 0, 'FILE.json')));
      if (!parsed.success) throw new CommandRefused('an inventory is a JSON list of notices');
      const notices = parsed.data as readonly JsonValue[];
      const shown = progress('inventory');
      const items: Received[] = [];
      for (const [index, notice] of notices.entries()) {
        const body = { notice, channel: 'inventory', heardAt: new Date().toISOString() };
        const headers = { 'idempotency-key': deliveryId(notice) };
        items.push(await apiClient().call('POST', '/v1/intake', { body, headers }));
        shown.tick(index + 1, notices.length);
      }
      shown.end();
      return { json: { items, next: null }, text: items.map(receivedText).join('\n') };
    },
  },
];
