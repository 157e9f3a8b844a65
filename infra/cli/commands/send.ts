import { createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { askOver } from '../apiClient.ts';
import { readBytes } from '../files.ts';
import { argument, type Command, optionalOption, requiredOption, WrongUsage } from '../usage.ts';

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
