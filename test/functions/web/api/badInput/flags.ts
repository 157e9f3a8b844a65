import { into, nested, type Row } from './row.ts';

const FLAG = '/ofrep/v1/evaluate/flags/acme';

/** What is asked of flags. */
export const flags: readonly Row[] = [
  into('no JSON', FLAG, '{"context"', 'invalid-json', '/context'),
  into('a context twice', FLAG, '{"context":{},"context":{}}', 'invalid-json', '/context'),
  into('__proto__', FLAG, '{"context":{"__proto__":{"agency":"x"}}}', 'invalid-json', '/context/__proto__'),
  into('a list', FLAG, '[]', 'invalid-input', ''),
  into('a context that is null', FLAG, '{"context":null}', 'invalid-input', '/context'),
  into('a context that is a text', FLAG, '{"context":"x"}', 'invalid-input', '/context'),
  into('an agency that is a list', FLAG, '{"context":{"agency":["x"]}}', 'invalid-input', '/context/agency'),
  into('a version that is a number', FLAG, '{"context":{"version":2}}', 'invalid-input', '/context/version'),
  { ...into('a form', FLAG, 'a=b', 'unsupported-media-type'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  into('too large', FLAG, ' '.repeat(64 * 1024 + 1), 'too-large'),
  { ...into('no token', FLAG, '{}', 'token-missing'), as: 'none' },
  into(
    'all flags: nesting',
    '/ofrep/v1/evaluate/flags',
    `{"context":${nested(33)}}`,
    'invalid-json',
    `/context${'/0'.repeat(31)}`,
  ),
];
