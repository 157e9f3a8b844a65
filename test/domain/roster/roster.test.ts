import { describe, expect, test } from 'vitest';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { STATE_BYTES_MAX } from '../../../domain/kernel/commit.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment, plusDuration } from '../../../domain/kernel/zone.ts';
import { ruledBodies, type Seating } from '../../../domain/roster/bodies.ts';
import { checkRoster } from '../../../domain/roster/check.ts';
import type { ConfirmProposal } from '../../../domain/roster/confirm.ts';
import { contactsOf, directoryOf, publicRoster, rosterDigest } from '../../../domain/roster/contacts.ts';
import { type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import { type Officer, RosterEvent } from '../../../domain/roster/events.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { RosterState, restoredDigest } from '../../../domain/roster/state.ts';
import { council, policy, rule, signature } from '../../support/fixtures/city.ts';
import { given as givenIn } from '../../support/given.ts';
import { by, cityRosterFile } from './cityRoster.ts';

const subject = { decider: rosterDecider, parseEvent: RosterEvent.parse, parseState: RosterState.parse };
const given = (...past: readonly RosterEvent[]) => givenIn(subject, ...past);

const salt = new Uint8Array(32).fill(7);
const at = '2026-04-06T09:00:00.000Z';

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
const proposed = (file: RosterFile): RosterEvent => {
  const { sha256, at: filed, ...subject } = facts(file, 2);
  return { type: 'ProposalMade', v: 1, at: filed, sha256, subject };
};
const answered = (file: RosterFile, who: Officer, over: object): RosterEvent => {
  const { sha256 } = facts(file, 2);
  return { type: 'ProposalAnswered', v: 1, at, sha256, ...who, roster: 1, reason: null, ...over } as RosterEvent;
};
const confirmed = (file: RosterFile, who: Officer, then = at) => answered(file, who, { decision: 'confirm', at: then });
const refused = (file: RosterFile, who: Officer, reason: string | null = null) =>
  answered(file, who, { decision: 'refuse', reason });
const ended = (because: 'withdrawn' | 'unconfirmed' | 'confirmed', then = at, { sha256 } = facts(newMember, 2)): RosterEvent => ({
  type: 'ProposalEnded',
  v: 1,
  at: then,
  sha256,
  because,
});

test.each([
  ['of ordinary names', (index: number) => ({ id: `member-${index}`, name: `Holder of member-${index}` })],
  ['of short names', (index: number) => ({ id: `m${index}`, name: 'A' })],
  ['of long ids', (index: number) => ({ id: `${index}-`.padEnd(40, 'm'), name: 'Holder' })],
  ['of long names', (index: number) => ({ id: `m${index}`, name: 'N'.repeat(80) })],
])('the longest roster %s can be replaced by one as long once each person has moved, while some refuse', (_, person) => {
  const boardOf = (count: number, mail: string): RosterFile => {
    const people = Array.from({ length: count }, (__, index) => person(index + 1));
    const holder = { body: 'board', from: '2023-07-17', language: 'en' };
    return {
      bodies: { board: { name: 'Board', seats: people.map(({ id }) => id) } },
      holders: people.map((each) => ({ ...holder, ...each, seat: each.id, email: `${each.id}@${mail}.example` })),
    };
  };
  const isTaken = (count: number) => checkRoster(boardOf(count, 'city'), 'UTC').ok;
  let [count, tooMany] = [50, 200];
  while (tooMany - count > 1) {
    const middle = Math.floor((count + tooMany) / 2);
    if (isTaken(middle)) count = middle;
    else tooMany = middle;
  }
  expect(count).toBeGreaterThan(50);
  const [present, next] = [boardOf(count, 'city'), boardOf(count, 'town')];
  const people = present.holders.map(({ id: holder, body, seat }) => ({ holder, body, seat }));
  const cutOff = people.map(
    ({ holder }): RosterEvent => ({ type: 'LinksCutOff', v: 1, at, holder, generation: 2, by: null, reissued: false }),
  );
  const refusedBy = (file: RosterFile) => people.slice(0, 8).map((who) => refused(file, who, digestOf('a reason')));
  const events = [adopted(present), proposed(next), ...refusedBy(next), adopted(next, 2)];
  const last = [...events, ...cutOff, proposed(present), ...refusedBy(present)];
  const state = last.reduce(rosterDecider.evolve, rosterDecider.initialState);
  const bytes = Buffer.byteLength(canonical(state));
  expect(bytes).toBeLessThanOrEqual(STATE_BYTES_MAX);
  // The rest is for those who left: the age of their links stays, so that no old link comes back with them.
  expect(bytes).toBeGreaterThan(0.8 * STATE_BYTES_MAX);
});

const set = (file: unknown): RosterCommand => ({ type: 'setRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const propose = (file: unknown): RosterCommand => ({ type: 'proposeRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const clerk = by('clerk');
const mayor = by('mayor');
const member = by('council', 'district-1');
const colleague = by('council', 'district-2');
const rules = policy(rule([council(), signature('mayor'), { id: 'board', body: 'board', instrument: 'advice' }]));
const answer = (file: RosterFile, who: Officer, then: string, under: ConfirmProposal['policy']) => ({
  at: then,
  when: localMoment(then, 'UTC'),
  sha256: facts(file, 2).sha256,
  ...who,
  policy: under,
});
const confirm = (file: RosterFile, who: Officer, then = at, under: ConfirmProposal['policy'] = rules): ConfirmProposal => ({
  type: 'confirmProposal',
  ...answer(file, who, then, under),
});
const refuse = (file: RosterFile, who: Officer, reason: string | null = null): RosterCommand => ({
  type: 'refuseProposal',
  ...answer(file, who, at, rules),
  reason,
});

const city = cityRosterFile();
const change = (id: string, edit: Record<string, unknown>, from = city): RosterFile => ({
  ...from,
  holders: from.holders.map((holder) => (holder.id === id ? { ...holder, ...edit } : holder)),
});
const newMember = change('holder-district-1', { name: 'Member with another name' });
const newClerk = change('holder-clerk', { name: 'Clerk with another name' });
const filed = [adopted(city), proposed(newMember)];
type Past = readonly RosterEvent[];

describe('a roster', () => {
  test.each<[string, Past, RosterCommand, Past]>([
    ['the first is the operator’s', [], set(city), [adopted(city)]],
    ['the first again is nothing', [adopted(city)], set(city), []],
    ['a proposal leaves the one in force', [adopted(city)], propose(newMember), [proposed(newMember)]],
    ['a proposal twice is nothing', filed, propose(newMember), []],
    ['a proposal of the one in force is nothing', [adopted(city)], propose(city), []],
    ['the one in force withdraws the proposal that waits', filed, propose(city), [ended('withdrawn')]],
    ['a proposal takes the place of an earlier one', filed, propose(newClerk), [proposed(newClerk)]],
  ])('%s', (_, past, command, events) => {
    const [first, ...rest] = events;
    const when = given(...past).when(command);
    if (first === undefined) when.thenNothing();
    else when.then(first, ...rest);
  });

  const seats = ['mayor has other seats'];
  test.each<[string, Past, RosterCommand, Parameters<ReturnType<ReturnType<typeof given>['when']>['thenRejected']>[0], string?]>([
    ['another first needs a confirmation', [adopted(city)], set(newMember), 'needs-confirmation'],
    ['that is none is refused with the place', [], set({ ...city, bodies: {} }), 'roster-refused', '/bodies'],
    ['that is none is refused as a proposal', [adopted(city)], propose([]), 'roster-refused'],
    [
      'with somebody who could be taken for one in office is refused',
      [adopted(change('holder-district-1', { id: 'member-18832' }))],
      propose(change('holder-district-1', { id: 'member-40498' })),
      'roster-refused',
      '/holders/0/id',
    ],
    ['the first cannot be proposed', [], propose(city), 'no-roster'],
    ['the first cannot be confirmed', [], confirm(city, clerk), 'no-roster'],
    ['other bodies than the policy has', [adopted(city)], { ...propose(newMember), seats } as RosterCommand, 'seats-are-rules'],
    ['other bodies, when it is confirmed', filed, { ...confirm(newMember, clerk), seats }, 'seats-are-rules'],
    ['the confirmation of nothing', [adopted(city)], confirm(newMember, clerk), 'no-such-proposal'],
    ['the confirmation of what was replaced', [...filed, proposed(newClerk)], confirm(newMember, clerk), 'no-such-proposal'],
  ])('%s', (_, past, command, code, pointer) =>
    given(...past)
      .when(command)
      .thenRejected(code, pointer),
  );
});

describe('confirming a roster', () => {
  const settled = [confirmed(newMember, mayor), adopted(newMember, 2)] as const;

  test('takes two persons of two bodies, whoever is first, each once', () => {
    for (const who of [clerk, mayor])
      given(...filed)
        .when(confirm(newMember, who))
        .then(confirmed(newMember, who));
    const once = [...filed, confirmed(newMember, clerk)];
    given(...once)
      .when(confirm(newMember, mayor))
      .then(...settled);
    given(...once)
      .when(confirm(newMember, clerk))
      .thenNothing();
    given(...filed, adopted(newMember, 2))
      .when(confirm(newMember, clerk))
      .thenNothing();
    given(...filed, confirmed(newMember, mayor))
      .when(confirm(newMember, member))
      .then(confirmed(newMember, member), adopted(newMember, 2));
    given(...filed, confirmed(newMember, member))
      .when(confirm(newMember, colleague))
      .then(confirmed(newMember, colleague));
  });
  test('by one person in two bodies is not enough, and by a third it is', () => {
    const both = change('holder-district-2', { id: 'holder-clerk', email: 'clerk@city.example' });
    const next = change('holder-district-1', { name: 'Member with another name' }, both);
    const asMember = by('council', 'district-2', 'holder-clerk');
    const past = [adopted(both), proposed(next), confirmed(next, clerk)];
    given(...past)
      .when(confirm(next, asMember))
      .then(confirmed(next, asMember));
    given(...past, confirmed(next, asMember))
      .when(confirm(next, member))
      .then(confirmed(next, member), adopted(next, 2));
  });
  test.each([
    ['a body that only advises', by('board', 'board-1')],
    ['a body that no rule names', by('auditor')],
    ['another person’s seat', { ...clerk, holder: 'holder-mayor' }],
    ['a person who is on no roster', by('mayor', 'mayor', 'stranger')],
  ])('is not for %s, nor is a refusal', (_, who) => {
    for (const command of [confirm(newMember, who), refuse(newMember, who)])
      given(...filed)
        .when(command)
        .thenRejected('not-in-office');
  });
  test('is for the person it concerns, and not for a holder whom only the proposal seats', () => {
    const appointing = change('holder-clerk', { id: 'new-clerk', email: 'new-clerk@city.example' });
    given(adopted(city), proposed(appointing))
      .when(confirm(appointing, { ...clerk, holder: 'new-clerk' }))
      .thenRejected('not-in-office');
    const moved = change('holder-mayor', { email: 'mayor@elsewhere.example' });
    given(adopted(city), proposed(moved), confirmed(moved, clerk))
      .when(confirm(moved, mayor))
      .then(confirmed(moved, mayor), adopted(moved, 2));
  });
  test('counts only while each of the two is still in office', () => {
    const until = change('holder-clerk', { to: '2026-04-06' });
    const deputy = { ...until.holders.find(({ seat }) => seat === 'clerk'), id: 'deputy', from: '2026-04-07', to: '2026-12-31' };
    const base = { ...until, holders: [...until.holders, deputy as RosterFile['holders'][number]] };
    const next = change('holder-district-1', { name: 'Member with another name' }, base);
    const later = '2026-04-07T09:00:00.000Z';
    given(adopted(base), proposed(next), confirmed(next, clerk))
      .when(confirm(next, mayor, later))
      .then(confirmed(next, mayor, later));
  });
  test('before a policy takes one holder of a certifying body', () => {
    given(...filed)
      .when(confirm(newMember, clerk, at, null))
      .then(confirmed(newMember, clerk), adopted(newMember, 2));
    given(...filed)
      .when(confirm(newMember, mayor, at, null))
      .thenRejected('not-in-office');
  });
  test('is void once another is proposed', () => {
    given(...filed, confirmed(newMember, clerk), proposed(newClerk), proposed(newMember))
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor));
  });
  test('ends after fourteen days, whether or not the clock ran', () => {
    const [last, over] = ['2026-04-20T08:59:59.999Z', '2026-04-20T09:00:00.000Z'];
    const once = given(...filed, confirmed(newMember, clerk));
    once.when(confirm(newMember, mayor, last)).then(confirmed(newMember, mayor, last), { ...adopted(newMember, 2), at: last });
    once.when(confirm(newMember, mayor, over)).thenRejected('no-such-proposal');
    once.when({ type: 'endProposal', at: last, zone: 'UTC' }).thenNothing();
    once.when({ type: 'endProposal', at: over, zone: 'UTC' }).then(ended('unconfirmed', over));
    once.when({ ...propose(newMember), at: over }).then({ ...proposed(newMember), at: over });
  });
});

describe('refusing a roster', () => {
  test('is recorded once, and stops nothing', () => {
    given(...filed)
      .when(refuse(newMember, mayor, digestOf('why')))
      .then(refused(newMember, mayor, digestOf('why')));
    given(...filed, refused(newMember, mayor))
      .when(refuse(newMember, mayor))
      .thenNothing();
    given(...filed, refused(newMember, mayor), confirmed(newMember, clerk))
      .when(confirm(newMember, member))
      .then(confirmed(newMember, member), adopted(newMember, 2));
  });
  test('takes back one’s own confirmation, and a confirmation one’s own refusal', () => {
    given(...filed, confirmed(newMember, clerk), refused(newMember, clerk))
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor));
    given(...filed, refused(newMember, clerk), confirmed(newMember, clerk))
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor), adopted(newMember, 2));
  });
  test('keeps the newest eight in the state', () => {
    const members = Array.from({ length: 9 }, (_, index) => refused(newMember, by('council', `district-${index + 1}`)));
    const state = [...filed, ...members].reduce(rosterDecider.evolve, rosterDecider.initialState);
    expect(state.proposal?.refusals).toHaveLength(8);
  });
});

