import { describe, expect, test } from 'vitest';
import { KEYS_MAX, type VendorCommand, VendorState, vendorDecider } from '../../../domain/vendors/decide.ts';
import { isValid, VendorEvent, type VendorKey } from '../../../domain/vendors/events.ts';
import { given as givenIn } from '../../support/given.ts';

const subject = { decider: vendorDecider, parseEvent: VendorEvent.parse, parseState: VendorState.parse };
type Past = readonly VendorEvent[];
const given = (...past: Past) => givenIn(subject, ...past);
const bring = (rows: readonly (readonly [what: string, past: Past, VendorCommand, events: Past])[]) =>
  test.each(rows)('%s', (_, past, command, [first, ...rest]) => {
    const when = given(...past).when(command);
    if (first === undefined) when.thenNothing();
    else when.then(first, ...rest);
  });

const monday = '2026-04-06T09:00:00.000Z';
const friday = '2026-04-10T09:00:00.000Z';
const nextMonday = '2026-04-13T09:00:00.000Z';

const publicKey = (byte: number) => `whpk_${Buffer.alloc(32, byte).toString('base64')}`;
const signing = (id: string, byte = id.length): VendorKey => ({ id, scheme: 'v1a', publicKey: publicKey(byte) });
const shared = (id: string): VendorKey => ({ id, scheme: 'v1' });

const vendorAdded: VendorEvent = { type: 'VendorAdded', v: 1, at: monday, vendor: 'flock', name: 'Flock Safety' };
const keyAdded = (key: VendorKey, at = monday): VendorEvent => ({ type: 'KeyAdded', v: 1, at, key });
const keyRetired = (key: string, validUntil: string, at = monday): VendorEvent => ({
  type: 'KeyRetired',
  v: 1,
  at,
  key,
  validUntil,
});

const addVendor = (edit: { vendor?: string; name?: string; key?: unknown } = {}): VendorCommand => ({
  type: 'addVendor',
  at: monday,
  vendor: 'flock',
  name: 'Flock Safety',
  ...edit,
  key: (edit.key ?? signing('old')) as VendorKey,
});
const rotateKey = (key: unknown, at = monday): VendorCommand => ({ type: 'rotateKey', at, key: key as VendorKey });
const retireKey = (keyId: string, at = monday): VendorCommand => ({ type: 'retireKey', at, keyId });

const flock = [vendorAdded, keyAdded(signing('old'))];
const rotated = [...flock, keyAdded(signing('newer')), keyRetired('old', nextMonday)];
const four = [vendorAdded, ...['a', 'bb', 'ccc', 'dddd'].map((id) => keyAdded(signing(id)))];

describe('adding a vendor', () => {
  const old = (fields: object) => ({ key: { id: 'old', ...fields } });
  const secret = publicKey(1).replace('whpk_', 'whsk_');
  bring([
    ['with a public key', [], addVendor(), flock],
    ['with a shared secret, not in the event', [], addVendor({ key: shared('old') }), [vendorAdded, keyAdded(shared('old'))]],
    ['twice is nothing', flock, addVendor(), []],
  ]);
  test.each([
    ['another name', { name: 'Flock' }],
    ['another key', { key: signing('new') }],
    ['another public part', { key: signing('old', 99) }],
    ['another scheme', { key: shared('old') }],
  ])('again with %s is refused', (_, edit) =>
    given(...flock)
      .when(addVendor(edit))
      .thenRejected('vendor-exists'),
  );
  test.each([
    ['the city’s own id', { vendor: 'aldergate' }, '/id'],
    ['a dotted id', { vendor: 'flock.lpr' }, '/id'],
    ['an id in capitals', { vendor: 'Flock' }, '/id'],
    ['an id with a look-alike', { vendor: 'flосk' }, '/id'],
    ['an empty id', { vendor: '' }, '/id'],
    ['a long id', { vendor: 'x'.repeat(41) }, '/id'],
    ['a blank name', { name: '  ' }, '/name'],
    ['a name of two scripts in one word', { name: 'Flосk' }, '/name'],
    ['a name that turns text round', { name: 'Flock\u202E' }, '/name'],
    ['a name of two lines', { name: 'Flock\nSafety' }, '/name'],
    ['a long name', { name: 'x'.repeat(201) }, '/name'],
    ['a v1a key without a public part', old({ scheme: 'v1a' }), '/publicKey'],
    ['a v1 key with a public part', old({ scheme: 'v1', publicKey: publicKey(1) }), '/publicKey'],
    ['a secret in place of a public key', old({ scheme: 'v1a', publicKey: secret }), '/publicKey'],
    ['31 bytes', old({ scheme: 'v1a', publicKey: `whpk_${Buffer.alloc(31).toString('base64')}` }), '/publicKey'],
    ['another form of base64', old({ scheme: 'v1a', publicKey: publicKey(0).replace('A=', 'B=') }), '/publicKey'],
    ['an unknown scheme', old({ scheme: 'v2' }), '/scheme'],
    ['a key id with a blank', { key: { id: 'o ld', scheme: 'v1' } }, '/id'],
  ])('refuses %s', (_, edit, pointer) => given().when(addVendor(edit)).thenRejected('invalid-input', pointer));
});

