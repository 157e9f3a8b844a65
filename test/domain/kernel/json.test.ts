import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { NOTICE_BYTES_MAX } from '../../../domain/kernel/commit.ts';
import { DEPTH_MAX, isReadable, type JsonValue, jsonFault, parseStrict, pointerOf } from '../../../domain/kernel/json.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const quoted = (...inside: number[]): Uint8Array => bytes(0x22, ...inside, 0x22);

describe('what is accepted', () => {
  test.each<[string, JsonValue]>([
    ['{}', {}],
    [' \t\r\n[ ] \n', []],
    ['"a"', 'a'],
    ['null', null],
    ['[true,false]', [true, false]],
    ['-0.5e-3', -0.0005],
    ['[0, -1, 10, 1E2, 1e+2, 0.0]', [0, -1, 10, 100, 100, 0]],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', -Number.MAX_SAFE_INTEGER],
    ['{"a":{"a":[{"a":1}]},"A":2}', { a: { a: [{ a: 1 }] }, A: 2 }],
    ['{"":1,"a:b":":","c{[\\"":"}]"}', { '': 1, 'a:b': ':', 'c{["': '}]' }],
    [String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t'],
    [String.raw`"\u00e9\u0000\uD83D\uDE00"`, 'é\0😀'],
    [String.raw`{"a":"\\u"}`, { a: '\\u' }],
    ['"é😀\u2028\u007f"', 'é😀\u2028\u007f'],
    ['{"constructor":1,"toString":2,"hasOwnProperty":3}', { constructor: 1, toString: 2, hasOwnProperty: 3 }],
  ])('%s', (text, value) => {
    expect(parseStrict(utf8(text))).toStrictEqual({ ok: true, value });
  });

  test('a byte-order mark within a text is a character like any other', () => {
    expect(parseStrict(utf8('"\uFEFF"'))).toStrictEqual({ ok: true, value: '\uFEFF' });
  });
});

describe('what is refused, with the pointer of the fault', () => {
  const syntax = 'is not valid JSON';
  const ends = 'ends where';
  const twice = 'is given twice';
  const proto = 'is not allowed as a key';
  const lone = 'has a lone surrogate';
  const large = 'is a number beyond';
  const number = 'is not a number as JSON writes it';
  const control = 'has an unescaped control character';
  const more = 'has more text after its end';

  test.each<[string, string, string]>([
    [' ', '', ends],
    ['{"a":1,"a":2}', '/a', twice],
    ['{"a":1,"\\u0061":2}', '/a', twice],
    ['{"b":[0,{"c/d":1,"e~f":{"g":1,"g":1}}]}', '/b/1/e~0f/g', twice],
    ['{"":1,"":1}', '/', twice],
    ['{"constructor":1,"constructor":1}', '/constructor', twice],
    ['{"__proto__":{"admin":true}}', '/__proto__', proto],
    ['{"a":[{"\\u005f_proto__":1}]}', '/a/0/__proto__', proto],
    ['{"a":"\\ud800"}', '/a', lone],
    ['{"a":"\\udc00\\ud800"}', '/a', lone],
    ['["\\ud83d\\u0041"]', '/0', lone],
    ['{"\\udead":1}', '', lone],
    ['1e400', '', large],
    ['[-1e400]', '/0', large],
    ['{"a":9007199254740992}', '/a', large],
    ['01', '', number],
    ['[1.]', '/0', number],
    ['1e+', '', number],
    ['+1', '', syntax],
    ['.5', '', syntax],
    ['1 2', '', more],
    ['{}\0', '', more],
    ['{}\u00a0', '', more],
    ['\u00a0{}', '', syntax],
    ['[1,]', '/1', syntax],
    ['[1 2]', '', syntax],
    ['[1', '', ends],
    ['[', '/0', ends],
    ['{"a" 1}', '/a', syntax],
    ['{"a":', '/a', ends],
    ['{"a":}', '/a', syntax],
    ['{"a":1', '', ends],
    ['{', '', ends],
    ['{"a":1 "b":2}', '', syntax],
    ['"a', '', ends],
    ['"a\\', '', ends],
    ['"a\nb"', '', control],
    ['["\t"]', '/0', control],
    ['{"\u0000":1}', '', control],
    ['"\\x41"', '', syntax],
    ['"\\\'"', '', syntax],
    ['"\\u12"', '', syntax],
    ['"\\u12g4"', '', syntax],
  ])('%j at %j: %s', (text, pointer, reason) => {
    const parsed = parseStrict(utf8(text));
    expect(parsed).toStrictEqual({ ok: false, pointer, detail: expect.stringContaining(reason) });
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', bytes(), 'is empty'],
    ['a byte-order mark', bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d), 'byte-order mark'],
    ['a cut-off character', quoted(0xc3), 'UTF-8'],
    ['an overlong slash', quoted(0xc0, 0xaf), 'UTF-8'],
    ['a raw surrogate', quoted(0xed, 0xa0, 0x80), 'UTF-8'],
    ['a code point above U+10FFFF', quoted(0xf4, 0x90, 0x80, 0x80), 'UTF-8'],
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'UTF-8'],
    ['UTF-16 without a mark', Buffer.from('{}', 'utf16le'), 'is not valid JSON'],
  ])('%s', (_, input, reason) => {
    expect(parseStrict(input)).toStrictEqual({ ok: false, pointer: '', detail: expect.stringContaining(reason) });
  });
});