describe('a policy in force', () => {
  const { auditor: _, ...bodies } = ruledBodies(city);
  const { auditor: __, ...named } = city.bodies;
  const roster = publicRoster({ bodies: named, holders: city.holders.filter(({ body }) => body !== 'auditor') });
  const follow = (number: number, seating: Seating = { bodies }): RosterCommand => ({
    type: 'followPolicy',
    at,
    zone: 'UTC',
    policy: number,
    since: at,
    rules: seating.bodies,
    ...seating,
  });
  const { 'holder-auditor': ___, ...contacts } = facts(city, 1).contacts;
  const content = { roster, contacts, sha256: rosterDigest(roster, contacts) };
  const followed = { type: 'RosterAdopted', v: 1, at, number: 2, ...content, by: 'policy', policy: 2 } as const;

  test('changes the roster that it makes another, once, and none that is as it asks or that a later one changed since', () => {
    given(adopted(city)).when(follow(2)).then(followed);
    for (const [past, number] of [
      [[adopted(city)], 2],
      [[adopted(city), followed], 1],
    ] as const)
      given(...past)
        .when(follow(number, { bodies: ruledBodies(city) }))
        .thenNothing();
  });
  test('puts nobody into its new seats again once a roster with its bodies was confirmed', () => {
    const newSeats = { bodies: { auditor: city.bodies.auditor }, holders: [], contacts: {} };
    const seating = { bodies: ruledBodies(city), newSeats } as Seating;
    const vacant = publicRoster({ ...city, holders: city.holders.filter(({ body }) => body !== 'auditor') });
    const later = '2026-04-07T09:00:00.000Z';
    given(adopted(city)).when(follow(2, seating)).thenNothing();
    given(adopted(city))
      .when({ ...follow(2, seating), at: later, since: later } as RosterCommand)
      .then({ ...followed, at: later, roster: vacant, sha256: rosterDigest(vacant, contacts) });
  });
  test('changes no roster that would contradict itself, and none before the first', () => {
    given(adopted(city))
      .when(follow(2, { bodies: { ...bodies, council: { ...bodies.council, seats: ['a', 'a'] } } }))
      .thenRejected('roster-refused');
    given().when(follow(2)).thenRejected('no-roster');
  });
});

