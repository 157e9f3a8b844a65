import { describe, test } from 'vitest';
import { accessDecider } from '../../../domain/access/decide.ts';
import { AccessEvent, type PasskeyEnrolled } from '../../../domain/access/events.ts';
import { AccessState } from '../../../domain/access/state.ts';
import { given as givenOf } from '../../support/given.ts';

const NOON = '2026-03-02T12:00:00.000Z';
const LATER = '2026-03-03T12:00:00.000Z';

const given = (...past: readonly AccessEvent[]) =>
  givenOf(
    {
      decider: accessDecider,
      parseEvent: (json) => AccessEvent.parse(json),
      parseState: (json) => AccessState.parse(json),
    },
    ...past,
  );

const token = { at: NOON, name: 'it', scopes: ['state:read' as const], agencies: [], person: null };
const issued: AccessEvent = { type: 'TokenIssued', v: 1, ...token };
const revoked: AccessEvent = { type: 'TokenRevoked', v: 1, at: LATER };

describe('a token', () => {
  test('is issued once', () =>
    given()
      .when({ type: 'issueToken', ...token })
      .then(issued));
  test('is revoked, and then stays so', () => {
    given(issued).when({ type: 'revoke', at: LATER }).then(revoked);
    given(issued, revoked).when({ type: 'revoke', at: LATER }).thenNothing();
    given(issued, revoked)
      .when({ type: 'issueToken', ...token })
      .thenNothing();
  });
  test('that never was cannot be revoked', () => given().when({ type: 'revoke', at: LATER }).thenRejected('no-such-access'));
});

describe('a form', () => {
  const form = { at: NOON, vendor: 'acme', expiresAt: LATER };
  const made: AccessEvent = { type: 'FormIssued', v: 1, ...form };
  test('is issued once', () =>
    given()
      .when({ type: 'issueForm', ...form })
      .then(made));
  test('is revoked', () => given(made).when({ type: 'revoke', at: LATER }).then({ type: 'FormRevoked', v: 1, at: LATER }));
});

describe('passkeys of a person', () => {
  const key = (n: number, by: PasskeyEnrolled['by'] = 'passkey', generation = 0) => ({
    at: NOON,
    holder: 'mayor',
    generation,
    credential: `credential${String(n).padStart(2, '0')}`,
    algorithm: 'ES256' as const,
    publicKey: `publickey${String(n).padStart(3, '0')}`,
    cose: 'cosekey0',
    by,
  });
  const enrolled = (...args: Parameters<typeof key>): PasskeyEnrolled => ({ type: 'PasskeyEnrolled', v: 1, ...key(...args) });
  const ten = [enrolled(0, 'link'), ...Array.from({ length: 9 }, (_, n) => enrolled(n + 1))];

  test('a link enrols the first', () =>
    given()
      .when({ type: 'enrolPasskey', ...key(0, 'link') })
      .then(enrolled(0, 'link')));
  test('and no second one', () =>
    given(enrolled(0, 'link'))
      .when({ type: 'enrolPasskey', ...key(1, 'link') })
      .thenRejected('needs-passkey'));
  test('a passkey lets another in', () =>
    given(enrolled(0, 'link'))
      .when({ type: 'enrolPasskey', ...key(1) })
      .then(enrolled(1)));
  test('after a reset a link enrols the first again, and the ones before count no more', () => {
    given(enrolled(0, 'link'), enrolled(1))
      .when({ type: 'enrolPasskey', ...key(2, 'reset', 1) })
      .then(enrolled(2, 'reset', 1));
    given(enrolled(2, 'reset', 1))
      .when({ type: 'enrolPasskey', ...key(0, 'link', 0) })
      .thenRejected('needs-passkey');
  });
  test('an eleventh is refused', () =>
    given(...ten)
      .when({ type: 'enrolPasskey', ...key(11) })
      .thenRejected('too-many-passkeys'));
  test('one is removed, the last is not', () => {
    const remove = { type: 'removePasskey', at: LATER, holder: 'mayor', credential: 'credential00' } as const;
    given(enrolled(0, 'link'), enrolled(1))
      .when(remove)
      .then({ type: 'PasskeyRemoved', v: 1, at: LATER, holder: 'mayor', credential: 'credential00' });
    given(enrolled(0, 'link')).when(remove).thenRejected('last-passkey');
    given(enrolled(1)).when(remove).thenNothing();
  });
});

describe('a key', () => {
  const claim = { type: 'claimKey', at: NOON, holder: 'mayor' } as const;
  const claimed: AccessEvent = { type: 'KeyClaimed', v: 1, at: NOON, holder: 'mayor' };
  test('is one person’s', () => given().when(claim).then(claimed));
  test('and never another’s', () =>
    given(claimed)
      .when({ ...claim, holder: 'clerk' })
      .thenRejected('key-of-another'));
});
