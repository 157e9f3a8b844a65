import type { ProblemCode } from '../../../../../functions/web/http/problems.ts';
import { into, json, type Row } from './row.ts';

const VENDORS = '/v1/vendors';
const TOKENS = '/v1/tokens';
const ROSTER = '/v1/roster';
const POLICY = '/v1/policy';

const put = (row: Row): Row => ({ ...row, method: 'PUT' });
const asked = (name: string, path: string, code: ProblemCode, pointer?: string, method = 'GET'): Row => ({
  name,
  path,
  method,
  as: 'token',
  code,
  ...(pointer !== undefined && { pointer }),
});
const vendor = (change: Readonly<Record<string, unknown>>): string => json({ id: 'nova', name: 'Nova', ...change });
const token = (change: Readonly<Record<string, unknown>>): string => json({ name: 'it', scopes: ['state:read'], ...change });

/** What an operator sends to its own routes and gets refused. */
export const administered: readonly Row[] = [
  into('a vendor, no JSON', VENDORS, '{"id"', 'invalid-json'),
  into('a vendor, fields twice', VENDORS, '{"id":"a","id":"b","name":"n"}', 'invalid-json', '/id'),
  into('a vendor without a name', VENDORS, json({ id: 'nova' }), 'invalid-input', '/name'),
  into('a vendor whose id is a number', VENDORS, vendor({ id: 7 }), 'invalid-input', '/id'),
  into('a vendor with an id that is none', VENDORS, vendor({ id: 'No va!' }), 'invalid-input'),
  into('a vendor with an id longer than any stream', VENDORS, vendor({ id: 'x'.repeat(2_000) }), 'invalid-input', '/id'),
  into('a vendor with an unknown field', VENDORS, vendor({ admin: true }), 'invalid-input', '/admin'),
  into('a vendor of the city’s own name', VENDORS, vendor({ id: 'aldergate' }), 'invalid-input'),
  into('a vendor with a key that is none', VENDORS, vendor({ publicKey: 'whpk_AAAA' }), 'invalid-input'),
  { ...into('a vendor as a form', VENDORS, 'id=nova', 'unsupported-media-type'), headers: { 'content-type': 'text/plain' } },
  into('a vendor, too large', VENDORS, ' '.repeat(256 * 1024 + 1), 'too-large'),
  into('a key of nobody', `${VENDORS}/nobody/keys`, json({}), 'no-such-vendor'),
  {
    ...asked('a key of a vendor that there is not', `${VENDORS}/nobody/keys/k_1`, 'no-such-vendor', undefined, 'DELETE'),
    status: 404,
  },
  {
    ...asked(
      'a key of a vendor longer than any',
      `${VENDORS}/${'x'.repeat(2_000)}/keys/k_1`,
      'no-such-vendor',
      undefined,
      'DELETE',
    ),
    status: 404,
  },
  into('a token without scopes', TOKENS, token({ scopes: [] }), 'invalid-input', '/scopes'),
  into('a token with a scope that is none', TOKENS, token({ scopes: ['everything'] }), 'invalid-request', '/scopes'),
  into('a token whose name is a line', TOKENS, token({ name: 'a\nb' }), 'invalid-request', '/name'),
  into('a token for notices of nobody knows whom', TOKENS, token({ scopes: ['notice'] }), 'invalid-request', '/person'),
  into('a token of a stranger', TOKENS, token({ person: 'stranger' }), 'invalid-request', '/person'),
  into('a token of a person that is none', TOKENS, token({ person: 'a b' }), 'invalid-request', '/person'),
  into('a token for a blank agency', TOKENS, token({ agencies: [' '] }), 'invalid-request', '/agencies'),
  asked('a token of nobody', `${TOKENS}/0`, 'not-found', undefined, 'DELETE'),
  put(into('a roster that is a list', ROSTER, '[]', 'roster-refused')),
  put(into('a roster without bodies', ROSTER, json({ holders: [] }), 'roster-refused')),
  put(into('a roster, no JSON', ROSTER, '{', 'invalid-json')),
  put(into('a roster with __proto__', ROSTER, '{"__proto__":{"bodies":{}}}', 'invalid-json', '/__proto__')),
  into('a policy that is missing', POLICY, json({}), 'invalid-input', '/policy'),
  into('a policy that is a text', POLICY, json({ policy: 'yes' }), 'policy-refused'),
  into('a policy that nobody has to follow', POLICY, json({ policy: { name: 'N', version: '1', rules: [] } }), 'policy-refused'),
  into('a policy, repinned maybe', POLICY, json({ policy: {}, repin: 'maybe' }), 'invalid-input', '/repin'),
  asked('the policy of the future', `${POLICY}?at=2099-01-01T00:00:00Z`, 'future-instant', '/at'),
  asked('the policy of some day', `${POLICY}?at=someday`, 'invalid-request', '/at'),
  asked('an explanation of nothing', `${POLICY}/explain`, 'invalid-request', '/key'),
  asked('an explanation of a key that is none', `${POLICY}/explain?key=A`, 'invalid-request', '/key'),
  asked('an explanation of a kind that is none', `${POLICY}/explain?key=acme&kind=gift`, 'invalid-request', '/kind'),
  asked('an explanation of an impact that is none', `${POLICY}/explain?key=acme&impact=mood`, 'invalid-input', '/impact/0'),
  { ...asked('vendors, no token', VENDORS, 'token-missing'), as: 'none' },
  { ...asked('tokens, a token misspelt', TOKENS, 'token-unknown'), headers: { authorization: 'Bearer ald_0' } },
  asked('PUT of vendors', VENDORS, 'method-not-allowed', undefined, 'PUT'),
  asked('POST of an explanation', `${POLICY}/explain`, 'method-not-allowed', undefined, 'POST'),
];
