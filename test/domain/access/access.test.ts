import { describe, test } from 'vitest';
import { AccessState, accessDecider } from '../../../domain/access/decide.ts';
import { AccessEvent, type AccessIssued, type PasskeyEnrolled } from '../../../domain/access/events.ts';
import { type SoftwareKey, softwareKey } from '../../support/authenticator.ts';
import { given as givenOf } from '../../support/given.ts';
import { GATE, leaveWithKey, newPasskey } from '../judge/forger.ts';

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

const revoke = { type: 'revoke', at: LATER } as const;
const revoked: AccessEvent = { type: 'AccessRevoked', v: 1, at: LATER };

describe.each<[string, AccessIssued['issued']]>([
  ['a token', { kind: 'token', name: 'it', scopes: ['state:read'], agencies: [], person: null, source: null }],
  ['a form', { kind: 'form', vendor: 'acme', expiresAt: LATER }],
])('%s', (_, what) => {
  const issue = { type: 'issue', at: NOON, issued: what } as const;
  const issued: AccessEvent = { type: 'AccessIssued', v: 1, at: NOON, issued: what };
  test('is issued once', () => given().when(issue).then(issued));
  test('is revoked, and then stays so', () => {
    given(issued).when(revoke).then(revoked);
    given(issued, revoked).when(revoke).thenNothing();
    given(issued, revoked).when(issue).thenNothing();
  });
});

test('what never was cannot be revoked', () => given().when(revoke).thenRejected('no-such-access'));

describe('passkeys of a person', () => {
  const [FIRST, NEXT] = [softwareKey(GATE), softwareKey(GATE)];
  const key = (made: SoftwareKey, by: PasskeyEnrolled['by'], generation = 0) => {
    return { at: NOON, ...newPasskey('mayor', made, generation), by };
  };
  const enrolled = (...args: Parameters<typeof key>): PasskeyEnrolled => ({ type: 'PasskeyEnrolled', v: 1, ...key(...args) });
  const first = enrolled(FIRST, 'link');
  const leave = (made: SoftwareKey, by: SoftwareKey) => leaveWithKey(newPasskey('mayor', made), NOON, by, NOON);
  const second: PasskeyEnrolled = { ...enrolled(NEXT, 'passkey'), assertion: leave(NEXT, FIRST) };
  const ordered = ({ type: _type, v: _v, ...event }: PasskeyEnrolled) => ({ type: 'enrolPasskey', ...event }) as const;

  test('a link enrols the first', () => given().when(ordered(first)).then(first));
  test('and no second one', () =>
    given(first)
      .when(ordered(enrolled(NEXT, 'link')))
      .thenRejected('needs-passkey'));
  test('a passkey lets another in, by its signature over all of it', () => given(first).when(ordered(second)).then(second));
  test('and none that does not exist: a first one needs a link', () =>
    given().when(ordered(second)).thenRejected('needs-passkey'));
  test.each([
    ['no signature', enrolled(NEXT, 'passkey')],
    ['its own signature', { ...second, assertion: leave(NEXT, NEXT) }],
    ['a signature for another key', { ...second, assertion: leave(softwareKey(GATE), FIRST) }],
    ['a signature for another encoding', { ...second, cose: 'AAAA' }],
    ['a signature for another person', { ...second, holder: 'clerk' }],
    [
      'a key that was enrolled otherwise',
      { ...second, assertion: { ...leave(NEXT, FIRST), enrolled: { at: LATER, by: 'link' } } },
    ],
    ['a signature that has expired', { ...second, at: LATER }],
  ] as const)('is not let in by %s', (_, event) => given(first).when(ordered(event)).thenRejected('passkey-refused'));
  test('the same again changes nothing; one credential has one key', () => {
    given(first).when(ordered(first)).thenNothing();
    given(first)
      .when(ordered({ ...second, credential: FIRST.id }))
      .thenRejected('key-of-another');
  });
  test('after a reset a link enrols the first again, and the ones before count no more', () => {
    const anew = enrolled(softwareKey(GATE), 'reset', 1);
    given(first, second).when(ordered(anew)).then(anew);
    given(anew).when(ordered(first)).thenRejected('needs-passkey');
  });
  test('an eleventh is refused', () => {
    const ten = [first, ...Array.from({ length: 9 }, () => enrolled(softwareKey(GATE), 'passkey'))];
    given(...ten)
      .when(ordered(second))
      .thenRejected('too-many-passkeys');
  });
  test('one is removed, the last is not', () => {
    const remove = { type: 'removePasskey', at: LATER, holder: 'mayor', credential: FIRST.id } as const;
    given(first, second).when(remove).then({ type: 'PasskeyRemoved', v: 1, at: LATER, holder: 'mayor', credential: FIRST.id });
    given(first).when(remove).thenRejected('last-passkey');
    given(second).when(remove).thenNothing();
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
