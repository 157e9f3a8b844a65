import { describe, expect, test } from 'vitest';
import { type MinutesDraft, type NamedSeat, readMinutes } from '../../../domain/feature/minutes.ts';

const districts = Array.from({ length: 11 }, (_, index) => `${index + 1}`);
const SEATS: readonly NamedSeat[] = [
  ...districts.map((n) => ({ seat: `district-${n}`, names: [`district-${n}`, `District ${n}`, `Person Number-${n}`] })),
  { seat: 'at-large-a', names: ['at-large-a', 'At Large A', 'Ana Sandoval'] },
  { seat: 'at-large-b', names: ['at-large-b', 'At Large B', "Sean O'Dell"] },
];
const read = (text: string): MinutesDraft => readMinutes(text, SEATS);
const group = (vote: string, ...seats: readonly string[]) => Object.fromEntries(seats.map((seat) => [seat, vote]));
const THREE_TO_ONE = { ...group('yes', 'district-1', 'district-2', 'at-large-a'), ...group('no', 'district-3') };

test('the council’s own minutes, as they are published', () => {
  const text = `A motion offered by Council member District 4, duly seconded by Council member At Large A, that Council Resolution 25-1967 be adopted, carried by the following vote:
Aye: District 1, District 2, District 3, District 4, District 6, District 7, District 9, District 10, At Large A (9)
Nay: District 5, District 8 (2)
Abstain: At Large B (1)
Absent: District 11 (1)`;
  expect(read(text)).toEqual({
    votes: {
      ...group('yes', ...['1', '2', '3', '4', '6', '7', '9', '10'].map((n) => `district-${n}`), 'at-large-a'),
      ...group('no', 'district-5', 'district-8'),
      'at-large-b': 'abstain',
      'district-11': 'absent',
    },
    fileNumber: '25-1967',
    mover: 'district-4',
    seconder: 'at-large-a',
    problems: [],
  });
});

describe('the same vote, as other clerks write it', () => {
  test.each([
    ['totals before the colon', 'Ayes (3): District 1, District 2, At Large A\nNays (1): District 3'],
    ['totals after the names, without brackets', 'AYE: District 1, District 2, At Large A 3\nNAY: District 3 1'],
    ['totals after a dash', 'AYES: District 1, District 2, At Large A – 3\nNAYS: District 3 – 1'],
    ['totals after an equals sign', 'Ayes: District 1, District 2, At Large A = 3. Nays: District 3 = 1.'],
    ['total after the label', 'AYES: 3 - District 1, District 2, At Large A\nNAYS: 1 - District 3'],
    ['totals in square brackets', 'Yes: District 1, District 2, At Large A [3]\nNo: District 3 [1]'],
    ['yeas', 'YEAS: District 1, District 2, At Large A\nNAYS: District 3\nABSENT – none'],
    ['nobody against by a dash', 'Yeas – District 1, District 2, At Large A\nNays – District 3\nAbstain – none\nAbsent – None.'],
    ['semicolons', 'Ayes: District 1; District 2; At Large A (3); Nays: District 3 (1)'],
    [
      'Council Member',
      'Aye: Council Member District 1, Council Member District 2, Council Member At Large A\nNay: Council Member District 3',
    ],
    ['Councilmembers, once', 'Aye: Councilmembers District 1, District 2 and At Large A\nNay: Councilmember District 3'],
    ['family names', 'Aye: Number-1, Number-2, Sandoval (3)\nNay: Number-3 (1)'],
    ['names in capitals', 'AYES: PERSON NUMBER-1, PERSON NUMBER-2, ANA SANDOVAL\nNAYS: PERSON NUMBER-3'],
    ['seats by their ids', 'aye: district-1, district-2, at-large-a\nnay: district-3'],
    ['bullets', 'AYES:\n• District 1\n• District 2\n• At Large A\nNAYS:\n• District 3'],
    ['hyphens before each name', 'Ayes:\n- District 1\n- District 2\n- At Large A\nNays:\n- District 3'],
    ['line breaks within names', 'Aye: District 1, District\n2, At Large\nA (3)\nNay: District 3 (1)'],
    ['lines of a table', 'Ayes\tDistrict 1, District 2, At Large A\nNays\tDistrict 3'],
    ['carriage returns', 'Aye: District 1, District 2, At Large A (3)\r\nNay: District 3 (1)\r\n'],
    ['in favor and opposed', 'In favor: District 1, District 2, At Large A\nOpposed: District 3'],
    ['voting aye', 'Voting Aye: District 1, District 2, At Large A. Voting Nay: District 3.'],
    ['an oxford comma', 'Ayes: District 1, District 2, and At Large A. Noes: District 3.'],
    ['Spanish', 'A favor: District 1, District 2 y At Large A (3)\nEn contra: District 3 (1)\nAbstenciones: ninguna'],
    [
      'Spanish, another way',
      'Votos a favor (3): Concejal District 1, Concejala District 2, Ana Sandoval\nVotos en contra (1): District 3',
    ],
    ['Spanish, sí and no', 'Sí: Distrito 1, Distrito 2, At Large A\nNo: Distrito 3'],
  ])('%s', (_, text) => {
    expect(read(text)).toMatchObject({ votes: THREE_TO_ONE, problems: [] });
  });
});