describe('nesting', () => {
  const arrays = (levels: number): Uint8Array => utf8('['.repeat(levels) + ']'.repeat(levels));
  const objects = (levels: number): Uint8Array => utf8(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

  test('up to the limit is accepted', () => {
    expect(parseStrict(arrays(DEPTH_MAX)).ok).toBe(true);
    expect(parseStrict(objects(DEPTH_MAX)).ok).toBe(true);
    expect(parseStrict(utf8(`[${'[[]],'.repeat(100)}0]`)).ok).toBe(true);
  });

  test('one level more is refused where it begins', () => {
    expect(parseStrict(arrays(DEPTH_MAX + 1))).toStrictEqual({
      ok: false,
      pointer: '/0'.repeat(DEPTH_MAX),
      detail: 'is nested deeper than 32 levels',
    });
    expect(parseStrict(objects(DEPTH_MAX + 1))).toMatchObject({ ok: false, pointer: '/a'.repeat(DEPTH_MAX) });
  });

  test('what is written can be read again only within the same limits', () => {
    const nested = (levels: number, within: (inner: JsonValue) => JsonValue): JsonValue =>
      levels === 0 ? 1 : within(nested(levels - 1, within));
    for (const within of [(inner: JsonValue) => [0, inner], (inner: JsonValue) => ({ a: 0, b: inner })]) {
      expect(isReadable(nested(DEPTH_MAX, within))).toBe(true);
      expect(isReadable(nested(DEPTH_MAX + 1, within))).toBe(false);
      expect(isReadable(within(2 ** 53))).toBe(false);
    }
    expect(isReadable(JSON.parse('{"a":{"__proto__":1}}') as JsonValue)).toBe(false);
  });

  test('brackets inside strings do not nest', () => {
    expect(parseStrict(utf8(JSON.stringify({ '[[[[{"{{': '[[[{\\"{{'.repeat(50) }, null, 1))).ok).toBe(true);
  });
});

test('a refused key cannot reach the prototype of anything', () => {
  parseStrict(utf8('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['brackets', '['.repeat(NOTICE_BYTES_MAX), false],
  ['braces', '{"a":'.repeat(NOTICE_BYTES_MAX / 5), false],
  ['escapes', `"${'\\u0041'.repeat(NOTICE_BYTES_MAX / 6)}"`, true],
  ['backslashes', `"${'\\'.repeat(NOTICE_BYTES_MAX)}`, false],
  ['escaped quotes', `"${'\\"'.repeat(NOTICE_BYTES_MAX / 2)}"`, true],
  ['keys', `{${Array.from({ length: 5000 }, (_, key) => `"${key}":0`).join(',')}}`, true],
  ['spaces', `${' '.repeat(NOTICE_BYTES_MAX)}x`, false],
  ['digits', '1'.repeat(NOTICE_BYTES_MAX), false],
  ['a long fraction', `0.${'1'.repeat(NOTICE_BYTES_MAX)}`, true],
])('hostile input ends: %s', (_, text, ok) => {
  expect(parseStrict(utf8(text)).ok).toBe(ok);
});

test('pointers escape ~ and / (RFC 6901, section 5)', () => {
  expect(pointerOf([])).toBe('');
  expect(pointerOf(['foo', 0, '', 'a/b', 'm~n', '~1'])).toBe('/foo/0//a~1b/m~0n/~01');
});

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
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
      expect(parseStrict(encoded(JSON.stringify(value, null, 2)))).toStrictEqual(expected);
      expect(parseStrict(encoded(canonical(value as JsonValue)))).toStrictEqual(expected);
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
      const parsed = parseStrict(encoded(text));
      expect(parsed.ok).toBe(jsonFault(text, DEPTH_MAX) === undefined);
      if (parsed.ok) expect(parsed.value).toStrictEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.parse refuses is refused', () => {
  const readable = (text: string) => {
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
      expect(parseStrict(encoded(text)).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('bytes of any kind get an answer', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (input) => typeof parseStrict(input).ok === 'boolean'));
});
