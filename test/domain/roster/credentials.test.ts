import { describe, expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { type ConfirmProposal, officerOf } from '../../../domain/roster/confirm.ts';
import {
  type CutOffLinks,
  type ResetPasskeys,
  type RosterCommand,
  rosterDecider,
  useLinks,
} from '../../../domain/roster/decide.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import {
  holdersWithNewAddress,
  initialRosterState,
  isCutOff,
  isRevoked,
  linksAfter,
  personLinks,
  RosterState,
  resetDigest,
  resetsOf,
} from '../../../domain/roster/state.ts';
import { council, policy, rule, signature } from '../../support/fixtures/city.ts';
import { day } from '../feature/support.ts';
import { by, cityRosterFile, inForce } from './cityRoster.ts';

const { decide, evolve } = rosterDecider;
const { at, state, clerk, mayor } = inForce;
const NOTHING = { ok: true, events: [] };
const early = { ...clerk, when: localMoment('2020-01-01T12:00:00.000Z', 'UTC') };
type By = ResetPasskeys['by'];

const reset = (holder: string, who: By, generation = 1, byTwo = false): ResetPasskeys => ({
  type: 'resetPasskeys',
  at,
  zone: 'UTC',
  holder,
  generation,
  by: who,
  byTwo,
});
const cutOff = (holder: string, who: By): CutOffLinks => ({
  type: 'cutOffLinks',
  at,
  holder,
  generation: 1,
  by: who,
  reissued: true,
});
const codeOf = (command: RosterCommand, from: RosterState = state): string | undefined => {
  const decided = decide(command, from);
  return decided.ok ? undefined : decided.rejection.code;
};
const run = (from: RosterState, ...commands: readonly RosterCommand[]) =>
  commands.reduce<RosterState>((now, command) => {
    const decided = decide(command, now);
    if (!decided.ok) throw new Error(decided.rejection.code);
    return decided.events.reduce(evolve, now);
  }, from);

const stranger = { ...clerk, holder: 'holder-mayor' };
// The same persons ask for both; `links`, `passkeys`: why each is refused.
test.each<[string, string, By, links: string | undefined, passkeys: string | undefined]>([
  ['the operator, anybody’s', 'holder-mayor', null, undefined, undefined],
  ['the clerk, a member’s of the council it certifies for', 'holder-district-3', clerk, undefined, undefined],
  ['the clerk, the clerk’s own', 'holder-clerk', clerk, undefined, 'own-change'],
  ['the clerk, the mayor’s, for whom the clerk does not certify', 'holder-mayor', clerk, 'not-the-clerk', undefined],
  ['the mayor, a member’s', 'holder-district-3', mayor, 'not-the-clerk', 'not-the-clerk'],
  ['somebody who does not hold that seat', 'holder-district-3', stranger, 'not-in-office', 'not-in-office'],
  ['the clerk before the term', 'holder-district-3', early, 'not-in-office', 'not-in-office'],
  ['the operator, nobody’s', 'holder-nobody', null, 'no-such-holder', 'no-such-holder'],
])('who may cut off links and ask to reset passkeys: %s', (_, holder, who, links, passkeys) => {
  expect([codeOf(cutOff(holder, who)), codeOf(reset(holder, who))]).toEqual([links, passkeys]);
});

test('links are cut off, passkeys reset at once by the operator, and by a clerk as a proposal', () => {
  /** Decides a command to one event, which survives its schema, and returns it and the state after it. */
  const done = (command: RosterCommand) => {
    const decided = decide(command, state);
    const [event, ...more] = decided.ok ? decided.events.map((each) => RosterEvent.parse(each)) : [];
    if (event === undefined || more.length > 0) throw new Error('not one event');
    return { event, after: RosterState.parse(evolve(state, event)) };
  };
  const officer = officerOf(clerk);
  const cut = done(cutOff('holder-district-3', clerk));
  const off = { holder: 'holder-district-3', generation: 1, by: officer, reissued: true };
  expect(cut.event).toEqual({ type: 'LinksCutOff', v: 1, at, ...off });
  expect(cut.after).toEqual({ ...state, links: { 'holder-district-3': { generation: 2, floor: 1 } } });
  const once = done(reset('holder-mayor', null));
  const subject = { holder: 'holder-mayor', generation: 1, by: null };
  expect(once.event).toEqual({ type: 'PasskeysReset', v: 1, at, ...subject });
  expect(once.after).toEqual({ ...state, resets: { 'holder-mayor': 1 } });
  const proposed = { sha256: resetDigest('holder-mayor', 1), subject: { ...subject, by: officer } };
  expect(done(reset('holder-mayor', clerk)).event).toEqual({ type: 'ProposalMade', v: 1, at, ...proposed });
});

