import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import {
  BODY_BYTES_MAX,
  type Commit,
  CorruptCommit,
  decodeCommit,
  encodeCommit,
  hashOf,
  ITEM_BYTES_MAX,
  NOTICE_BYTES_MAX,
  STATE_BYTES_MAX,
} from '../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';

const first: Commit = {
  stream: 'feature/flock.lpr',
  version: 1,
  id: 'c-1',
  commandId: 'notice/msg_1',
  at: '2026-04-01T00:00:00.000Z',
  actor: 'vendor:flock',
  prev: null,
  events: [{ type: 'ChangeNotified', v: 1, title: 'Suche nach Kennzeichen – größer' }],
};
const text = (commit: Commit) => new TextDecoder().decode(encodeCommit(commit));
const bytes = (json: string): Uint8Array => new TextEncoder().encode(json);

test('the bytes of a commit never change', () => {
  expect(text(first)).toBe(
    '{"actor":"vendor:flock","at":"2026-04-01T00:00:00.000Z","commandId":"notice/msg_1",' +
      '"events":[{"title":"Suche nach Kennzeichen – größer","type":"ChangeNotified","v":1}],' +
      '"id":"c-1","prev":null,"stream":"feature/flock.lpr","version":1}',
  );
  expect(hashOf(encodeCommit(first))).toBe('sha256:bb51ba1e13172531f63d23abb5a45146c03afea70d22a07d88ca3c00dfe2e706');
});

test('the second commit names the first by its hash', () => {
  const second: Commit = { ...first, version: 2, prev: hashOf(encodeCommit(first)) };
  expect(decodeCommit(encodeCommit(second))).toStrictEqual(second);
  expect(second.prev).toBe(digestOf(encodeCommit(first)));
});

test('property: decoding gives the commit back, encoding again the same bytes', () => {
  const event = fc.dictionary(
    fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer())),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), fc.string({ unit: 'binary', minLength: 1 }), (events, id) => {
      const commit: Commit = { ...first, id, events };
      const encoded = encodeCommit(commit);
      expect(decodeCommit(encoded)).toStrictEqual(commit);
      expect(encodeCommit(decodeCommit(encoded))).toStrictEqual(encoded);
    }),
  );
});

test('keys that look like numbers stand in the order of their text', () => {
  const numbered: Commit = { ...first, events: [{ 9: 'nine', 10: 'ten' }] };
  expect(text(numbered)).toContain('{"10":"ten","9":"nine"}');
  expect(decodeCommit(encodeCommit(numbered))).toStrictEqual(numbered);
});

test('a field that does not belong to a commit is not written', () => {
  expect(text({ ...first, extra: 1 } as Commit)).toBe(text(first));
});

