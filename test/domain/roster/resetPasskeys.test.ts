import { describe, expect, test } from 'vitest';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { type ConfirmProposal, officerOf } from '../../../domain/roster/confirm.ts';
import { type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import type { ResetPasskeys } from '../../../domain/roster/personCredentials.ts';
import { initialRosterState, RosterState, resetDigest, resetsOf } from '../../../domain/roster/state.ts';
import { council, policy, rule, signature } from '../../support/fixtures/city.ts';
import { cityRosterFile, inForce } from './cityRoster.ts';

const { at, state, clerk, mayor } = inForce;
const reset = (holder: string, by: ResetPasskeys['by'], generation = 1, byTwo = false): ResetPasskeys => ({
  type: 'resetPasskeys',
  at,
  zone: 'UTC',
  holder,
  generation,
  by,
  byTwo,
});

describe('who may reset whose passkeys, or propose it', () => {
  test.each<[string, string, ResetPasskeys['by'], string | undefined]>([
    ['the operator, anybody’s', 'holder-clerk', null, undefined],
    ['the clerk, a member’s', 'holder-district-3', clerk, undefined],
    ['the clerk, the mayor’s', 'holder-mayor', clerk, undefined],
    ['the clerk, never their own', 'holder-clerk', clerk, 'own-change'],
    ['the mayor, nobody’s', 'holder-district-3', mayor, 'not-the-clerk'],
    ['somebody who does not hold that seat', 'holder-district-3', { ...clerk, holder: 'holder-mayor' }, 'not-in-office'],
    [
      'the clerk before its term',
      'holder-district-3',
      { ...clerk, when: localMoment('2020-01-01T12:00:00.000Z', 'UTC') },
      'not-in-office',
    ],
    ['nobody’s', 'holder-nobody', null, 'no-such-holder'],
  ])('%s', (_, holder, by, refused) => {
    const decided = rosterDecider.decide(reset(holder, by), state);
    if (refused !== undefined) return expect(decided).toMatchObject({ ok: false, rejection: { code: refused } });
    if (by !== null) {
      const sha256 = resetDigest(holder, 1);
      const event = { type: 'ProposalMade', v: 1, at, sha256, subject: { holder, generation: 1, by: officerOf(by) } };
      return expect(decided).toEqual({ ok: true, events: [event] });
    }
    const event = { type: 'PasskeysReset', v: 1, at, holder, generation: 1, by: null };
    expect(decided).toEqual({ ok: true, events: [event] });
    const after = rosterDecider.evolve(state, RosterEvent.parse(event));
    return expect(RosterState.parse(after)).toEqual({ ...state, resets: { [holder]: 1 } });
  });

  test('the clerk, not those of a colleague in the same office', () => {
    const { bodies, holders } = cityRosterFile();
    const deputy = { id: 'holder-deputy', name: 'Deputy clerk', body: 'clerk', seat: 'deputy', from: '2023-07-17' };
    const roster = {
      bodies: { ...bodies, clerk: { name: 'City Clerk', seats: ['clerk', 'deputy'] } },
      holders: [...holders, { ...deputy, email: 'deputy@city.example', language: 'en' }],
    };
    const command = { type: 'setRoster', at, zone: 'UTC', roster, salt: new Uint8Array(32) } as const;
    const adopted = rosterDecider.decide(command, initialRosterState);
    if (!adopted.ok) throw new Error(adopted.rejection.detail);
    const office = adopted.events.reduce(rosterDecider.evolve, initialRosterState);
    const refused = rosterDecider.decide(reset('holder-deputy', clerk), office);
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'own-change' } });
    expect(rosterDecider.decide(reset('holder-deputy', null), office)).toMatchObject({ ok: true });
  });

  test('is refused without a roster', () => {
    const decided = rosterDecider.decide(reset('holder-mayor', null), initialRosterState);
    expect(decided).toMatchObject({ ok: false, rejection: { code: 'no-roster' } });
  });
});

test('the same reset again does nothing; the next one counts; a new roster keeps all of them', () => {
  const once = rosterDecider.decide(reset('holder-mayor', null), state);
  const after = once.ok ? once.events.reduce(rosterDecider.evolve, state) : state;
  expect(rosterDecider.decide(reset('holder-mayor', null), after)).toEqual({ ok: true, events: [] });
  expect(rosterDecider.decide(reset('holder-mayor', null, 2), after)).toMatchObject({ ok: true, events: [{ generation: 2 }] });
  const { inForce } = after;
  if (inForce === null) throw new Error('no roster is in force');
  const { number, sha256, roster, contacts } = inForce;
  const adopted = { type: 'RosterAdopted', v: 1, at, number: number + 1, sha256, roster, contacts, by: 'confirmation' } as const;
  expect(rosterDecider.evolve(after, adopted).resets).toEqual({ 'holder-mayor': 1 });
});

