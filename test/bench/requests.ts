import { createHmac } from 'node:crypto';

/** Returns the bytes of a POST request. */
export const post = (path: string, headers: Readonly<Record<string, string>>, body: string): Uint8Array => {
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
};

/** Returns a notice as a vendor sends it, of some 800 bytes. */
const noticeOf = (feature: string): string =>
  JSON.stringify({
    feature,
    kind: 'new-feature',
    title: 'FreeForm search for vehicles',
    summary: 'Officers can search camera images by typing a description in plain words.',
    description: 'Until now a search needed a plate or a make. '.repeat(6),
    version: '2026.3',
    effectiveAt: '2027-04-01T00:00:00Z',
    optOut: 'yes',
    impact: { purpose: 'changed', manner: 'changed', location: 'unchanged', dataTypes: 'unknown', sharing: 'unchanged' },
  });

/** Makes a notice of a feature, signed by a shared secret (Standard Webhooks `v1`). */
export const signedNotice = (feature: string, secret: string, id: string) => {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const body = noticeOf(feature);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  return { headers, body };
};

/** Makes signed notices, each of another feature and with another id. `name` differs from round to round. */
export const signedNotices = (vendor: string, secret: string, name: string, count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, index) => {
    const { headers, body } = signedNotice(`${vendor}.f-${name}-${index}`, secret, `msg-${name}-${index}`);
    return post('/v1/notices', headers, body);
  });
