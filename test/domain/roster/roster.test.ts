import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { ruledBodies, type Seating } from '../../../domain/roster/bodies.ts';
import type { ConfirmProposal } from '../../../domain/roster/confirm.ts';
import { contactsOf, directoryOf, publicRoster, rosterDigest } from '../../../domain/roster/contacts.ts';
import { type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import { type Officer, RosterEvent } from '../../../domain/roster/events.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { RosterState, restoredDigest } from '../../../domain/roster/state.ts';
import { council, policy, rule, signature } from '../../support/fixtures/city.ts';
import { given as givenIn } from '../../support/given.ts';
import { cityRosterFile } from './cityRoster.ts';

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
const confirmed = (file: RosterFile, by: Officer, then = at): RosterEvent => {
  const { sha256 } = facts(file, 2);
  return { type: 'ProposalAnswered', v: 1, at: then, sha256, ...by, roster: 1, decision: 'confirm', reason: null };
};
const refused = (file: RosterFile, by: Officer, reason: string | null = null): RosterEvent => {
  const { sha256 } = facts(file, 2);
  return { type: 'ProposalAnswered', v: 1, at, sha256, ...by, roster: 1, decision: 'refuse', reason };
};

const set = (file: unknown): RosterCommand => ({ type: 'setRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const propose = (file: unknown): RosterCommand => ({ type: 'proposeRoster', at, zone: 'UTC', roster: file as JsonValue, salt });
const by = (body: string, seat = body, holder = `holder-${seat}`): Officer => ({ holder, body, seat });
const clerk = by('clerk');
const mayor = by('mayor');
const member = by('council', 'district-1');
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
  test('with other bodies than the policy is refused, and again when it is confirmed', () => {
    const seats = ['mayor has other seats'];
    given(adopted(city))
      .when({ ...propose(newMember), seats } as RosterCommand)
      .thenRejected('seats-are-rules');
    given(adopted(city), proposed(newMember))
      .when({ ...confirm(newMember, clerk), seats })
      .thenRejected('seats-are-rules');
  });
  test('leaves the one in force', () => given(adopted(city)).when(propose(newMember)).then(proposed(newMember)));
  test('twice is nothing', () => given(adopted(city), proposed(newMember)).when(propose(newMember)).thenNothing());
  test('the one in force is nothing', () => given(adopted(city)).when(propose(city)).thenNothing());
  test('the one in force withdraws the proposal that waits', () => {
    const { sha256 } = facts(newMember, 2);
    given(adopted(city), proposed(newMember))
      .when(propose(city))
      .then({ type: 'ProposalEnded', v: 1, at, sha256, because: 'withdrawn' });
  });
  test('takes the place of an earlier proposal', () =>
    given(adopted(city), proposed(newMember)).when(propose(newClerk)).then(proposed(newClerk)));
  test('that must be refused is', () => given(adopted(city)).when(propose([])).thenRejected('roster-refused'));
});

describe('confirming a roster', () => {
  const filed = [adopted(city), proposed(newMember)];
  test('takes two persons of two bodies, whoever is first', () => {
    given(...filed)
      .when(confirm(newMember, clerk))
      .then(confirmed(newMember, clerk));
    given(...filed)
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor));
    given(...filed, confirmed(newMember, clerk))
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor), adopted(newMember, 2));
    given(...filed, confirmed(newMember, mayor))
      .when(confirm(newMember, member))
      .then(confirmed(newMember, member), adopted(newMember, 2));
  });
  test('again by the same person is nothing, and once it is in force', () => {
    given(...filed, confirmed(newMember, clerk))
      .when(confirm(newMember, clerk))
      .thenNothing();
    given(...filed, adopted(newMember, 2))
      .when(confirm(newMember, clerk))
      .thenNothing();
  });
  test('by a second person of the same body is not enough', () => {
    const colleague = by('council', 'district-2');
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
  ])('is not for %s', (_, who) => {
    given(...filed)
      .when(confirm(newMember, who))
      .thenRejected('not-in-office');
    given(...filed)
      .when(refuse(newMember, who))
      .thenRejected('not-in-office');
  });
  test('is not for a holder whom only the proposal seats', () => {
    const appointing = change('holder-clerk', { id: 'new-clerk', email: 'new-clerk@city.example' });
    given(adopted(city), proposed(appointing))
      .when(confirm(appointing, { ...clerk, holder: 'new-clerk' }))
      .thenRejected('not-in-office');
  });
  test('is also for the person it concerns', () => {
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
  test('of what was replaced, or of nothing, is refused; another proposal voids the confirmations of the one before', () => {
    given(...filed, proposed(newClerk))
      .when(confirm(newMember, clerk))
      .thenRejected('no-such-proposal');
    given(adopted(city)).when(confirm(newMember, clerk)).thenRejected('no-such-proposal');
    given(...filed, confirmed(newMember, clerk), proposed(newClerk), proposed(newMember))
      .when(confirm(newMember, mayor))
      .then(confirmed(newMember, mayor));
  });
  test('ends after fourteen days, whether or not the clock ran', () => {
    const [last, over] = ['2026-04-20T08:59:59.999Z', '2026-04-20T09:00:00.000Z'];
    const past = [...filed, confirmed(newMember, clerk)];
    given(...past)
      .when(confirm(newMember, mayor, last))
      .then(confirmed(newMember, mayor, last), { ...adopted(newMember, 2), at: last });
    given(...past)
      .when(confirm(newMember, mayor, over))
      .thenRejected('no-such-proposal');
    given(...past)
      .when({ type: 'endProposal', at: last, zone: 'UTC' })
      .thenNothing();
    const { sha256 } = facts(newMember, 2);
    given(...past)
      .when({ type: 'endProposal', at: over, zone: 'UTC' })
      .then({ type: 'ProposalEnded', v: 1, at: over, sha256, because: 'unconfirmed' });
    given(...past)
      .when({ ...propose(newMember), at: over })
      .then({ ...proposed(newMember), at: over });
  });
});