test('a city whose terms have run out is not locked out: who held a seat last confirms, without a successor, in a body that decides', () => {
  const over = { ...city, holders: city.holders.map((holder) => ({ ...holder, to: '2026-01-31' })) };
  const next = { ...over, holders: over.holders.map((holder) => ({ ...holder, to: '2027-01-31' })) };
  given(adopted(over), proposed(next), confirmed(next, clerk))
    .when(confirm(next, mayor))
    .then(confirmed(next, mayor), adopted(next, 2));
  given(adopted(over), proposed(next))
    .when(confirm(next, by('board', 'board-1')))
    .thenRejected('not-in-office');
  const successor = { id: 'new', email: 'new@city.example', from: '2026-02-01', to: '2026-12-31' };
  const mayors = over.holders.filter(({ body }) => body === 'mayor').map((holder) => ({ ...holder, ...successor }));
  given(adopted({ ...over, holders: [...over.holders, ...mayors] }), proposed(next))
    .when(confirm(next, mayor))
    .thenRejected('not-in-office');
});

describe('mail addresses', () => {
  test('stand in no event and in no state', () => {
    const events = [...filed, confirmed(newMember, clerk), adopted(newMember, 2)];
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
    const directory = directoryOf({ ...city, holders: [...city.holders, ...city.holders] });
    expect(directory).toHaveLength(city.holders.length);
    expect(directory).toContainEqual({ holder: 'holder-mayor', email: 'mayor@city.example' });
  });
});

