import { createHmac } from 'node:crypto';
import { ASKED } from './register.ts';

const post = (path: string, headers: Readonly<Record<string, string>>, body: string): Uint8Array => {
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
};

/** Returns a notice of a new feature as its vendor sends it, signed `v1`. */
export const signedNotice = (feature: string, secret: string, id: string, ms = Date.now()) => {
  const timestamp = String(Math.floor(ms / 1_000));
  const body = JSON.stringify({
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
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  return { headers: { 'content-type': 'application/json', ...headers }, body };
};

/** Makes signed notices of new features, of one vendor after the other, as the limits of one would refuse them. `name`: of the round. */
export const signedNotices = (
  secrets: Readonly<Record<string, string>>,
  name: string,
  count: number,
): readonly { readonly feature: string; readonly bytes: Uint8Array }[] => {
  const vendors = Object.entries(secrets);
  return Array.from({ length: count }, (_, index) => {
    const [vendor, secret] = vendors[index % vendors.length] ?? ['', ''];
    const feature = `${vendor}.n-${name}-${index}`;
    const { headers, body } = signedNotice(feature, secret, `msg-${name}-${index}`);
    return { feature, bytes: post('/v1/notices', headers, body) };
  });
};

/** Returns the request of one evaluation. */
export const evaluation = (token: string, key: string = ASKED) => {
  const path = `/ofrep/v1/evaluate/flags/${key}`;
  const body = JSON.stringify({ context: { targetingKey: 'unit-7', agency: 'police' } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { path, body, headers, bytes: post(path, headers, body) };
};