test('nothing is cut off or reset without a roster, nor a colleague’s passkeys by a clerk of the same office', () => {
  for (const command of [cutOff('holder-mayor', null), reset('holder-mayor', null)])
    expect(codeOf(command, initialRosterState)).toBe('no-roster');
  const { bodies, holders } = cityRosterFile();
  const deputy = { id: 'holder-deputy', name: 'Deputy clerk', body: 'clerk', seat: 'deputy', from: '2023-07-17' };
  const roster = {
    bodies: { ...bodies, clerk: { name: 'City Clerk', seats: ['clerk', 'deputy'] } },
    holders: [...holders, { ...deputy, email: 'deputy@city.example', language: 'en' }],
  };
  const office = run(initialRosterState, { type: 'setRoster', at, zone: 'UTC', roster, salt: new Uint8Array(32) });
  expect([clerk, null].map((who) => codeOf(reset('holder-deputy', who), office))).toEqual(['own-change', undefined]);
});

test('the same reset again does nothing; the next one counts; a new roster keeps all of them', () => {
  const after = run(state, reset('holder-mayor', null));
  expect(decide(reset('holder-mayor', null), after)).toEqual(NOTHING);
  expect(decide(reset('holder-mayor', null, 2), after)).toMatchObject({ ok: true, events: [{ generation: 2 }] });
  if (after.inForce === null) throw new Error('no roster is in force');
  const { since: _, ...version } = after.inForce;
  const adopted = { type: 'RosterAdopted', v: 1, at, ...version, number: version.number + 1, by: 'confirmation' } as const;
  expect(evolve(after, adopted).resets).toEqual({ 'holder-mayor': 1 });
});

test('a person whose id is the name of something every object has was never reset, until they were', () => {
  const after = { ...initialRosterState, resets: { 'holder-clerk': 2 } };
  expect(resetsOf(after, 'holder-clerk')).toBe(2);
  for (const id of ['toString', 'constructor', 'valueOf', 'hasOwnProperty']) {
    const event = { type: 'PasskeysReset', v: 1, at, holder: id, generation: 1, by: null };
    expect([resetsOf(initialRosterState, id), resetsOf(after, id)]).toEqual([0, 0]);
    expect(resetsOf(evolve(after, RosterEvent.parse(event)), id)).toBe(1);
  }
});

describe('a reset under rules that ask for passkeys', () => {
  const confirm = (who: typeof clerk, more: Partial<ConfirmProposal> = {}): ConfirmProposal => ({
    type: 'confirmProposal',
    at,
    sha256: resetDigest('holder-mayor', 1),
    ...who,
    policy: policy(rule([council(), signature('mayor')])),
    ...more,
  });
  const asked = reset('holder-mayor', null, 1, true);
  const proposed = run(state, asked);
  const once = run(proposed, confirm(clerk));
  const member = { ...by('council', 'district-1'), when: clerk.when };

  test('the operator’s word resets nothing, and two persons of two bodies do', () => {
    for (const each of [proposed, once, run(once, confirm(clerk))]) expect(resetsOf(each, 'holder-mayor')).toBe(0);
    const settled = run(once, confirm(member));
    expect([resetsOf(settled, 'holder-mayor'), settled.proposal]).toEqual([1, null]);
    expect(decide(confirm(member), settled)).toEqual(NOTHING);
  });
  test('the holder concerned can be one, but only with a passkey that works', () =>
    expect(codeOf(confirm(mayor, { passkeyAsked: true }), once)).toBe('passkey-required'));
  test('the clerk replaces no other proposal; the operator does, and voids its confirmations', () => {
    expect(codeOf(reset('holder-district-3', clerk, 1, true), proposed)).toBe('proposal-waits');
    const other = run(once, reset('holder-district-3', null, 1, true));
    expect(resetsOf(run(other, asked, confirm(member)), 'holder-mayor')).toBe(0);
  });
  test('who held a seat until its date confirms a roster, and no reset', () => {
    const { inForce: version } = proposed;
    if (version === null) throw new Error('a roster is in force');
    const holders = version.roster.holders.map((holder) => ({ ...holder, to: '2026-01-31' }));
    const over = { ...proposed, inForce: { ...version, roster: { ...version.roster, holders } } };
    expect(codeOf(confirm(clerk), over)).toBe('not-in-office');
  });
  test('proposed again it is nothing while it waits, and afterwards another proposal', () => {
    expect(decide({ ...asked, at: '2026-04-20T08:59:59.999Z' }, proposed)).toEqual(NOTHING);
    const later = { ...asked, at: '2026-04-20T09:00:00.000Z' };
    expect(decide(later, proposed)).toMatchObject({ ok: true, events: [{ type: 'ProposalMade' }] });
  });
});

