import { NOON, notice } from '../world.ts';
import { into, json, type Row } from './row.ts';

const entry = (change: Readonly<Record<string, unknown>>): string =>
  json({ notice: notice(), channel: 'letter', heardAt: NOON, ...change });

const observed = (change: Readonly<Record<string, unknown>>): string =>
  json({ vendor: 'acme', source: 'export', observedAt: NOON, features: {}, ...change });

/** What a person or a program of the city enters: notices that came another way, observations. */
export const entered: readonly Row[] = [
  into('a notice that is none', '/v1/intake', entry({ notice: { title: 7 } }), 'invalid-input', '/notice/feature'),
  into(
    'an unknown field within',
    '/v1/intake',
    entry({ notice: notice({ approved: true }) }),
    'invalid-input',
    '/notice/approved',
  ),
  into('a blank channel', '/v1/intake', entry({ channel: ' ' }), 'invalid-input', '/channel'),
  into('a channel that claims a signature', '/v1/intake', entry({ channel: 'webhook' }), 'invalid-input', '/channel'),
  into('the same in disguise', '/v1/intake', entry({ channel: ' Webhook ' }), 'invalid-input', '/channel'),
  into('no day at all', '/v1/intake', entry({ heardAt: 'yesterday' }), 'invalid-input', '/heardAt'),
  into('a bad date within', '/v1/intake', entry({ notice: notice({ endsAt: 'soon' }) }), 'invalid-input', '/notice/endsAt'),
  into('evidence without a hash', '/v1/intake', entry({ evidence: { title: 'T' } }), 'invalid-input', '/evidence/sha256'),
  into(
    'evidence that is another',
    '/v1/intake',
    entry({ evidence: { sha256: '0'.repeat(64), content: 'AAAA' } }),
    'invalid-input',
    '/evidence/sha256',
  ),
  into(
    'the city’s own key',
    '/v1/intake',
    entry({ notice: notice({ feature: 'aldergate.policy' }) }),
    'invalid-input',
    '/notice/feature',
  ),
  { ...into('no token', '/v1/intake', entry({}), 'token-missing'), as: 'none' },
  { ...into('a token misspelt', '/v1/intake', entry({}), 'token-unknown'), headers: { authorization: 'Bearer ald_0' } },
  { ...into('another scheme', '/v1/intake', entry({}), 'token-unknown'), headers: { authorization: 'Basic YTpi' } },
  { ...into('plain text', '/v1/intake', 'x', 'unsupported-media-type'), headers: { 'content-type': 'text/plain' } },
  into('too large', '/v1/intake', ' '.repeat(192 * 1024 + 1), 'too-large'),
  into('a vendor with a look-alike', '/v1/observations', observed({ vendor: '\u0430cme' }), 'invalid-input', '/vendor'),
  into(
    'a value that is no boolean',
    '/v1/observations',
    observed({ features: { acme: 'on' } }),
    'invalid-input',
    '/features/acme',
  ),
  into('a key that is none', '/v1/observations', observed({ features: { 'ACME!': true } }), 'invalid-input', '/features/ACME!'),
  into(
    'another vendor’s key',
    '/v1/observations',
    observed({ features: { 'zeta.b': true } }),
    'invalid-input',
    '/features/zeta.b',
  ),
  into('a date for an instant', '/v1/observations', observed({ observedAt: '2026-03-02' }), 'invalid-input', '/observedAt'),
  into(
    'from the future',
    '/v1/observations',
    observed({ observedAt: '2027-01-01T00:00:00Z' }),
    'observed-in-future',
    '/observedAt',
  ),
];
