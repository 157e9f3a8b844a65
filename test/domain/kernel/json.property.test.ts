import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { DEPTH_MAX, type JsonValue, jsonFault, parseStrict } from '../../../domain/kernel/json.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' });
const exact = (value: unknown): boolean =>
  typeof value === 'number'
    ? Math.abs(value) <= Number.MAX_SAFE_INTEGER
    : typeof value !== 'object' ||
      value === null ||
      Object.entries(value).every(([key, item]) => key !== '__proto__' && exact(item));

test('every exact value is read as JSON.parse reads it, pretty or canonical', () => {
  fc.assert(
    fc.property(json.filter(exact), (value) => {
      const expected = { ok: true, value: JSON.parse(JSON.stringify(value)) };
      expect(parseStrict(utf8(JSON.stringify(value, null, 2)))).toStrictEqual(expected);
      expect(parseStrict(utf8(canonical(value as JsonValue)))).toStrictEqual(expected);
    }),
  );
});

const pieces = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '"a"',
  '"b"',
  '\\u0061',
  '\\ud800',
  ' ',
  '0',
  '-1',
  '1e400',
  '1.5',
  'null',
  'e',
  '__proto__',
  '"__proto__"',
  'é',
];
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''));
const almostJson = fc
  .tuple(
    json.map((value) => JSON.stringify(value)),
    fc.nat(),
    fc.nat({ max: 3 }),
    soup,
  )
  .map(([text, at, cut, insert]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + insert + text.slice(place + cut);
  });

test('the fast path and the search for faults never disagree, and JSON.parse reads all that is accepted', () => {
  fc.assert(
    fc.property(fc.oneof(soup, almostJson), (text) => {
      fc.pre(text.isWellFormed() && !text.startsWith('\uFEFF') && text !== '');
      const parsed = parseStrict(utf8(text));
      expect(parsed.ok).toBe(jsonFault(text, DEPTH_MAX) === undefined);
      if (parsed.ok) expect(parsed.value).toStrictEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.parse refuses is refused', () => {
  const readable = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.oneof(soup, almostJson), (text) => {
      fc.pre(!readable(text));
      expect(parseStrict(utf8(text)).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('bytes of any kind get an answer', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (input) => typeof parseStrict(input).ok === 'boolean'));
});
