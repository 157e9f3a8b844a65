import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextReader, readContext } from '../../../../../functions/web/api/ofrep/context.ts';

const REPLACEMENT = '{"context":{"agency":"\uFFFD"}}';
/** The same, with a byte that no UTF-8 has where the other has a replacement character. */
const BROKEN = Buffer.from(REPLACEMENT.replace('\uFFFD', '\u00FF'), 'latin1');

const BODIES: readonly Uint8Array[] = [
  ...[
    '',
    '{}',
    '{"context":{}}',
    '{"context":{"agency":"police"}}',
    '{"context":{"agency":"police","version":"2"}}',
    '{ "context": {"agency":"police"} }',
    '{"context":{"agency":1}}',
    '{"context":{"agency":"a","agency":"b"}}',
    '{"context":[]}',
    '[]',
    '{',
    '{"context":{"agency":"ÿ"}}',
    REPLACEMENT,
    `{"context":{"targetingKey":"${'x'.repeat(2_000)}"}}`,
  ].map((text) => new TextEncoder().encode(text)),
  BROKEN,
];
const TYPES = ['application/json', 'application/json; charset=utf-8', 'application/json; charset=latin1', 'text/plain', null];

test('a context that was read before is what would be read now, whatever came in between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...TYPES), fc.constantFrom(...BODIES)), { maxLength: 40 }), (requests) => {
      const read = contextReader();
      for (const [type, body] of requests) expect(read(type, body)).toEqual(readContext(type, body));
    }),
  );
});