describe('rotating a key', () => {
  const later = keyRetired('newer', '2026-04-17T09:00:00.000Z', friday);
  const freed = [...four, ...['a', 'bb', 'ccc'].map((id) => keyRetired(id, nextMonday))];
  const fifth = [keyAdded(signing('fifth'), nextMonday), keyRetired('dddd', '2026-04-20T09:00:00.000Z', nextMonday)];
  bring([
    ['the old one stays valid for a week', flock, rotateKey(signing('newer')), rotated.slice(2)],
    ['to the one it has is nothing', flock, rotateKey(signing('old')), []],
    [
      'a week already begun is not prolonged',
      rotated,
      rotateKey(shared('third'), friday),
      [keyAdded(shared('third'), friday), later],
    ],
    ['a fifth is taken once one has run out', freed, rotateKey(signing('fifth'), nextMonday), fifth],
  ]);

  const retired = [...flock, keyRetired('old', monday)];
  test.each<[string, Past, VendorCommand, 'too-many-keys' | 'key-in-use' | 'invalid-input', string?]>([
    ['a fifth', four, rotateKey(signing('fifth'), friday), 'too-many-keys'],
    ['one that was retired', retired, rotateKey(signing('old'), friday), 'key-in-use'],
    [
      'one retired before another',
      [...retired, keyAdded(signing('newer'), friday)],
      rotateKey(signing('old'), friday),
      'key-in-use',
    ],
    [
      'the public part of one retired before another',
      [...retired, keyAdded(signing('newer'), friday)],
      rotateKey(signing('again', 3), friday),
      'key-in-use',
      '/publicKey',
    ],
    ['another under the same id', flock, rotateKey(signing('old', 99)), 'key-in-use'],
    ['the same under another id', flock, rotateKey(signing('other', 3)), 'key-in-use', '/publicKey'],
    ['a text that is not a key', flock, rotateKey({ id: 'new', scheme: 'v1a' }), 'invalid-input', '/publicKey'],
  ])('to %s is refused', (_, past, command, code, pointer) =>
    given(...past)
      .when(command)
      .thenRejected(code, pointer),
  );

  test('has an end, and the state stays small until then', () => {
    const many = Array.from({ length: 399 }, (_, index) => `${'k'.repeat(34)}-${index}`);
    const past = [...flock, ...many.flatMap((id, index) => [keyAdded(signing(id, index)), keyRetired(id, monday)])];
    const state = past.reduce(vendorDecider.evolve, vendorDecider.initialState);
    expect(four).toHaveLength(KEYS_MAX + 1);
    expect(JSON.stringify(state).length).toBeLessThan(32 * 1024);
    given(...past)
      .when(rotateKey(shared('one-more')))
      .thenRejected('too-many-keys');
  });
});

describe('retiring a key', () => {
  const gone = [...flock, keyRetired('old', monday)];
  bring([
    ['ends it at once', flock, retireKey('old', friday), [keyRetired('old', friday, friday)]],
    ['cuts its week short', rotated, retireKey('old', friday), [keyRetired('old', friday, friday)]],
    ['twice is nothing', gone, retireKey('old', friday), []],
    ['long after it was forgotten is nothing', [...gone, keyAdded(signing('newer'), friday)], retireKey('old', friday), []],
  ]);
});

test.each([
  [null, '2099-01-01T00:00:00.000Z', true],
  [nextMonday, '2026-04-13T08:59:59.999Z', true],
  [nextMonday, nextMonday, false],
])('a key that ends at %s counts at %s: %s', (validUntil, at, counts) => expect(isValid({ validUntil }, at)).toBe(counts));
