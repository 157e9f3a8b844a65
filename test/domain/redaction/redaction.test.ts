import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import {
  type DiscloseText,
  hidingAt,
  type Place,
  placeName,
  RedactionState,
  redactionDecider,
  type WithholdText,
} from '../../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { given as from } from '../../support/given.ts';
import { day } from '../feature/support.ts';

const redactions = {
  decider: redactionDecider,
  parseEvent: (json: unknown) => RedactionEvent.parse(json),
  parseState: (json: JsonValue) => RedactionState.parse(json),
};
const given = (...past: readonly RedactionEvent[]) => from(redactions, ...past);

const commitment = `sha256:${'a'.repeat(64)}`;
const CHANGE: Place = { key: 'acme', change: 1, revision: null };
const SECOND: Place = { ...CHANGE, revision: 2 };
const OTHER: Place = { key: 'other', change: 7, revision: null };
const about = { what: 'document', stream: 'feature/acme', version: 3, everywhere: false, reason: 'personal-data' } as const;
const order = { at: day(1), by: 'token:records', authority: 'Records Act', fileNumber: '26-7', commitment } as const;

const withhold = (over: Partial<WithholdText> = {}): WithholdText => ({
  type: 'withholdText',
  ...CHANGE,
  ...about,
  ...order,
  ...over,
});
const disclose = (over: Partial<DiscloseText> = {}): DiscloseText => ({ type: 'discloseText', ...CHANGE, ...order, ...over });
const withheld = (over: object = {}): RedactionEvent => ({ type: 'TextWithheld', v: 1, ...CHANGE, ...about, ...order, ...over });
const disclosed = (over: object = {}): RedactionEvent => ({ type: 'TextDisclosed', v: 1, ...CHANGE, ...order, ...over });

describe('to withhold what stands at a place', () => {
  test.each(['text', 'notice', 'document'] as const)('hides it: a %s', (what) =>
    given().when(withhold({ what })).then(withheld({ what })),
  );
  test('once', () => given(withheld()).when(withhold()).thenNothing());
  test('again, after it was shown', () => given(withheld(), disclosed()).when(withhold()).then(withheld()));
  test.each([
    ['one of its revisions', SECOND],
    ['another change', OTHER],
    ['another revision', { ...CHANGE, revision: 3 }],
  ])('at another place, too: %s', (_, place) => given(withheld()).when(withhold(place)).then(withheld(place)));
  test.each([
    ['for another reason', { reason: 'mistake' }],
    ['by another file', { fileNumber: '26-8' }],
    ['on another authority', { authority: 'A court' }],
    ['by another token', { by: 'token:other' }],
  ] as const)('%s takes over from the order in force, and nothing is shown in between', (_, over) => {
    given(withheld()).when(withhold(over)).then(withheld(over));
    given(withheld(), withheld(over)).when(disclose()).then(disclosed());
  });
  test('is extended to every place that has the same bytes, and not narrowed', () => {
    given(withheld())
      .when(withhold({ everywhere: true }))
      .then(withheld({ everywhere: true }));
    given(withheld({ everywhere: true }))
      .when(withhold())
      .thenRejected('already-redacted');
    given(withheld({ everywhere: true }))
      .when(withhold({ everywhere: true }))
      .thenNothing();
  });
});

describe('to show it again', () => {
  test('ends the order about the place', () => given(withheld()).when(disclose()).then(disclosed()));
  test('once', () => given(withheld(), disclosed()).when(disclose()).thenNothing());
  test('is refused where nothing is withheld', () => given().when(disclose()).thenRejected('nothing-withheld'));
  test('is refused at a place that an order about another covers: that order ends it', () => {
    given(withheld()).when(disclose(SECOND)).thenRejected('nothing-withheld');
    given(withheld({ everywhere: true }))
      .when(disclose(OTHER))
      .thenRejected('nothing-withheld');
  });
});

test.each([
  [[withheld()], ['acme/1', 'acme/1/2']],
  [[withheld(SECOND)], ['acme/1/2']],
  [[withheld({ everywhere: true })], ['acme/1', 'acme/1/2', 'other/7']],
  [[withheld(), withheld(OTHER), disclosed()], ['other/7']],
  [[withheld({ everywhere: true }), disclosed()], []],
])('%j hide what stands at %j', (past, hidden) => {
  const state = past.reduce(redactionDecider.evolve, redactionDecider.initialState);
  const places = [CHANGE, SECOND, OTHER].filter((place) => hidingAt(state, place) !== undefined);
  expect(places.map(placeName)).toStrictEqual(hidden);
});

test('an order about one feature hides nothing of another that has the same change number', () => {
  const state = redactionDecider.evolve([], withheld());
  expect(hidingAt(state, { key: 'other', change: 1, revision: null })).toBe(undefined);
  expect(hidingAt(state, { key: 'acme', change: 2, revision: null })).toBe(undefined);
});

test('an order that ends before one began cannot be in a store', () => {
  expect(() => redactionDecider.evolve([], disclosed())).toThrow('broken invariant');
});