test('a gate that was put back from a copy is asked about once, and the newest for good once two persons of two bodies confirm', () => {
  const tree = { size: 54, root: 'cm9vdA==' };
  const sha256 = restoredDigest(tree.size, tree.root);
  const asked: RosterEvent = { type: 'ProposalMade', v: 1, at, sha256, subject: tree };
  const ask: RosterCommand = { type: 'proposeRestored', at, zone: 'UTC', log: tree, replaces: true };
  const confirms = (who: Officer) => answered(city, who, { sha256, decision: 'confirm' });
  const confirming = (who: Officer): ConfirmProposal => ({ ...confirm(city, who), sha256 });
  const past = [adopted(city), asked];
  const end = ended('confirmed', at, { ...facts(city, 1), sha256 });
  given().when(ask).thenRejected('no-roster');
  given(adopted(city)).when(ask).then(asked);
  given(...past)
    .when(confirming(clerk))
    .then(confirms(clerk));
  given(...past, confirms(clerk))
    .when(confirming(mayor))
    .then(confirms(mayor), end);
  given(...past, confirms(member))
    .when(confirming(colleague))
    .then(confirms(colleague));
  given(...past, confirms(clerk), confirms(mayor), end)
    .when(ask)
    .thenNothing();
  given(...past)
    .when({ ...ask, log: { ...tree, size: 55 } })
    .then({ ...asked, sha256: restoredDigest(55, tree.root), subject: { ...tree, size: 55 } });
  given(...past)
    .when({ ...ask, log: undefined })
    .then(ended('withdrawn', at, { ...facts(city, 1), sha256 }));
  const other = { ...asked, sha256: restoredDigest(53, tree.root), subject: { ...tree, size: 53 } };
  const again = { ...ask, replaces: false };
  given(adopted(city), other).when(again).thenNothing();
  const lapsed = plusDuration(at, 'P14D', 'UTC');
  given(adopted(city), other)
    .when({ ...again, at: lapsed })
    .then({ ...asked, at: lapsed });
});