describe('a link of a person', () => {
  const cut = (generation: number, reissued = true): RosterEvent => {
    const of = { holder: 'mayor', generation, by: null, reissued };
    return { type: 'LinksCutOff', v: 1, at: day(1), ...of };
  };
  const used = (generation: number): RosterEvent => ({ type: 'LinksUsed', v: 1, at: day(2), holder: 'mayor', generation });
  const folded = (...events: readonly RosterEvent[]) => events.reduce(evolve, initialRosterState);
  const use = (from: RosterState, generation: number) =>
    useLinks({ type: 'useLinks', at: day(2), holder: 'mayor', generation }, from);

  test.each([
    [[], { generation: 1, floor: 1 }, false],
    [[cut(1)], { generation: 2, floor: 1 }, true],
    [[cut(1), used(2)], { generation: 2, floor: 2 }, false],
    [[cut(1), cut(2), used(2)], { generation: 3, floor: 2 }, true],
    [[cut(1, false)], { generation: 2, floor: 1, revoked: true }, true],
  ])('that was cut off is older than the newest and not below the floor, until a newer one is used: %#', (events, links, all) => {
    expect(personLinks(folded(...events), 'mayor')).toEqual(links);
    expect(isCutOff(personLinks(folded(...events), 'mayor'))).toBe(all);
  });
  test('that was revoked stays so until new ones are mailed or the address is another, also when a later one is used', () => {
    const revoked = folded(cut(1, false));
    expect(isRevoked(evolve(revoked, used(2)), 'mayor')).toBe(true);
    expect(isRevoked(evolve(revoked, cut(2)), 'mayor')).toBe(false);
    const before = { links: revoked.links, inForce: { contacts: { mayor: 'a' } } };
    expect(linksAfter(before, { contacts: { mayor: 'b' } }).links).toEqual({ mayor: { generation: 3, floor: 3 } });
  });
  test('is used once for each generation; an old one ends nothing, and one that was never made is not used', () => {
    expect(use(folded(cut(1)), 2)).toEqual({ ok: true, events: [used(2)] });
    expect(use(folded(cut(1), used(2)), 2)).toEqual(NOTHING);
    expect(use(folded(cut(1), cut(2), used(2)), 1)).toEqual(NOTHING);
    for (const generation of [1, 3]) expect(use(folded(cut(1)), generation)).toEqual(NOTHING);
  });
  test('ends with another address of its holder, and of no one else', () => {
    const before = { contacts: { mayor: 'sha256:a', clerk: 'sha256:b', auditor: 'sha256:c' } };
    const next = { contacts: { mayor: 'sha256:x', clerk: 'sha256:b' } };
    expect([holdersWithNewAddress(before, next), holdersWithNewAddress(null, next)]).toEqual([['mayor'], []]);
    const { links } = linksAfter({ inForce: before, links: { clerk: { generation: 2, floor: 1 } } }, next);
    expect(links).toEqual({ mayor: { generation: 2, floor: 2 }, clerk: { generation: 2, floor: 1 } });
  });
});
