import { describe, expect, test } from 'vitest';
import { KEYS_MAX, type VendorCommand, VendorState, vendorDecider } from '../../../domain/vendors/decide.ts';
import { isValid, VendorEvent, type VendorKey } from '../../../domain/vendors/events.ts';
import { given as givenIn } from '../../support/given.ts';

const subject = { decider: vendorDecider, parseEvent: VendorEvent.parse, parseState: VendorState.parse };
const given = (...past: readonly VendorEvent[]) => givenIn(subject, ...past);

const monday = '2026-04-06T09:00:00.000Z';
const friday = '2026-04-10T09:00:00.000Z';
const nextMonday = '2026-04-13T09:00:00.000Z';

const publicKey = (byte: number): string => `whpk_${Buffer.alloc(32, byte).toString('base64')}`;
const signing = (id: string, byte = id.length): VendorKey => ({ id, scheme: 'v1a', publicKey: publicKey(byte) });
const shared = (id: string): VendorKey => ({ id, scheme: 'v1' });

const vendorAdded = (name = 'Flock Safety'): VendorEvent => ({ type: 'VendorAdded', v: 1, at: monday, vendor: 'flock', name });
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

const flock = [vendorAdded(), keyAdded(signing('old'))];

describe('adding a vendor', () => {
  test('with a public key', () =>
    given()
      .when(addVendor())
      .then(vendorAdded(), keyAdded(signing('old'))));
  test('with a shared secret, which the event does not contain', () =>
    given()
      .when(addVendor({ key: shared('old') }))
      .then(vendorAdded(), keyAdded(shared('old'))));
  test('twice is nothing', () =>
    given(...flock)
      .when(addVendor())
      .thenNothing());
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
  ])('refuses %s', (_, edit, pointer) => given().when(addVendor(edit)).thenRejected('invalid-input', pointer));
  test.each([
    ['a v1a key without a public part', { id: 'old', scheme: 'v1a' }, '/publicKey'],
    ['a v1 key with a public part', { id: 'old', scheme: 'v1', publicKey: publicKey(1) }, '/publicKey'],
    [
      'a secret in place of a public key',
      { id: 'old', scheme: 'v1a', publicKey: publicKey(1).replace('whpk_', 'whsk_') },
      '/publicKey',
    ],
    [
      'a public key of 31 bytes',
      { id: 'old', scheme: 'v1a', publicKey: `whpk_${Buffer.alloc(31).toString('base64')}` },
      '/publicKey',
    ],
    [
      'a public key in another form of base64',
      { id: 'old', scheme: 'v1a', publicKey: publicKey(0).replace('A=', 'B=') },
      '/publicKey',
    ],
    ['an unknown scheme', { id: 'old', scheme: 'v2' }, '/scheme'],
    ['an id with a blank', { id: 'o ld', scheme: 'v1' }, '/id'],
  ])('refuses %s', (_, key, pointer) => given().when(addVendor({ key })).thenRejected('invalid-input', pointer));
});

describe('rotating a key', () => {
  test('the old key stays valid for a week', () =>
    given(...flock)
      .when(rotateKey(signing('newer')))
      .then(keyAdded(signing('newer')), keyRetired('old', nextMonday)));
  test('the key it has is nothing', () =>
    given(...flock)
      .when(rotateKey(signing('old')))
      .thenNothing());
  test('a week already begun is not prolonged', () =>
    given(...flock, keyAdded(signing('newer')), keyRetired('old', nextMonday))
      .when(rotateKey(shared('third'), friday))
      .then(keyAdded(shared('third'), friday), keyRetired('newer', '2026-04-17T09:00:00.000Z', friday)));
  test('a fifth key is refused', () => {
    const four = ['a', 'bb', 'ccc', 'dddd'].map((id) => keyAdded(signing(id)));
    expect(four).toHaveLength(KEYS_MAX);
    given(vendorAdded(), ...four)
      .when(rotateKey(signing('fifth'), friday))
      .thenRejected('too-many-keys');
  });
  test('and taken once one has run out', () => {
    const four = ['a', 'bb', 'ccc', 'dddd'].map((id) => keyAdded(signing(id)));
    given(vendorAdded(), ...four, ...['a', 'bb', 'ccc'].map((id) => keyRetired(id, nextMonday)))
      .when(rotateKey(signing('fifth'), nextMonday))
      .then(keyAdded(signing('fifth'), nextMonday), keyRetired('dddd', '2026-04-20T09:00:00.000Z', nextMonday));
  });
  test('a retired key never comes back', () => {
    const retired = [...flock, keyRetired('old', monday)];
    given(...retired)
      .when(rotateKey(signing('old'), friday))
      .thenRejected('key-in-use');
    given(...retired, keyAdded(signing('newer'), friday))
      .when(rotateKey(signing('old'), friday))
      .thenRejected('key-in-use');
  });
  test('an id is one key’s', () =>
    given(...flock)
      .when(rotateKey(signing('old', 99)))
      .thenRejected('key-in-use'));
  test('a public key has one id', () =>
    given(...flock)
      .when(rotateKey(signing('other', 3)))
      .thenRejected('key-in-use', '/publicKey'));
  test('to a text that is not a key is refused', () =>
    given(...flock)
      .when(rotateKey({ id: 'new', scheme: 'v1a' }))
      .thenRejected('invalid-input', '/publicKey'));
  test('has an end, and the state stays small until then', () => {
    const many = Array.from({ length: 399 }, (_, index) => `${'k'.repeat(34)}-${index}`).flatMap((id) => [
      keyAdded(shared(id)),
      keyRetired(id, monday),
    ]);
    const past = [...flock, ...many];
    const state = past.reduce(vendorDecider.evolve, vendorDecider.initialState);
    expect(JSON.stringify(state).length).toBeLessThan(32 * 1024);
    given(...past)
      .when(rotateKey(shared('one-more')))
      .thenRejected('too-many-keys');
  });
});

describe('retiring a key', () => {
  test('ends it at once', () =>
    given(...flock)
      .when(retireKey('old', friday))
      .then(keyRetired('old', friday, friday)));
  test('cuts its week short', () =>
    given(...flock, keyAdded(signing('newer')), keyRetired('old', nextMonday))
      .when(retireKey('old', friday))
      .then(keyRetired('old', friday, friday)));
  test('twice is nothing', () =>
    given(...flock, keyRetired('old', monday))
      .when(retireKey('old', friday))
      .thenNothing());
  test('long after it was forgotten is nothing', () =>
    given(...flock, keyRetired('old', monday), keyAdded(signing('newer'), friday))
      .when(retireKey('old', friday))
      .thenNothing());
});

test('a key counts until its end, exclusive', () => {
  expect(isValid({ validUntil: null }, '2099-01-01T00:00:00.000Z')).toBe(true);
  expect(isValid({ validUntil: nextMonday }, '2026-04-13T08:59:59.999Z')).toBe(true);
  expect(isValid({ validUntil: nextMonday }, nextMonday)).toBe(false);
});
