import { describe, expect, test } from 'vitest';
import { type MinutesDraft, type NamedSeat, readMinutes } from '../../../domain/feature/minutes.ts';

const SEATS: readonly NamedSeat[] = [
  ...['1', '2', '3', '11'].map((n) => ({ seat: `district-${n}`, names: [`district-${n}`, `Council member, District ${n}`] })),
  { seat: 'at-large', names: ['at-large', 'At Large', 'María José Peña'] },
];
const read = (text: string): MinutesDraft => readMinutes(text, SEATS);
const WHOLE = { 'district-1': 'yes', 'district-2': 'yes', 'district-3': 'no', 'district-11': 'absent', 'at-large': 'abstain' };

describe('ways to write one vote', () => {
  test.each([
    [
      'as a clerk writes it',
      'Aye: District 1, District 2 (2)\nNay: District 3 (1)\nAbstain: At Large (1)\nAbsent: District 11 (1)',
    ],
    [
      'in one line',
      'carried by the following vote: Aye: District 1, District 2 (2). Nay: District 3 (1). Abstain: At Large (1). Absent: District 11 (1).',
    ],
    [
      'in capitals, totals first',
      'AYES (2): DISTRICT 1, DISTRICT 2\nNAYS (1): DISTRICT 3\nABSTENTIONS (1): AT LARGE\nABSENT (1): DISTRICT 11',
    ],
    [
      'broken lines',
      'Ayes: Council\nmember District 1, Council member\nDistrict 2\nNoes: District 3\nAbstained: Peña\nAbsent: district-11',
    ],
    ['one name a line', 'Yes\nDistrict 1\nDistrict 2\nNo\nDistrict 3\nAbstain\nAt Large\nAbsent\nDistrict 11'],
    [
      'with titles and "and"',
      'Aye: Council member, District 1 and Councilmember District 2.\nNay: Hon. District 3.\nAbstain: Ms. Pena.\nAbsent: District 11.',
    ],
    ['in Spanish', 'A favor: District 1, District 2\nEn contra: District 3\nAbstención: Peña\nAusente: District 11'],
  ])('%s', (_, text) => {
    expect(read(text)).toMatchObject({ votes: WHOLE, problems: [] });
  });
});

test('an unknown name matches no seat', () => {
  expect(read('Aye: District 1 (1)\nNay: (None) (0)\nAbsent: None')).toMatchObject({
    votes: { 'district-1': 'yes' },
    problems: [],
  });
});

test('mover, seconder and file', () => {
  const text =
    'A motion offered by Council member District 1, duly seconded by At Large, that Council Resolution 25-1967 be adopted: Aye: District 1 (1)';
  expect(read(text)).toMatchObject({ mover: 'district-1', seconder: 'at-large', fileNumber: '25-1967' });
});

test('a total that disagrees leaves its whole group blank', () => {
  expect(read('Aye: District 1, District 2 (3)\nNay: District 3 (1)')).toMatchObject({
    votes: { 'district-3': 'no' },
    problems: [{ code: 'count', label: 'Aye', said: 3, found: 2 }],
  });
});

test('an unknown name, and a seat named twice, stay blank', () => {
  expect(read('Aye: District 1, District 9, District 2\nNay: District 2')).toMatchObject({
    votes: { 'district-1': 'yes' },
    problems: [
      { code: 'unmatched', label: 'Aye', name: 'District 9' },
      { code: 'twice', seat: 'district-2' },
    ],
  });
});

test('a name that fits two seats matches neither', () => {
  const two: readonly NamedSeat[] = [
    { seat: 'a', names: ['Ann Lopez'] },
    { seat: 'b', names: ['Ben Lopez'] },
  ];
  expect(readMinutes('Aye: Lopez, Ann Lopez', two)).toMatchObject({
    votes: { a: 'yes' },
    problems: [{ code: 'unmatched', name: 'Lopez' }],
  });
});

test('a text without votes is reported', () => {
  expect(read('The meeting was adjourned.')).toEqual({
    votes: {},
    fileNumber: null,
    mover: null,
    seconder: null,
    problems: [{ code: 'no-votes' }],
  });
});
