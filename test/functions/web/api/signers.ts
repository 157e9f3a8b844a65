import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

type Signed = Readonly<Record<string, string>>;

/** One who signs notices: headers for the exact bytes, at the time of the world's clock. */
export interface Signer {
  readonly headers: (body: string | Uint8Array, id?: string, at?: string) => Signed;
}

const signedHeaders = (id: string, at: string, signature: string): Signed => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(Date.parse(at) / 1000)),
  'webhook-signature': signature,
});

export const ed25519Signer = (now: () => string): Signer & { readonly publicKey: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    publicKey: `whpk_${raw.toString('base64')}`,
    headers: (body, id = `msg_${randomUUID()}`, at = now()) => {
      const content = Buffer.concat([Buffer.from(`${id}.${Math.floor(Date.parse(at) / 1000)}.`), Buffer.from(body)]);
      return signedHeaders(id, at, `v1a,${sign(null, content, privateKey).toString('base64')}`);
    },
  };
};

export const hmacSigner = (now: () => string, secret: string): Signer => ({
  headers: (body, id = `msg_${randomUUID()}`, at = now()) =>
    signedHeaders(
      id,
      at,
      new Webhook(secret).sign(id, new Date(at), typeof body === 'string' ? body : Buffer.from(body).toString()),
    ),
});
