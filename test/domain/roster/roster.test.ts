import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { contactsOf, directoryOf, publicRoster, rosterDigest } from '../../../domain/roster/contacts.ts';
import { type ConfirmRoster, type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { RosterState } from '../../../domain/roster/state.ts';
import { given as givenIn } from '../../support/given.ts';
import { cityRosterFile } from './cityRoster.ts';

const subject = { decider: rosterDecider, parseEvent: RosterEvent.parse, parseState: RosterState.parse };
const given = (...past: readonly RosterEvent[]) => givenIn(subject, ...past);

const salt = new Uint8Array(32).fill(7);
const at = '2026-04-06T09:00:00.000Z';
const when = localMoment(at, 'UTC');

const facts = (file: RosterFile, number: number) => {
  const roster = publicRoster(file);
  const contacts = contactsOf(file, salt);
  return { at, number, sha256: rosterDigest(roster, contacts), roster, contacts };
};
const adopted = (file: RosterFile, number = 1): RosterEvent => ({
  type: 'RosterAdopted',
  v: 1,
  ...facts(file, number),
  by: number === 1 ? 'operator' : 'confirmation',
});
const proposed = (file: RosterFile, number = 2): RosterEvent => ({ type: 'RosterProposed', v: 1, ...facts(file, number) });
const confirmed = (file: RosterFile, by: { holder: string; body: string; seat: string }): RosterEvent => {
  const { number, sha256 } = facts(file, 2);
  return { type: 'RosterConfirmed', v: 1, at, number, sha256, ...by, roster: 1 };
};

const set = (file: unknown): RosterCommand => ({ type: 'setRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const propose = (file: unknown): RosterCommand => ({ type: 'proposeRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const clerk = { holder: 'holder-clerk', body: 'clerk', seat: 'clerk' };
const mayor = { holder: 'holder-mayor', body: 'mayor', seat: 'mayor' };
const auditor = { holder: 'holder-auditor', body: 'auditor', seat: 'auditor' };
const confirm = (file: RosterFile, by: { holder: string; body: string; seat: string }): ConfirmRoster => ({
  type: 'confirmRoster',
  at,
  when,
  sha256: facts(file, 2).sha256,
  ...by,
});

const city = cityRosterFile();
const change = (id: string, edit: Record<string, unknown>, from = city): RosterFile => ({
  ...from,
  holders: from.holders.map((holder) => (holder.id === id ? { ...holder, ...edit } : holder)),
});
// None of these changes who receives a sitting holder's links: handover.test.ts has those that do.
const newMember = change('holder-district-1', { name: 'Member with another name' });
const newClerk = change('holder-clerk', { name: 'Clerk with another name' });

describe('the first roster', () => {
  test('is the operator’s', () => given().when(set(city)).then(adopted(city)));
  test('again is nothing', () => given(adopted(city)).when(set(city)).thenNothing());
  test('another needs a confirmation', () => given(adopted(city)).when(set(newMember)).thenRejected('needs-confirmation'));
  test('that must be refused is, with the place', () =>
    given()
      .when(set({ ...city, bodies: {} }))
      .thenRejected('roster-refused', '/bodies'));
  test('cannot be proposed', () => given().when(propose(city)).thenRejected('no-roster'));
  test('cannot be confirmed', () => given().when(confirm(city, clerk)).thenRejected('no-roster'));
});

describe('proposing a roster', () => {
  test('that the policy could not be met under is refused, and again when it is confirmed', () => {
    const breaks = ['all/mayor: the roster has no body mayor'];
    given(adopted(city))
      .when({ ...propose(newMember), breaks } as RosterCommand)
      .thenRejected('roster-breaks-policy');
    given(adopted(city), proposed(newMember))
      .when({ ...confirm(newMember, clerk), breaks })
      .thenRejected('roster-breaks-policy');
  });
  test('leaves the one in force', () => given(adopted(city)).when(propose(newMember)).then(proposed(newMember)));
  test('twice is nothing', () => given(adopted(city), proposed(newMember)).when(propose(newMember)).thenNothing());
  test('the one in force is nothing', () => given(adopted(city)).when(propose(city)).thenNothing());
  test('the one in force withdraws the proposal that waits', () => {
    const { number, sha256 } = facts(newMember, 2);
    given(adopted(city), proposed(newMember))
      .when(propose(city))
      .then({ type: 'RosterProposalEnded', v: 1, at, number, sha256, because: 'withdrawn' });
  });
  test('takes the place of an earlier proposal', () =>
    given(adopted(city), proposed(newMember)).when(propose(newClerk)).then(proposed(newClerk)));
  test('that must be refused is', () => given(adopted(city)).when(propose([])).thenRejected('roster-refused'));
});

describe('confirming a roster', () => {
  test('is the clerk’s', () =>
    given(adopted(city), proposed(newMember))
      .when(confirm(newMember, clerk))
      .then(confirmed(newMember, clerk), adopted(newMember, 2)));
  test('and no other body’s', () =>
    given(adopted(city), proposed(newMember)).when(confirm(newMember, mayor)).thenRejected('not-the-clerk'));
  test('again is nothing', () =>
    given(adopted(city), proposed(newMember), adopted(newMember, 2)).when(confirm(newMember, clerk)).thenNothing());
  test('of what was replaced is refused', () =>
    given(adopted(city), proposed(newMember), proposed(newClerk))
      .when(confirm(newMember, clerk))
      .thenRejected('no-such-proposal'));
  test('of nothing is refused', () => given(adopted(city)).when(confirm(newMember, clerk)).thenRejected('no-such-proposal'));
  test('needs the seat today', () => {
    const left = change('holder-clerk', { to: '2026-04-05' });
    const next = change('holder-clerk', { to: '2026-04-05' }, newMember);
    given(adopted(left), proposed(next)).when(confirm(next, clerk)).thenRejected('not-in-office');
    given(adopted(city), proposed(newMember))
      .when(confirm(newMember, { ...clerk, holder: 'holder-mayor' }))
      .thenRejected('not-in-office');
  });
  test('a seat of the proposal does not count yet: the newcomer cannot confirm their own appointment', () => {
    const appointing = change('holder-clerk', { id: 'new-clerk', email: 'new-clerk@city.example' });
    given(adopted(city), proposed(appointing))
      .when(confirm(appointing, { ...clerk, holder: 'new-clerk' }))
      .thenRejected('not-in-office');
  });

  test('of the clerk’s own body is another body’s', () => {
    given(adopted(city), proposed(newClerk)).when(confirm(newClerk, clerk)).thenRejected('own-change');
    given(adopted(city), proposed(newClerk))
      .when(confirm(newClerk, mayor))
      .then(confirmed(newClerk, mayor), adopted(newClerk, 2));
  });
  test('never by a body that changes as well', () => {
    const both = change('holder-mayor', { name: 'Mayor again' }, newClerk);
    given(adopted(city), proposed(both)).when(confirm(both, mayor)).thenRejected('own-change');
    given(adopted(city), proposed(both)).when(confirm(both, auditor)).then(confirmed(both, auditor), adopted(both, 2));
  });
  test('never by who gains a seat from it', () => {
    const gaining = change('holder-mayor', { id: 'holder-clerk', email: 'clerk@city.example' });
    given(adopted(city), proposed(gaining)).when(confirm(gaining, clerk)).thenRejected('own-change');
  });
  test('that takes the clerk’s task away is still the clerk’s', () => {
    const council = city.bodies['council'];
    if (council === undefined) throw new Error('the city has a council');
    const moved: RosterFile = { ...city, bodies: { ...city.bodies, council: { ...council, attestedBy: 'auditor' } } };
    given(adopted(city), proposed(moved)).when(confirm(moved, auditor)).thenRejected('not-the-clerk');
    given(adopted(city), proposed(moved)).when(confirm(moved, clerk)).then(confirmed(moved, clerk), adopted(moved, 2));
  });
  test('in a city without a certifying body is any untouched body’s', () => {
    const only = ({ bodies, holders }: RosterFile): RosterFile => ({
      bodies: Object.fromEntries(Object.entries(bodies).filter(([id]) => id === 'mayor' || id === 'board')),
      holders: holders.filter(({ body }) => body === 'mayor' || body === 'board'),
    });
    const before = only(city);
    const after = only(change('holder-board-1', { name: 'Member with another name' }));
    given(adopted(before), proposed(after)).when(confirm(after, mayor)).then(confirmed(after, mayor), adopted(after, 2));
    const member = { holder: 'holder-board-2', body: 'board', seat: 'board-2' };
    given(adopted(before), proposed(after)).when(confirm(after, member)).thenRejected('own-change');
  });
  test('in a city of one body is a colleague’s whose own term stays', () => {
    const only = ({ bodies, holders }: RosterFile): RosterFile => ({
      bodies: Object.fromEntries(Object.entries(bodies).filter(([id]) => id === 'board')),
      holders: holders.filter(({ body }) => body === 'board'),
    });
    const before = only(city);
    const after = only(change('holder-board-1', { name: 'Member with another name' }));
    const member = (n: number) => ({ holder: `holder-board-${n}`, body: 'board', seat: `board-${n}` });
    given(adopted(before), proposed(after))
      .when(confirm(after, member(1)))
      .thenRejected('own-change');
    given(adopted(before), proposed(after))
      .when(confirm(after, member(2)))
      .then(confirmed(after, member(2)), adopted(after, 2));
  });
});

describe('mail addresses', () => {
  test('stand in no event and in no state', () => {
    const events = [adopted(city), proposed(newMember), confirmed(newMember, clerk), adopted(newMember, 2)];
    const state = events.reduce(rosterDecider.evolve, rosterDecider.initialState);
    expect(JSON.stringify([events, state])).not.toContain('@');
  });
  test('are committed to: another address or another salt gives another digest, one a person', () => {
    const moved = contactsOf(change('holder-mayor', { email: 'mayor@elsewhere.example' }), salt);
    const before = contactsOf(city, salt);
    expect(Object.keys(before)).toStrictEqual([...new Set(city.holders.map(({ id }) => id))].sort());
    expect(Object.keys(before).filter((holder) => before[holder] !== moved[holder])).toStrictEqual(['holder-mayor']);
    expect(contactsOf(city, new Uint8Array(32))['holder-mayor']).not.toBe(before['holder-mayor']);
  });
  test('are given apart, one a person', () => {
    const twice: RosterFile = { ...city, holders: [...city.holders, ...city.holders] };
    const directory = directoryOf(twice);
    expect(directory).toHaveLength(city.holders.length);
    expect(directory.find(({ holder }) => holder === 'holder-mayor')).toStrictEqual({
      holder: 'holder-mayor',
      email: 'mayor@city.example',
    });
  });
});
