import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import {
  type ConfirmDisposal,
  type DiscloseText,
  type RequestDisposal,
  redactionDecider,
  type WithholdText,
} from '../../../domain/redaction/decide.ts';
import { disposalName } from '../../../domain/redaction/disposal.ts';
import { type DisposalRequested, RedactionEvent } from '../../../domain/redaction/events.ts';
import { RedactionState } from '../../../domain/redaction/state.ts';
import { softwareKey } from '../../support/authenticator.ts';
import { roster } from '../../support/fixtures/city.ts';
import { given as from } from '../../support/given.ts';
import { day } from '../feature/support.ts';
import { disposalWithKey, GATE } from '../judge/forger.ts';

const redactions = {
  decider: redactionDecider,
  parseEvent: (json: unknown) => RedactionEvent.parse(json),
  parseState: (json: JsonValue) => RedactionState.parse(json),
};
const given = (...past: readonly RedactionEvent[]) => from(redactions, ...past);

const commitment = `sha256:${'a'.repeat(64)}`;
const place = {
  what: 'text',
  stream: 'feature/acme',
  version: 3,
  key: 'acme',
  change: 1,
  commitment,
  reason: 'personal-data',
} as const;
const order = { at: day(1), by: 'token:records', authority: 'Records Act', fileNumber: '26-7' } as const;
const confirmer = { holder: 'clerk', body: 'clerk', seat: 'clerk' };

const withhold = (over: Partial<WithholdText> = {}): WithholdText => ({ type: 'withholdText', ...place, ...order, ...over });
const disclose = (over: Partial<DiscloseText> = {}): DiscloseText => ({ type: 'discloseText', commitment, ...order, ...over });
const ask = (over: Partial<RequestDisposal> = {}): RequestDisposal => ({
  type: 'requestDisposal',
  ...place,
  ...order,
  person: 'mayor',
  ...over,
});
const withheld: RedactionEvent = { type: 'TextWithheld', v: 1, ...place, ...order };
const disclosed: RedactionEvent = { type: 'TextDisclosed', v: 1, commitment, ...order };
const asked: DisposalRequested = { type: 'DisposalRequested', v: 1, ...place, ...order, person: 'mayor' };
const request = disposalName(asked);
const confirm = (over: Partial<ConfirmDisposal> = {}): ConfirmDisposal => ({
  type: 'confirmDisposal',
  at: day(2),
  request,
  ...confirmer,
  when: localMoment(day(2), 'UTC'),
  roster: { number: 4, roster: roster() },
  handovers: [],
  passkeyAsked: false,
  ...over,
});
const disposed: RedactionEvent = { type: 'TextDisposed', v: 1, at: day(2), commitment, request, ...confirmer, roster: 4 };

describe('to withhold a text', () => {
  test('hides it', () => given().when(withhold()).then(withheld));
  test('once', () => given(withheld).when(withhold()).thenNothing());
  test('again, after it was shown', () => given(withheld, disclosed).when(withhold()).then(withheld));
  test.each([
    ['for another reason', { reason: 'mistake' }],
    ['by another file', { fileNumber: '26-8' }],
    ['on another authority', { authority: 'A court' }],
    ['by another token', { by: 'token:other' }],
  ] as const)('is refused %s while an order is in force', (_, over) =>
    given(withheld).when(withhold(over)).thenRejected('already-redacted'),
  );
  test('is refused while a disposal waits', () => given(asked).when(withhold()).thenRejected('already-redacted'));
  test('is refused once it is gone', () => given(asked, disposed).when(withhold()).thenRejected('already-redacted'));
});

describe('to show a text again', () => {
  test('ends the withholding', () => given(withheld).when(disclose()).then(disclosed));
  test('ends a disposal that waits', () => given(asked).when(disclose()).then(disclosed));
  test('once', () => given(withheld, disclosed).when(disclose()).thenNothing());
  test('is refused where nothing is withheld', () => given().when(disclose()).thenRejected('nothing-withheld'));
  test('is refused once it is gone', () => given(asked, disposed).when(disclose()).thenRejected('already-redacted'));
});

