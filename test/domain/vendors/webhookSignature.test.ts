import { expect, test } from 'vitest';
import { readHeaders } from '../../../domain/vendors/webhookSignature.ts';

const NOW_MS = 1_775_000_000_000;

const read = (signature: string) => {
  const headers: Record<string, string> = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW_MS / 1000),
    'webhook-signature': signature,
  };
  const found = readHeaders((name) => headers[name], NOW_MS);
  return found.ok ? found.headers.signatures.map(({ scheme, bytes }) => `${scheme} ${bytes.toString('hex')}`) : found.fault;
};

test('only signatures of known schemes count, in the one base64 that their bytes have', () => {
  expect(read('v1,QQ== v1a,QUI=')).toStrictEqual(['v1 41', 'v1a 4142']);
  for (const none of ['v1,', 'v1', 'v2,QQ==', 'v1,QR==', 'v1,QQ', 'v1,Q-==', 'v1,QQ==,QQ=='])
    expect(read(none), none).toStrictEqual([]);
});