describe('a policy in force', () => {
  const { auditor: _, ...bodies } = ruledBodies(city);
  const { auditor: __, ...named } = city.bodies;
  const without = { bodies: named, holders: city.holders.filter(({ body }) => body !== 'auditor') };
  const follow = (policyNumber: number, seating: Seating = { bodies }): RosterCommand => ({
    type: 'followPolicy',
    at,
    zone: 'UTC',
    policy: policyNumber,
    ...seating,
  });
  const { contacts: known } = facts(city, 1);
  const { 'holder-auditor': ___, ...contacts } = known;
  const roster = publicRoster(without);
  const followed = { type: 'RosterAdopted', v: 1, at, number: 2, roster, contacts, by: 'policy', policy: 2 } as const;

  test('changes the roster that it makes another, once', () =>
    given(adopted(city))
      .when(follow(2))
      .then({ ...followed, sha256: rosterDigest(roster, contacts) }));
  test('changes nothing where the roster is as it asks, or that a later one changed since', () => {
    given(adopted(city))
      .when(follow(2, { bodies: ruledBodies(city) }))
      .thenNothing();
    given(adopted(city), { ...followed, sha256: rosterDigest(roster, contacts) })
      .when(follow(1, { bodies: ruledBodies(city) }))
      .thenNothing();
  });
  test('changes no roster that would contradict itself, and none before the first', () => {
    given(adopted(city))
      .when(follow(2, { bodies: { ...bodies, council: { ...bodies.council, seats: ['a', 'a'] } } }))
      .thenRejected('roster-refused');
    given().when(follow(2)).thenRejected('no-roster');
  });
});

describe('refusing a roster', () => {
  const filed = [adopted(city), proposed(newMember)];
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

describe('a city whose terms have run out', () => {
  const over = { ...city, holders: city.holders.map((holder) => ({ ...holder, to: '2026-01-31' })) };
  const next = { ...over, holders: over.holders.map((holder) => ({ ...holder, to: '2027-01-31' })) };
  const filed = [adopted(over), proposed(next)];
  test('is not locked out: who held a seat last confirms', () => {
    given(...filed, confirmed(next, clerk))
      .when(confirm(next, mayor))
      .then(confirmed(next, mayor), adopted(next, 2));
  });
  test('but whoever has a successor does not, nor does a body that only advises', () => {
    const mayors = over.holders.filter(({ body }) => body === 'mayor');
    const succeeded = {
      ...over,
      holders: [
        ...over.holders,
        ...mayors.map((holder) => ({ ...holder, id: 'new', email: 'new@city.example', from: '2026-02-01', to: '2026-12-31' })),
      ],
    };
    given(adopted(succeeded), proposed(next)).when(confirm(next, mayor)).thenRejected('not-in-office');
    given(...filed)
      .when(confirm(next, by('board', 'board-1')))
      .thenRejected('not-in-office');
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

describe('a gate that was put back from a copy', () => {
  const tree = { size: 54, root: 'cm9vdA==' };
  const sha256 = restoredDigest(tree.size, tree.root);
  const asked: RosterEvent = { type: 'ProposalMade', v: 1, at, sha256, subject: tree };
  const ask: RosterCommand = { type: 'proposeRestored', at, zone: 'UTC', ...tree };
  const confirms = (who: Officer): RosterEvent => ({
    type: 'ProposalAnswered',
    v: 1,
    at,
    sha256,
    ...who,
    roster: 1,
    decision: 'confirm',
    reason: null,
  });
  const confirming = (who: Officer): ConfirmProposal => ({ ...confirm(city, who), sha256 });
  const ended: RosterEvent = { type: 'ProposalEnded', v: 1, at, sha256, because: 'confirmed' };

  test('is asked about once, and there must be somebody to ask', () => {
    given(adopted(city)).when(ask).then(asked);
    given().when(ask).thenRejected('no-roster');
  });

  test('is the newest once two persons of two bodies have confirmed it, and then for good', () => {
    given(adopted(city), asked).when(confirming(clerk)).then(confirms(clerk));
    given(adopted(city), asked, confirms(clerk)).when(confirming(mayor)).then(confirms(mayor), ended);
    given(adopted(city), asked, confirms(member))
      .when(confirming(by('council', 'district-2')))
      .then(confirms(by('council', 'district-2')));
    given(adopted(city), asked, confirms(clerk), confirms(mayor), ended).when(ask).thenNothing();
    given(adopted(city), asked)
      .when({ ...ask, size: 55 })
      .then({
        ...asked,
        sha256: restoredDigest(55, tree.root),
        subject: { ...tree, size: 55 },
      });
  });
});