describe('under rules that ask for passkeys', () => {
  const rules = policy(rule([council(), signature('mayor')]));
  const run = (from: RosterState, ...commands: readonly RosterCommand[]) =>
    commands.reduce<RosterState>((now, command) => {
      const decided = rosterDecider.decide(command, now);
      if (!decided.ok) throw new Error(decided.rejection.code);
      return decided.events.reduce(rosterDecider.evolve, now);
    }, from);
  const confirm = (who: typeof clerk, more: Partial<ConfirmProposal> = {}): ConfirmProposal => ({
    type: 'confirmProposal',
    at,
    sha256: resetDigest('holder-mayor', 1),
    ...who,
    policy: rules,
    ...more,
  });
  const proposed = run(state, reset('holder-mayor', null, 1, true));
  const member = { holder: 'holder-district-1', body: 'council', seat: 'district-1', when: clerk.when };

  test('the operator’s word resets nothing, and two persons of two bodies do', () => {
    expect(resetsOf(proposed, 'holder-mayor')).toBe(0);
    const once = run(proposed, confirm(clerk));
    expect(resetsOf(once, 'holder-mayor')).toBe(0);
    expect(resetsOf(run(once, confirm(clerk)), 'holder-mayor')).toBe(0);
    const done = run(once, confirm(member));
    expect([resetsOf(done, 'holder-mayor'), done.proposal]).toEqual([1, null]);
    expect(rosterDecider.decide(confirm(member), done)).toEqual({ ok: true, events: [] });
  });
  test('the holder concerned can be one, but only with a passkey that works', () => {
    const once = run(proposed, confirm(clerk));
    expect(rosterDecider.decide(confirm(mayor, { passkeyAsked: true }), once)).toMatchObject({
      ok: false,
      rejection: { code: 'passkey-required' },
    });
  });
  test('the clerk replaces no other proposal; the operator does, and voids its confirmations', () => {
    expect(rosterDecider.decide(reset('holder-district-3', clerk, 1, true), proposed)).toMatchObject({
      ok: false,
      rejection: { code: 'proposal-waits' },
    });
    const other = run(run(proposed, confirm(clerk)), reset('holder-district-3', null, 1, true));
    const again = run(other, reset('holder-mayor', null, 1, true), confirm(member));
    expect(resetsOf(again, 'holder-mayor')).toBe(0);
  });
  test('who held a seat until its date confirms a roster, and no reset', () => {
    const { inForce } = proposed;
    if (inForce === null) throw new Error('a roster is in force');
    const holders = inForce.roster.holders.map((holder) => ({ ...holder, to: '2026-01-31' }));
    const over = { ...proposed, inForce: { ...inForce, roster: { ...inForce.roster, holders } } };
    expect(rosterDecider.decide(confirm(clerk), over)).toMatchObject({ ok: false, rejection: { code: 'not-in-office' } });
  });
  test('proposed again it is nothing while it waits, and afterwards another proposal', () => {
    const again = { ...reset('holder-mayor', null, 1, true), at: '2026-04-20T08:59:59.999Z' };
    expect(rosterDecider.decide(again, proposed)).toEqual({ ok: true, events: [] });
    const later = { ...again, at: '2026-04-20T09:00:00.000Z' };
    expect(rosterDecider.decide(later, proposed)).toMatchObject({ ok: true, events: [{ type: 'ProposalMade' }] });
  });
});

test('a person whose id is the name of something every object has was never reset, until they were', () => {
  const after = { ...initialRosterState, resets: { 'holder-clerk': 2 } };
  expect([resetsOf(after, 'holder-clerk'), resetsOf(initialRosterState, 'toString')]).toEqual([2, 0]);
  for (const id of ['toString', 'constructor', 'valueOf', 'hasOwnProperty']) {
    const event = { type: 'PasskeysReset', v: 1, at, holder: id, generation: 1, by: null };
    expect(resetsOf(after, id)).toBe(0);
    expect(resetsOf(rosterDecider.evolve(after, RosterEvent.parse(event)), id)).toBe(1);
  }
});
