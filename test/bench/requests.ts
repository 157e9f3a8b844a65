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

/**
 * Makes signed notices (Standard Webhooks `v1`), each of another feature and with another id. `name` differs from round to round.
 */
export const signedNotices = (vendor: string, secret: string, name: string, count: number): readonly Uint8Array[] => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return Array.from({ length: count }, (_, index) => {
    const id = `msg-${name}-${index}`;
    const body = noticeOf(`${vendor}.f-${name}-${index}`);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    return post('/v1/notices', headers, body);
  });
};
