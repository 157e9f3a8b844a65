import { generateKeyPairSync, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { signatureOf } from '../cli/commands/send.ts';
import type { DemoClock } from './demoClock.ts';
import { type Answered, request, requestFor } from './http.ts';

const HeldNotice = z.object({
  change: z.string(),
  revision: z.number(),
  digest: z.string(),
  status: z.string(),
  missingAncestors: z.array(z.string()),
});
export type HeldNotice = z.infer<typeof HeldNotice>;

/** Makes a vendor's key pair for `v1a`, encoded as in Standard Webhooks. */
export const ed25519Keys = (): { readonly publicKey: string; readonly secret: string } => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const spelled = (prefix: string, key: string): string => `${prefix}_${Buffer.from(key, 'base64url').toString('base64')}`;
  return { publicKey: spelled('whpk', x), secret: spelled('whsk', d) };
};

/** A signed notice: its bytes and the headers with the signature. */
export interface SignedDelivery {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs the exact bytes of a notice with its vendor's key. */
export const signNotice = (clock: DemoClock, secret: string, body: Uint8Array): SignedDelivery => {
  const id = `msg_${randomUUID()}`;
  const timestamp = Math.floor(Date.parse(clock.now()) / 1000).toString();
  const signature = signatureOf(secret, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    },
  };
};

const bytes = ({ body }: SignedDelivery): Uint8Array<ArrayBuffer> => new Uint8Array(body);

/** Posts a delivery; throws unless it is accepted. */
export const deliver = async (url: string, delivery: SignedDelivery): Promise<HeldNotice> =>
  HeldNotice.parse(
    (await requestFor(202, 'POST', `${url}/v1/notices`, { body: bytes(delivery), headers: delivery.headers })).json,
  );

/** Posts a delivery and returns the response, whatever its status. */
export const tryToDeliver = (url: string, delivery: SignedDelivery): Promise<Answered> =>
  request('POST', `${url}/v1/notices`, { body: bytes(delivery), headers: delivery.headers });
