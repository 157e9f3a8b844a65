import { createHmac, createPrivateKey, hash, randomUUID, sign } from 'node:crypto';
import * as z from 'zod';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { CommandRefused } from '../../local/errors.ts';
import { askOver } from '../apiClient.ts';
import { readBytes, readJson } from '../files.ts';
import { type AnswerOf, argument, type Command, optionalOption, requiredOption, WrongUsage } from '../usage.ts';

type Received = AnswerOf<'/v1/intake', 'POST'>;

const receivedText = ({ change, revision, status, url }: Received): string =>
  `${change}, revision ${revision}: ${status}\n${url}`;

/** Returns the delivery's id, derived from the call and the file: the same file entered twice is one notice. */
const deliveryId = (body: JsonValue): string => `cli-${hash('sha256', JSON.stringify(body)).slice(0, 32)}`;

const Inventory = z.array(z.json()).min(1);

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

const DEFAULT_URL = 'http://127.0.0.1:8787';
/** DER of a PKCS #8 Ed25519 private key up to its 32 bytes of seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Returns a Standard Webhooks signature: `whsec_` gives `v1` (HMAC-SHA256), `whsk_` gives `v1a` (Ed25519). */
export const signatureOf = (secret: string, signed: Uint8Array): string => {
  const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (secret.startsWith('whsec_')) return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  if (!secret.startsWith('whsk_') || key.length < 32) throw new WrongUsage('--secret is neither whsec_… nor whsk_…');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, key.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
  return `v1a,${sign(null, signed, privateKey).toString('base64')}`;
};

export const sendCommand: Command = {
  usage: 'send NOTICE.json --vendor ID --secret S [--url U]',
  does: "a vendor's reference sender: signs a notice and posts it",
  takes: { vendor: 'string', secret: 'string', url: 'string' },
  run: async (args, options) => {
    const body = readBytes(argument(args, 0, 'NOTICE.json'));
    requiredOption(options, 'vendor');
    const url = optionalOption(options, 'url') ?? DEFAULT_URL;
    const id = `msg_${randomUUID()}`;
    const timestamp = Math.floor(Date.now() / 1000).toString();
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(requiredOption(options, 'secret'), signed),
    };
    const json = await askOver(url, '/v1/notices', { method: 'POST', headers, body: new Uint8Array(body) });
    return { json, text: JSON.stringify(json, null, 2) };
  },
};