describe('what does not fit blocks', () => {
  test.each([
    ['before the colon', 'Ayes (4): District 1, District 2, At Large A\nNays (1): District 3', 4],
    ['after the names', 'AYE: District 1, District 2, At Large A 12\nNAY: District 3 1', 12],
    ['in brackets', 'Aye: District 1, District 2, At Large A (2)\nNay: District 3 (1)', 2],
    ['of nobody', 'Aye: District 1, District 2, At Large A (0)\nNay: District 3 (1)', 0],
  ])('a total %s', (_, text, said) => {
    const { votes, problems } = read(text);
    expect(votes).toEqual({ 'district-3': 'no' });
    expect(problems).toMatchObject([{ code: 'count', said, found: 3 }]);
  });

  test('a total with an unknown name: both are reported, and the group stays blank', () => {
    const { votes, problems } = read('Aye: District 1, District 99 (3)');
    expect(votes).toEqual({});
    expect(problems.map(({ code }) => code).sort()).toEqual(['count', 'unmatched']);
  });

  test('a numbered seat is not a total: "District 3" at the end of a list', () => {
    expect(read('Aye: District 1, District 3\nNay: District 2')).toMatchObject({
      votes: { ...group('yes', 'district-1', 'district-3'), 'district-2': 'no' },
      problems: [],
    });
  });

  test('an apostrophe, straight or curled', () => {
    for (const name of ["Sean O'Dell", 'Sean O’Dell', "O'Dell"])
      expect(read(`Aye: ${name}`).votes).toEqual({ 'at-large-b': 'yes' });
  });
});

describe('long runs of blanks, dashes and dots', () => {
  const long = 15_000;
  test.each([
    ['blanks', ' '],
    ['tabs', '\t'],
    ['dashes', '-'],
    ['dots', '.'],
    ['lines', '\n'],
    ['blanks that do not break', '\u00a0'],
  ])('%s hold nobody up, wherever they stand', (_, one) => {
    const run = one.repeat(long);
    for (const before of ['aye', 'aye (1)', 'aye: x', 'moved by x', 'seconded by x', 'file', 'vote'])
      for (let n = 0; n < 5; n += 1) expect(read(`${before}${run}y${n}`).votes).toEqual({});
  });

  test('what stands on both sides is read as with a short one, and a paragraph ends where it ends', () => {
    const vote = (run: string): string =>
      `Aye: District 1, District 2, At Large A (3)${run}Nay: District 3 (1)${run}Council Resolution 25-1967, moved by District 4${run}\n\nabsent minds`;
    for (const run of [' '.repeat(500), '-'.repeat(500), `${'='.repeat(80)}\n\n${'='.repeat(80)}`, '\n'.repeat(500)])
      expect(read(vote(run))).toEqual(read(vote(run.includes('\n') ? '\n\n' : run.slice(0, 8))));
  });
});