describe('to ask for the disposal of a text', () => {
  test('hides it and destroys nothing', () => given().when(ask()).then(asked));
  test('of a withheld one', () => given(withheld).when(ask()).then(asked));
  test('by a credential that names no person', () =>
    given()
      .when(ask({ person: null }))
      .then({ ...asked, person: null }));
  test('once', () => given(asked).when(ask()).thenNothing());
  test('is refused by another order while one waits', () =>
    given(asked)
      .when(ask({ fileNumber: '26-8' }))
      .thenRejected('already-redacted'));
  test('is refused for another reason while one waits', () =>
    given(asked)
      .when(ask({ reason: 'mistake' }))
      .thenRejected('already-redacted'));
});

describe('a raw notice or a document', () => {
  test.each(['notice', 'document'] as const)('is withheld: a %s', (what) =>
    given()
      .when(withhold({ what }))
      .then({ ...withheld, what }),
  );
  test.each(['notice', 'document'] as const)('is not disposed of, withheld or not: a %s', (what) => {
    given().when(ask({ what })).thenRejected('not-disposable');
    given({ ...withheld, what })
      .when(ask({ what }))
      .thenRejected('not-disposable');
  });
});

describe('to confirm a disposal', () => {
  test('ends the text', () => given(asked).when(confirm()).then(disposed));
  test('as the deputy', () =>
    given(asked)
      .when(confirm({ holder: 'deputy-clerk', seat: 'deputy-clerk' }))
      .then({ ...disposed, holder: 'deputy-clerk', seat: 'deputy-clerk' }));
  test('once, by one clerk or two', () =>
    given(asked, disposed)
      .when(confirm({ holder: 'deputy-clerk', seat: 'deputy-clerk' }))
      .thenNothing());
  test('is refused to the person who asked', () =>
    given({ ...asked, person: 'clerk' })
      .when(confirm({ request: disposalName({ ...asked, person: 'clerk' }) }))
      .thenRejected('own-disposal'));
  test('is refused before anyone asked', () => given().when(confirm()).thenRejected('no-such-disposal'));
  test('is refused for a text that is only withheld', () => given(withheld).when(confirm()).thenRejected('no-such-disposal'));
  test('is refused once the text is shown again', () => given(asked, disclosed).when(confirm()).thenRejected('no-such-disposal'));
  test('is refused if another order took its place', () =>
    given(asked, disclosed, { ...asked, fileNumber: '26-8' })
      .when(confirm())
      .thenRejected('no-such-disposal'));
  test('is refused to a person who does not hold the seat', () =>
    given(asked)
      .when(confirm({ holder: 'mayor' }))
      .thenRejected('not-in-office'));
  test('is refused to an official who certifies for no body', () =>
    given(asked)
      .when(confirm({ holder: 'auditor', body: 'auditor', seat: 'auditor' }))
      .thenRejected('not-the-clerk'));
  test('is refused while the links of the clerk may go to somebody else', () =>
    given(asked)
      .when(confirm({ handovers: ['clerk'] }))
      .thenRejected('handover-pending'));
  test('is refused without a roster', () =>
    given(asked)
      .when(confirm({ roster: null }))
      .thenRejected('no-roster'));

  const key = softwareKey(GATE);
  const assertion = disposalWithKey({ request, ...confirmer }, day(2), key);
  test('is refused without the passkey that the policy asks for', () =>
    given(asked)
      .when(confirm({ passkeyAsked: true }))
      .thenRejected('passkey-required'));
  test('with a passkey over this very request', () =>
    given(asked)
      .when(confirm({ passkeyAsked: true, assertion }))
      .then({ ...disposed, assertion }));
  test('is refused with a passkey over another request', () =>
    given({ ...asked, fileNumber: '26-8' })
      .when(confirm({ request: disposalName({ ...asked, fileNumber: '26-8' }), assertion }))
      .thenRejected('passkey-refused'));
});

test('a confirmation without an order before it cannot be in a store', () => {
  expect(() => redactionDecider.evolve(null, disposed)).toThrow('broken invariant');
});