describe('bytes that encodeCommit did not write are refused:', () => {
  const good = text(first);
  test.each<[string, string | RegExp, string]>([
    ['a space', ':', ': '],
    ['another order of keys within an event', '"type":"ChangeNotified","v":1', '"v":1,"type":"ChangeNotified"'],
    ['keys in the order of their numbers', '{"title"', '{"9":1,"10":2,"title"'],
    ['an escape that is not needed', 'vendor', '\\u0076endor'],
    ['a number written otherwise', '"version":1', '"version":1.0'],
    ['a key twice', '"id":"c-1"', '"id":"c-1","id":"c-1"'],
    ['an unknown field', '"version":1', '"version":1,"zeal":1'],
    ['a field missing', '"id":"c-1",', ''],
    ['a version of zero', '"version":1', '"version":0'],
    ['a broken version', '"version":1', '"version":1.5'],
    ['a version as text', '"version":1', '"version":"1"'],
    ['a second version without prev', '"version":1', '"version":2'],
    ['a first version with prev', '"prev":null', `"prev":"sha256:${'0'.repeat(64)}"`],
    ['an instant without milliseconds', '00.000Z', '00Z'],
    ['an instant with an offset', '00.000Z', '00.000+00:00'],
    ['an impossible date', '2026-04-01', '2026-02-30'],
    ['no events', /"events":\[.*?\]/, '"events":[]'],
    ['an event that is no object', /"events":\[.*?\]/, '"events":["a"]'],
    ['an event that is an array', /"events":\[.*?\]/, '"events":[[]]'],
    ['an event that is null', /"events":\[.*?\]/, '"events":[null]'],
    ['an empty stream', 'feature/flock.lpr', ''],
    ['an empty actor', 'vendor:flock', ''],
    ['an empty command id', 'notice/msg_1', ''],
    ['nesting too deep', '"v":1', `"v":${'['.repeat(40)}${']'.repeat(40)}`],
  ])('%s', (_, part, instead) => {
    const json = good.replace(part, instead);
    expect(json).not.toBe(good);
    expect(() => decodeCommit(bytes(json))).toThrow(CorruptCommit);
  });
  test.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', 'x'],
    ['a commit cut off', good.slice(0, -1)],
    ['a line break at the end', `${good}\n`],
    ['another order of keys', `{"version":1,${good.slice(1).replace(',"version":1}', '}')}`],
    ['an array', `[${good}]`],
    ['null', 'null'],
    ['a prev that is no digest', good.replace('"prev":null', '"prev":"abc"').replace('"version":1', '"version":2')],
  ])('%s', (_, json) => {
    expect(json).not.toBe(good);
    expect(() => decodeCommit(bytes(json))).toThrow(CorruptCommit);
  });

  test.each([
    ['{', 'the commit ends where'],
    ['{"at":{"at":1,"at":1}}', '/at/at '],
  ])('with the place at fault: %s', (text, said) => expect(() => decodeCommit(new TextEncoder().encode(text))).toThrow(said));

  test('any single byte altered is either refused or another commit with another hash', () => {
    const original = encodeCommit(first);
    for (let index = 0; index < original.length; index += 1) {
      const altered = Uint8Array.from(original);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(hashOf(altered)).not.toBe(hashOf(original));
      try {
        expect(encodeCommit(decodeCommit(altered))).toStrictEqual(altered);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptCommit);
      }
    }
  });
});

describe('a commit that could not be read back is not written:', () => {
  test.each<[string, Commit]>([
    ['version 0', { ...first, version: 0 }],
    ['prev in version 1', { ...first, prev: hashOf(bytes('')) }],
    ['no prev in version 2', { ...first, version: 2 }],
    ['no events', { ...first, events: [] }],
    ['a local time', { ...first, at: '2026-04-01T00:00:00' }],
    ['a number too large', { ...first, events: [{ count: 2 ** 53 }] }],
    ['undefined', { ...first, events: [{ count: undefined } as unknown as JsonObject] }],
    ['a lone surrogate', { ...first, events: [{ title: '\ud800' }] }],
    ['a __proto__ key', { ...first, events: [JSON.parse('{"__proto__":1}') as JsonObject] }],
  ])('%s', (_, commit) => {
    expect(() => encodeCommit(commit)).toThrow();
  });
});

/** C2SP tlog-tiles: an entry's length is an unsigned 16-bit number. */
const LOG_ENTRY_BYTES_MAX = 65_535;
/** DynamoDB, "Service, account, and table quotas": item size, names included. */
const DYNAMODB_ITEM_BYTES_MAX = 400 * 1024;

test('a commit fits into a log entry', () => {
  expect(BODY_BYTES_MAX).toBeLessThan(LOG_ENTRY_BYTES_MAX);
});

test('a body, a state and a notice fit together into an item, and an item into DynamoDB', () => {
  expect(BODY_BYTES_MAX + STATE_BYTES_MAX + NOTICE_BYTES_MAX).toBeLessThan(ITEM_BYTES_MAX);
  expect(ITEM_BYTES_MAX).toBeLessThan(DYNAMODB_ITEM_BYTES_MAX);
});
