import { expect, test } from 'vitest';
import {
  addsOnlyNewSeats,
  differencesFrom,
  type RosterContent,
  rosterFollowing,
  ruledBodies,
  seatingOf,
  seatsSince,
} from '../../../domain/roster/bodies.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { term } from '../../support/fixtures/city.ts';

// A board of two seats and a clerk; the file of the vote adds a third seat and names its holder.

const BOARD: Roster = {
  bodies: {
    board: { name: 'Board', seats: ['one', 'two'], seatLabels: { one: 'First' }, attestedBy: 'clerk' },
    clerk: { name: 'Clerk', seats: ['clerk'] },
  },
  holders: [term('board', 'one'), term('board', 'two'), term('clerk', 'clerk')],
};
const RULED = ruledBodies(BOARD);
const contact = (digit: string) => `sha256:${digit.repeat(64)}`;
const CONTACTS = { one: contact('1'), two: contact('2'), clerk: contact('3') };
const IN_FORCE: RosterContent = { roster: BOARD, contacts: CONTACTS };
const THIRD = term('board', 'three');
const SEATS = ['one', 'two', 'three'];

const fileWith = (
  board: Partial<Roster['bodies'][string]>,
  added: Roster['holders'][number],
  contacts: RosterContent['contacts'],
) => ({
  roster: {
    bodies: { ...BOARD.bodies, board: { ...BOARD.bodies.board, name: 'Board', seats: SEATS, ...board } },
    holders: [...BOARD.holders, added],
  },
  contacts,
});
const FILE = fileWith({ seatLabels: { one: 'First', three: 'Third' } }, THIRD, { ...CONTACTS, three: contact('4') });
const SEATING = seatingOf(RULED, FILE);

test('the seats that a file adds, with their holders, addresses and labels, and nothing of those before', () => {
  expect(SEATING).toEqual({
    bodies: { board: { seats: SEATS, attestedBy: 'clerk' }, clerk: { seats: ['clerk'] } },
    newSeats: {
      bodies: { board: { name: 'Board', seats: ['three'], seatLabels: { three: 'Third' } } },
      holders: [THIRD],
      contacts: { three: contact('4') },
    },
  });
  expect(seatingOf(RULED, IN_FORCE)).toEqual({ bodies: RULED });
});

test('the roster that follows is the file of the vote, also where a term in the new seat was stored before it', () => {
  expect(rosterFollowing(IN_FORCE, SEATING)).toEqual(FILE);
  const puppet = { ...BOARD, holders: [...BOARD.holders, term('board', 'three', { id: 'puppet' })] };
  expect(rosterFollowing({ ...IN_FORCE, roster: puppet }, SEATING).roster.holders).toEqual(FILE.roster.holders);
});

test('a seat that the policy lacks goes with its term, its label and the address of who sits nowhere else', () => {
  const { roster, contacts } = rosterFollowing(IN_FORCE, { bodies: { board: { seats: ['two'] }, clerk: { seats: ['clerk'] } } });
  expect(roster).toEqual({
    bodies: { board: { name: 'Board', seats: ['two'] }, clerk: BOARD.bodies.clerk },
    holders: [term('board', 'two'), term('clerk', 'clerk')],
  });
  expect(contacts).toEqual({ two: contact('2'), clerk: contact('3') });
});

test('who is on the roster keeps the address that it has', () => {
  const seating = seatingOf(RULED, fileWith({}, term('board', 'three', { id: 'clerk' }), { clerk: contact('9') }));
  expect(rosterFollowing(IN_FORCE, seating).contacts.clerk).toBe(contact('3'));
});

const { roster: whole } = FILE;
test.each<[string, RosterContent, readonly string[]]>([
  [
    'another holder in a new seat',
    fileWith({ ...whole.bodies.board }, term('board', 'three', { id: 'x' }), FILE.contacts),
    ['the term of x in board/three', 'the term of three in board/three'],
  ],
  ['a term left out', { ...FILE, roster: { ...whole, holders: whole.holders.slice(1) } }, ['the term of one in board/one']],
  [
    'a name',
    { ...FILE, roster: { ...whole, bodies: { ...whole.bodies, clerk: { name: 'Secretary', seats: ['clerk'] } } } },
    ['the names of clerk'],
  ],
  ['a label', fileWith({ seatLabels: { one: 'Chair', three: 'Third' } }, THIRD, FILE.contacts), ['the names of board']],
  ['an address', { ...FILE, contacts: { ...FILE.contacts, two: contact('8') } }, ['the address of two']],
  ['no address that the file leaves out', { ...FILE, contacts: {} }, []],
])('what differs is named: %s', (_, file, differences) => {
  expect(differencesFrom(rosterFollowing(IN_FORCE, SEATING), file)).toEqual(differences);
});

const adding = (seat: string, holders: Roster['holders'] = []) => ({
  newSeats: { bodies: { board: { name: 'Board', seats: [seat] } }, holders, contacts: {} },
});
test.each<[string, typeof SEATING, boolean]>([
  ['seats that are new', SEATING, true],
  ['none', { bodies: RULED }, true],
  ['fewer seats', { bodies: { clerk: { seats: ['clerk'] } } }, true],
  ['a seat of the policy that is neither known nor added', { bodies: SEATING.bodies }, false],
  ['a seat that is known already', { bodies: RULED, ...adding('two') }, false],
  ['an added seat that the policy lacks', { ...SEATING, bodies: RULED }, false],
  ['a holder in a seat that is not new', { bodies: SEATING.bodies, ...adding('three', [term('clerk', 'clerk')]) }, false],
])('what a policy may add: %s', (_, seating, allowed) => {
  expect(addsOnlyNewSeats(RULED, seating)).toBe(allowed);
});

test('since when a body has its seats is asked of no prototype', () => {
  const bodies = { constructor: { seats: ['one'] } };
  expect(seatsSince({ bodies, seatsSince: {} }, bodies, '2026-03-01T00:00:00.000Z')).toEqual({});
});
