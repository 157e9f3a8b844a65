import fc from 'fast-check';
import { expect, test } from 'vitest';
import { observationStream, placeOfObservation } from '../../../domain/observation/decide.ts';
import { Source } from '../../../domain/observation/events.ts';
import { STREAM_BYTES_MAX } from '../../../functions/platform/store/record.ts';

const source = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom('@audit', '/', '..', '%40x', 'a/b', 'ñ', '🚓'.repeat(60), 'Señal 中文', "it's (new)"),
  )
  .filter((text) => Source.safeParse(text).success);

test('every source has a stream of its own at each vendor, apart from what is attested', () => {
  fc.assert(
    fc.property(source, source, fc.boolean(), fc.boolean(), (one, other, attested, otherAttested) => {
      const stream = observationStream('acme', one, attested);
      expect(placeOfObservation(stream)).toStrictEqual({ vendor: 'acme', source: one, attested });
      expect(stream).toMatch(/^observation\/acme\/[!-~]+$/);
      expect(Buffer.byteLength(stream)).toBeLessThanOrEqual(STREAM_BYTES_MAX);
      const same = one === other && attested === otherAttested;
      expect(observationStream('acme', other, otherAttested) === stream).toBe(same);
    }),
  );
});

test.each([
  'observation/acme',
  'observation/acme/',
  'observation/acme/@',
  'observation/acme/a/b',
  'observation/acme/a b',
  'observation/acme/%61',
  'observation/acme/%2',
  'observation/acme/%e4',
  'observation/acme/%c3%b1',
  'observation/acme/@@a',
  'observation/Acme/a',
  'observation/aldergate/a',
  'feature/acme/a',
  'observation/acme/%0A',
])('%s is no place of a report', (stream) => {
  expect(placeOfObservation(stream)).toBeUndefined();
});
