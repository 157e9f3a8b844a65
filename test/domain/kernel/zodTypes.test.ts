import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import {
  BlockText,
  Digest,
  DurationText,
  FeatureKey,
  Instant,
  LineText,
  LocalDate,
  object,
  parseOnce,
  SafeUrl,
  Sha256Hex,
  safeParseOnce,
  strictObject,
} from '../../../domain/kernel/zodTypes.ts';

const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const s40 = 'a'.repeat(40);

const cases: readonly { name: string; type: z.ZodType<string>; good: readonly string[]; bad: readonly unknown[] }[] = [
  {
    name: 'Instant',
    type: Instant,
    good: ['2026-04-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    bad: [
      '2026-04-01T00:00:00Z',
      '2026-04-01T00:00:00.000+00:00',
      '2026-02-29T00:00:00.000Z',
      '2026-04-01T24:00:00.000Z',
      '2026-04-01T00:00:60.000Z',
      '2026-04-01t00:00:00.000z',
      '2026-04-01',
      '+012026-04-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z\n',
      0,
    ],
  },
  {
    name: 'LocalDate',
    type: LocalDate,
    good: ['2026-04-01', '2024-02-29'],
    bad: ['2026-02-29', '2026-4-1', '2026-13-01', '2026-04-31', '20260401', '', null],
  },
  {
    name: 'Sha256Hex',
    type: Sha256Hex,
    good: [hex],
    bad: [hex.toUpperCase(), hex.slice(1), `${hex}0`, `sha256:${hex}`, `${hex}\n`, ''],
  },
  {
    name: 'Digest',
    type: Digest,
    good: [`sha256:${hex}`],
    bad: [hex, `SHA256:${hex}`, `sha256:${hex.toUpperCase()}`, `sha256:${hex}0`, `sha512:${hex}`],
  },
  {
    name: 'FeatureKey',
    type: FeatureKey,
    good: ['flock', 'flock.lpr.freeform-search', 'a.b.c.d.e', s40, '-', '7'],
    bad: [
      '',
      '.',
      'flock.',
      '.flock',
      'flock..lpr',
      'a.b.c.d.e.f',
      `${s40}a`,
      'Flock',
      'flock/lpr',
      'flock lpr',
      'flock_lpr',
      'fl\u043eck',
      'flock\n',
      'flock.*',
    ],
  },
  { name: 'DurationText', type: DurationText, good: ['P7D', 'PT12H'], bad: ['', 'P', 'P1.5D', '-P1D', 'P101Y', 7] },
  {
    name: 'SafeUrl',
    type: SafeUrl,
    good: [
      'https://example.org',
      'http://example.org:8080/a/b?c=d&e=%20#f',
      'HTTPS://EXAMPLE.ORG/',
      'https://xn--mnchen-3ya.de/',
      'https://example.org/Übersicht?q=größe',
      'https://example.org/@user',
      'https://example.org?mail=a@b',
      'http://127.0.0.1:8787/x',
      'http://[::1]:8787/x',
      'https://example.org./',
      `https://example.org/${'a'.repeat(1980)}`,
    ],
    bad: [
      '',
      'example.org',
      '//example.org',
      '/path',
      'javascript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'ftp://example.org',
      'https:///example.org',
      ' https://example.org',
      'https://example.org ',
      'https://exa mple.org',
      'https://example.org/a b',
      'https://example.org/\nx',
      'https://user@example.org/',
      'https://user:pass@example.org/',
      'https://@example.org/',
      'https://example.org\\@evil.org/',
      'https://example.org\\evil',
      'https://münchen.de/',
      'https://ex\u0430mple.org/',
      'https://example\u3002org/',
      'https://example.org\uff0fevil.org/',
      'https://ex%61mple.org/',
      'https://exam_ple.org/',
      'https://-example.org/',
      'https://example.org:99999/',
      'https://example.org:/x\u202e',
      'https://example.org/\u202egpj.exe',
      'https://example.org/\u200b',
      'https://example.org/"onclick="x',
      'https://example.org/<script>',
      'https://example.org/`x`',
      'https://1.2.3.400/',
      'https://[::g]/',
      `https://example.org/${'a'.repeat(1981)}`,
      5,
    ],
  },
];

describe.each(cases)('$name', ({ type, good, bad }) => {
  test.each(good.map((value) => [value]))('takes %j', (value) => {
    expect(type.parse(value)).toBe(value);
  });
  test.each(bad.map((value) => [value]))('refuses %j', (value) => {
    expect(type.safeParse(value).success).toBe(false);
  });
});

const messages = (type: z.ZodType, value: unknown): readonly string[] =>
  type.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

