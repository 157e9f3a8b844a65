import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, commitmentOf, digestOf, SALT_BYTES } from '../../../domain/kernel/canonical.ts';
import { DEPTH_MAX, type JsonValue } from '../../../domain/kernel/json.ts';

const doubleOf = (hex: string) => Buffer.from(hex, 'hex').readDoubleBE();
const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);

test('RFC 8785, section 3.2.2: numbers, strings and literals', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonical(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('RFC 8785, section 3.2.3: keys are ordered by UTF-16 code units', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  expect(Object.values(JSON.parse(canonical(value)) as object)).toStrictEqual([
    'One',
    'Carriage Return',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af6', '1e+23'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555555', '333333333.3333333'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
])('RFC 8785, appendix B: the double %s is written %s', (hex, text) => {
  expect(canonical(doubleOf(hex))).toBe(text);
});

test.each<[string, JsonValue, string]>([
  ['an empty object', {}, '{}'],
  ['an empty array', [], '[]'],
  ['an empty key', { '': '' }, '{"":""}'],
  ['keys at each level', { b: [{ d: 1, c: 2 }], a: null }, '{"a":null,"b":[{"c":2,"d":1}]}'],
  ['keys that look like numbers', { '10': 1, '9': 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
  ['controls in lower-case hex, the short ones short', '\b\t\n\f\r\u0000\u001f\u007f', '"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f"'],
  ['line separators as they are', '\u2028\u2029', '"\u2028\u2029"'],
  ['a slash as it is', '</script>', '"</script>"'],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }) as JsonValue, '{"a":1}'],
])('%s', (_, value, text) => {
  expect(canonical(value)).toBe(text);
});

describe('what JSON cannot carry is a programmer’s error:', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['undefined in an object', { a: undefined }],
    ['undefined in an array', [undefined]],
    ['a hole', Object.assign([], { length: 1 })],
    ['NaN', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00'],
    ['a lone surrogate in a key', { '\ud800': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(1)],
  ])('%s', (_, value) => {
    expect(() => canonical(value as JsonValue)).toThrow(TypeError);
    expect(() => canonical(value as JsonValue)).toThrow(/JSON value$/);
  });

  test('nesting that could not be read back', () => {
    expect(canonical(nested(DEPTH_MAX))).toHaveLength(2 * DEPTH_MAX + 1);
    expect(() => canonical(nested(DEPTH_MAX + 1))).toThrow(RangeError);
    let objects: JsonValue = {};
    for (let level = 1; level < DEPTH_MAX; level += 1) objects = { a: objects };
    expect(canonical(objects)).toContain('{}');
    expect(() => canonical({ a: objects })).toThrow(RangeError);
  });

  test('a value that contains itself', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(() => canonical(value as JsonValue)).toThrow(RangeError);
  });
});

test('property: reading gives the same value, writing again the same text, whatever the order of the keys', () => {
  const json = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, shuffled(item)]),
    );
  };
  fc.assert(
    fc.property(json, (value) => {
      const text = canonical(value as JsonValue);
      const again = JSON.parse(text) as JsonValue;
      expect(canonical(again)).toBe(text);
      expect(canonical(shuffled(again) as JsonValue)).toBe(text);
      expect(JSON.stringify(again)).toHaveLength(JSON.stringify(value).length);
    }),
  );
});

test.each([
  ['', 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('FIPS 180-4: the digest of %j', (text, digest) => {
  expect(digestOf(text)).toBe(digest);
  expect(digestOf(new TextEncoder().encode(text))).toBe(digest);
});

test('text is hashed as UTF-8', () => {
  expect(digestOf('é')).toBe(digestOf(Uint8Array.of(0xc3, 0xa9)));
});

test('a commitment is the digest of the salt followed by the text', () => {
  const salt = new Uint8Array(SALT_BYTES).fill(7);
  expect(commitmentOf(salt, 'Too wide.')).toBe(digestOf(Buffer.concat([salt, Buffer.from('Too wide.')])));
  expect(commitmentOf(new Uint8Array(SALT_BYTES).fill(8), 'Too wide.')).not.toBe(commitmentOf(salt, 'Too wide.'));
});

test.each([0, 16, 31, 33])('a salt of %i bytes is refused: it could be opened as another text', (length) => {
  expect(() => commitmentOf(new Uint8Array(length), 'text')).toThrow(RangeError);
});
