import { expect, test } from 'vitest';
import {
  addsOnlyNewSeats,
  differencesFrom,
  type RosterContent,
  rosterFollowing,
  ruledBodies,
  seatingOf,
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
const contact = (digit: string): string => `sha256:${digit.repeat(64)}`;
const IN_FORCE: RosterContent = { roster: BOARD, contacts: { one: contact('1'), two: contact('2'), clerk: contact('3') } };

const fileWith = (change: Partial<Roster['bodies'][string]>, holders = BOARD.holders, contacts = IN_FORCE.contacts) => ({
  roster: {
    bodies: { ...BOARD.bodies, board: { ...BOARD.bodies.board, name: 'Board', seats: ['one', 'two'], ...change } },
    holders,
  },
  contacts,
});
const FILE = fileWith(
  { seats: ['one', 'two', 'three'], seatLabels: { one: 'First', three: 'Third' } },
  [...BOARD.holders, term('board', 'three')],
  { ...IN_FORCE.contacts, three: contact('4') },
);
const SEATING = seatingOf(ruledBodies(BOARD), FILE);

test('the seats that a file adds, with their holders, addresses and labels, and nothing of those before', () => {
  expect(SEATING).toEqual({
    bodies: { board: { seats: ['one', 'two', 'three'], attestedBy: 'clerk' }, clerk: { seats: ['clerk'] } },
    newSeats: {
      bodies: { board: { name: 'Board', seats: ['three'], seatLabels: { three: 'Third' } } },
      holders: [term('board', 'three')],
      contacts: { three: contact('4') },
    },
  });
  expect(seatingOf(ruledBodies(BOARD), IN_FORCE)).toEqual({ bodies: ruledBodies(BOARD) });
});

test('the roster that follows is the file of the vote, and differs from it in nothing', () => {
  const next = rosterFollowing(IN_FORCE, SEATING);
  expect(next).toEqual(FILE);
  expect(differencesFrom(next, FILE)).toEqual([]);
});

test('a seat that the policy lacks goes with its term, its label and the address of who sits nowhere else', () => {
  const { roster, contacts } = rosterFollowing(IN_FORCE, { bodies: { board: { seats: ['two'] }, clerk: { seats: ['clerk'] } } });
  expect(roster).toEqual({
    bodies: { board: { name: 'Board', seats: ['two'] }, clerk: BOARD.bodies.clerk },
    holders: [term('board', 'two'), term('clerk', 'clerk')],
  });
  expect(contacts).toEqual({ two: contact('2'), clerk: contact('3') });
});

test('a term in a new seat that was stored before the vote makes way for the holder whom the vote names', () => {
  const before = { ...IN_FORCE, roster: { ...BOARD, holders: [...BOARD.holders, term('board', 'three', { id: 'puppet' })] } };
  expect(rosterFollowing(before, SEATING).roster.holders).toEqual(FILE.roster.holders);
});

test('who is on the roster keeps the address that it has', () => {
  const seating = seatingOf(
    ruledBodies(BOARD),
    fileWith({ seats: ['one', 'two', 'three'] }, [...BOARD.holders, term('board', 'three', { id: 'clerk' })], {
      clerk: contact('9'),
    }),
  );
  expect(rosterFollowing(IN_FORCE, seating).contacts.clerk).toBe(contact('3'));
});

test.each<[string, RosterContent, readonly string[]]>([
  [
    'another holder in a new seat',
    fileWith(FILE.roster.bodies.board ?? {}, [...BOARD.holders, term('board', 'three', { id: 'x' })]),
    ['the term of x in board/three', 'the term of three in board/three'],
  ],
  [
    'a term that is left out',
    { ...FILE, roster: { ...FILE.roster, holders: FILE.roster.holders.slice(1) } },
    ['the term of one in board/one'],
  ],
  [
    'a name',
    { ...FILE, roster: { ...FILE.roster, bodies: { ...FILE.roster.bodies, clerk: { name: 'Secretary', seats: ['clerk'] } } } },
    ['the names of clerk'],
  ],
  [
    'a label',
    fileWith({ ...FILE.roster.bodies.board, seatLabels: { one: 'Chair', three: 'Third' } }, FILE.roster.holders),
    ['the names of board'],
  ],
  ['an address', { ...FILE, contacts: { ...FILE.contacts, two: contact('8') } }, ['the address of two']],
  ['an address that the file leaves out is no difference', { ...FILE, contacts: {} }, []],
])('%s', (_, file, differences) => {
  expect(differencesFrom(rosterFollowing(IN_FORCE, SEATING), file)).toEqual(differences);
});

test.each<[string, typeof SEATING, boolean]>([
  ['seats that are new', SEATING, true],
  ['none', { bodies: ruledBodies(BOARD) }, true],
  ['fewer seats', { bodies: { clerk: { seats: ['clerk'] } } }, true],
  ['a seat of the policy that is neither known nor added', { bodies: SEATING.bodies }, false],
  [
    'a seat that is known already',
    {
      ...SEATING,
      bodies: ruledBodies(BOARD),
      newSeats: { bodies: { board: { name: 'Board', seats: ['two'] } }, holders: [], contacts: {} },
    },
    false,
  ],
  ['an added seat that the policy lacks', { ...SEATING, bodies: ruledBodies(BOARD) }, false],
  [
    'a holder in a seat that is not new',
    {
      bodies: SEATING.bodies,
      newSeats: { bodies: { board: { name: 'Board', seats: ['three'] } }, holders: [term('clerk', 'clerk')], contacts: {} },
    },
    false,
  ],
])('what a policy may add: %s', (_, seating, allowed) => {
  expect(addsOnlyNewSeats(ruledBodies(BOARD), seating)).toBe(allowed);
});