test('reasons are sentences that go after the field’s name', () => {
  expect(messages(LineText(10), '')).toStrictEqual(['is blank']);
  expect(messages(LineText(10), 'a\u200b')).toStrictEqual(['has an invisible character (U+200B)']);
  expect(messages(LineText(10), 'elevenchars')).toStrictEqual(['is longer than 10 characters']);
  expect(messages(BlockText(10), 'a\0')).toStrictEqual(['has a control character (U+0000)']);
  expect(messages(SafeUrl, 'https://a:b@example.org/')).toStrictEqual(['has a user name or password in it']);
  expect(messages(SafeUrl, 'javascript:alert(1)')).toStrictEqual(['is not an http or https address']);
  expect(messages(Instant, 'now')).toStrictEqual(['is not an instant such as 2026-04-01T00:00:00.000Z']);
});

test('lengths count characters, not code units', () => {
  expect(LineText(3).parse('😀😀😀')).toBe('😀😀😀');
  expect(messages(LineText(3), '😀😀😀😀')).toStrictEqual(['is longer than 3 characters']);
  expect(messages(LineText(3), '😀😀ab')).toStrictEqual(['is longer than 3 characters']);
  expect(LineText(3).parse('abc')).toBe('abc');
});

test('a block may be empty, a line may not', () => {
  expect(BlockText(3).parse('')).toBe('');
  expect(LineText(3).safeParse('').success).toBe(false);
});

test('JSON Schema expresses what it can of them', () => {
  const schema = z.toJSONSchema(z.strictObject({ line: LineText(5), block: BlockText(9), url: SafeUrl.optional() }));
  expect(schema.properties).toStrictEqual({
    line: { type: 'string', minLength: 1, maxLength: 5 },
    block: { type: 'string', maxLength: 9 },
    url: { type: 'string', format: 'uri', maxLength: 2000, pattern: '^[Hh][Tt][Tt][Pp][Ss]?://' },
  });
  expect(schema.required).toStrictEqual(['line', 'block']);
});

const fields = () => ({ id: z.string().min(1), seats: z.int().optional() });

test('the fields are made once, at the first use, whatever was derived before', () => {
  const made = vi.fn(fields);
  const schema = strictObject(made);
  const described = schema.meta({ description: 'a body' }).nullable();
  const list = z.array(schema);
  expect(made).not.toHaveBeenCalled();
  expect(described.parse(null)).toBeNull();
  expect(made).not.toHaveBeenCalled();
  expect(list.parse([{ id: 'council' }])).toEqual([{ id: 'council' }]);
  expect(described.parse({ id: 'council', seats: 13 })).toEqual({ id: 'council', seats: 13 });
  expect(schema.pick({ id: true }).safeParse({ id: '' }).success).toBe(false);
  expect(made).toHaveBeenCalledTimes(1);
});

const INPUTS = [{ id: 'a' }, { id: 'a', seats: 1 }, { id: 'a', more: 1 }, { id: '' }, { seats: 1 }, {}, [], 'a', null, undefined];

test.each([
  { name: 'strict', ours: strictObject(fields), zods: z.strictObject(fields()) },
  { name: 'lax', ours: object(fields), zods: z.object(fields()) },
])('a $name object reads and describes what the schema of Zod does', ({ ours, zods }) => {
  for (const input of INPUTS) {
    const [mine, theirs] = [ours.safeParse(input), zods.safeParse(input)];
    expect(mine.data).toEqual(theirs.data);
    expect(mine.error?.issues).toEqual(theirs.error?.issues);
  }
  expect(z.toJSONSchema(ours)).toEqual(z.toJSONSchema(zods));
  expect(z.toJSONSchema(ours.extend({ name: z.string() }))).toEqual(z.toJSONSchema(zods.extend({ name: z.string() })));
  expect(Object.keys(ours.shape)).toEqual(['id', 'seats']);
});

const Counted = z.strictObject({ n: z.int() });

test('an object is parsed once by each schema, and another object with the same content for itself', () => {
  const Other = z.looseObject({});
  const [counted, other] = [vi.spyOn(Counted, 'safeParse'), vi.spyOn(Other, 'safeParse')];
  const json = { n: 1 };
  expect(safeParseOnce(Counted, json)).toEqual({ success: true, data: { n: 1 } });
  expect(parseOnce(Counted, json)).toBe(safeParseOnce(Counted, json).data);
  expect(parseOnce(Other, json)).toEqual({ n: 1 });
  expect([counted.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
  parseOnce(Counted, { n: 1 });
  expect(counted).toHaveBeenCalledTimes(2);
});

test('what a schema refuses is refused each time', () => {
  const json = { n: 1.5 };
  for (let time = 0; time < 2; time += 1) {
    expect(safeParseOnce(Counted, json).success).toBe(false);
    expect(() => parseOnce(Counted, json)).toThrow(z.ZodError);
  }
});
