import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import {
  type AuditItem,
  AuditJudge,
  type AuditKind,
  AuditReader,
  AuditScan,
  containsPlate,
  type DayStanding,
  FileFault,
  isWord,
  namedLayout,
  timeOf,
  visibilityOf,
} from '../../../domain/observation/audit.ts';
import { csvOptions } from '../../../infra/cli/observedFile.ts';

const HEAD =
  'ID,Name,Org Name,Total Networks Searched,Time Frame,License Plate,Reason,Case #,Filters,Search Time,Search Type,Text Prompt,Moderation';
const row = (org: string, type: string, time = '06/18/2025, 01:02:03 PM UTC') =>
  `7,Seat 4,${org},3,"from\nto",***,stolen vehicle,,,"${time}",${type},,`;

const TYPES = { freeform: 'acme.lpr.freeform', lookup: 'acme.lpr' };
const on: DayStanding = { on: true, audience: null };
const police: DayStanding = { on: true, audience: ['Police'] };
const off: DayStanding = { on: false, audience: null };

interface Question {
  readonly kind?: AuditKind;
  readonly types?: Record<string, string>;
  readonly agencies?: Record<string, string>;
  readonly root?: string;
  readonly standing?: (key: string, day: string) => DayStanding | undefined;
  readonly columns?: readonly string[];
}

const audit = (
  text: string,
  { kind = 'access', types = TYPES, agencies = {}, root, standing = () => on, columns }: Question = {},
) => {
  const reader = new AuditReader(kind, columns && namedLayout(kind, columns));
  const scan = new AuditScan(kind);
  const judge = new AuditJudge(types, { agencies }, root, standing);
  const items: AuditItem[] = [];
  parse(
    text,
    csvOptions((row) => void items.push(...reader.read(row))),
  );
  for (const item of items) {
    scan.take(item);
    if (item.type === 'row') judge.take(item.row);
    if (item.type === 'misfit') judge.misfit(item.line);
  }
  scan.end();
  return { scan, judge, flags: judge.flags.map(({ code, key, rows, lines }) => [code, key, rows, ...lines]) };
};
const fault = (work: () => unknown) => {
  try {
    work();
    return 'none';
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return error.message;
  }
};

describe('the columns of a file', () => {
  const expected = [['feature-off', 'acme.lpr.freeform', 1, 2]];
  const freeformOff = (key: string) => (key === 'acme.lpr.freeform' ? off : on);

  test('in the order of its header, also with one more', () => {
    expect(audit(`${HEAD}\n${row('Police', 'freeform')}\n`, { standing: freeformOff }).flags).toStrictEqual(expected);
    const shifted = 'Search Type,Extra,SEARCH_TIME,org name\nfreeform,x,2025-06-18,Police\n';
    const { scan, flags } = audit(shifted, { standing: freeformOff });
    expect([scan.unknownColumns, flags]).toStrictEqual([1, expected]);
  });
  test('of a header that comes again, in another order', () => {
    const text = `${HEAD}\n${row('Police', 'lookup')}\n${HEAD}\n${row('Police', 'freeform')}\nSearch Type,Search Time,Org Name\nfreeform,2025-06-18,Police\n`;
    const { scan, flags } = audit(text, { standing: freeformOff });
    expect([scan.rows, scan.headers]).toStrictEqual([3, 3]);
    expect(flags).toStrictEqual([['feature-off', 'acme.lpr.freeform', 2, 5, 8]]);
  });
  test.each<[string, string]>([
    ['thirteen', row('Police', 'freeform')],
    ['fourteen', '7,Seat 4,Police,3,90,"a\nb",***,theft,,,"06/18/2025, 01:02:03 PM UTC",freeform,,'],
  ])('without a header, by their number: %s', (_name, line) => {
    const { scan, flags } = audit(`${line}\n`, { standing: freeformOff });
    expect(scan.withoutHeader).toBe(true);
    expect(flags).toStrictEqual([['feature-off', 'acme.lpr.freeform', 1, 1]]);
  });
  test('without a header, by the names that the city gives', () => {
    const columns = ['whatever', 'Search Type', 'Org Name'];
    expect(audit('x,freeform,Police\n', { columns, standing: freeformOff }).flags).toStrictEqual([
      ['feature-off', 'acme.lpr.freeform', 1, 1],
    ]);
  });
  test('that are unknown are not guessed', () => {
    expect(fault(() => audit('one,two,three\n1,2,3\n'))).toContain('line 1: this is no header');
    expect(fault(() => audit(row('Police', 'freeform', 'some day')))).toContain('line 1: this is no header');
  });
  test('that are named twice are refused, since one of them would be judged by nothing', () => {
    const text = `${HEAD},search  type\n${row('Police', 'lookup')},freeform\n`;
    expect(fault(() => audit(text, { standing: freeformOff }))).toBe('line 1: two columns are named search  type');
  });
  test('a row of another width is not judged and not passed over', () => {
    const text = `${HEAD}\n${row('Police', 'freeform')},moved\nPolice,freeform\n`;
    expect(audit(text, { standing: () => off }).flags).toStrictEqual([['unreadable-row', null, 2, 2, 4]]);
  });
  test('that hold people to account are missed when they go', () => {
    expect(audit('Org Name,Search Time,Search Type\nPolice,2025-06-18,lookup\n').scan.missing).toStrictEqual([
      'user',
      'plate',
      'reason',
      'case',
    ]);
  });
  test('a file without rows proves nothing, not that there were no searches', () => {
    expect(fault(() => audit(`${HEAD}\n\n`))).toBe('line 1: the file holds no row');
  });
});

describe('what is flagged', () => {
  test('an organisation outside the approved audience; a name that the map knows is inside', () => {
    const text = `${HEAD}\n${row(' POLICE ', 'lookup')}\n${row('City PD', 'lookup')}\n${row('Sheriff', 'lookup')}\n${row('Sheriff', 'lookup')}\n`;
    const { flags, judge } = audit(text, { agencies: { 'City PD': 'Police' }, standing: () => police });
    expect(flags).toStrictEqual([['outside-audience', 'acme.lpr', 2, 6, 8]]);
    expect(judge.outsiders).toBe(1);
  });
  test.each(['', '***', 'REDACTED', '###'])('an organisation that is shown as %j, where only some may', (org) => {
    const text = `${HEAD}\n${row(org, 'lookup')}\n`;
    expect(audit(text, { standing: () => police }).flags).toStrictEqual([['organisation-not-shown', 'acme.lpr', 1, 2]]);
    expect(audit(text).flags).toStrictEqual([]);
  });
  test('by the day of the search', () => {
    const text = `${HEAD}\n${row('Police', 'lookup', '06/17/2025, 11:59:59 PM UTC')}\n${row('Police', 'lookup')}\n`;
    const standing = (_key: string, day: string) => (day === '2025-06-18' ? off : on);
    expect(audit(text, { standing }).flags).toStrictEqual([['feature-off', 'acme.lpr', 1, 4]]);
  });
  test('unmapped types are reported as such and count for the vendor’s root', () => {
    const text = `${HEAD}\n${row('Police', 'convoy')}\n${row('Police', 'Convoy')}\n${row('Police', 'lookup')}\n${row('Police', '')}\n`;
    const { judge, flags } = audit(text);
    expect(judge.uses).toStrictEqual([
      { type: 'convoy', key: null, rows: 2 },
      { type: 'lookup', key: 'acme.lpr', rows: 1 },
      { type: null, key: null, rows: 1 },
    ]);
    expect(flags).toStrictEqual([]);
    const rooted = audit(text, { root: 'acme', standing: (key) => (key === 'acme' ? off : on) });
    expect(rooted.flags).toStrictEqual([['feature-off', 'acme', 3, 2, 4, 8]]);
  });
  test('a setting that is switched while its feature is not approved', () => {
    const text =
      'Timestamp,User,Event Type,Entity Type,Entity Details,Event Id\n2025-06-18 10:00:00,***,update,networkShareSettings,"{""a"":1}",1\n2025-06-18 10:00:00,***,create,role,,2\n';
    const { flags, judge } = audit(text, {
      kind: 'settings',
      types: { networkShareSettings: 'acme.sharing' },
      standing: () => off,
    });
    expect(flags).toStrictEqual([['feature-off', 'acme.sharing', 1, 2]]);
    expect(judge.uses.map(({ type, key }) => [type, key])).toStrictEqual([
      ['networkShareSettings', 'acme.sharing'],
      ['role', null],
    ]);
  });
});

describe('what is counted', () => {
  test('masked is not blank, and blank is not none', () => {
    expect(['***', 'REDACTED', '[Redacted]', '###', '', 'none', 'A-1'].map(visibilityOf)).toStrictEqual([
      'masked',
      'masked',
      'masked',
      'masked',
      'blank',
      'shown',
      'shown',
    ]);
    const { scan } = audit(`${HEAD}\n${row('Police', 'lookup')}\n`);
    expect(scan.shown.get('plate')).toStrictEqual({ shown: 0, masked: 1, blank: 0 });
    expect(scan.shown.get('case')).toStrictEqual({ shown: 0, masked: 0, blank: 1 });
  });
  test('reasons that look like a plate, by their lines', () => {
    expect(
      ['veh XYZ1234 seen', 'ABC12', 'case 25-12345', 'investigation', 'CR250123456', 'I25'].map(containsPlate),
    ).toStrictEqual([true, true, false, false, false, false]);
    const { scan } = audit('id,userId,searchDate,cameraCount,reason\n1,u,2025-06-18,4,theft\n2,u,2025-06-18,4,see XYZ1234\n');
    expect(scan.plates).toMatchObject({ count: 1, first: [3] });
  });
  test('cells that a spreadsheet would run', () => {
    expect(audit(`${HEAD}\n${row('=1+1', 'lookup')}\n${row('@SUM(A1)', 'lookup')}\n${row('-3', 'lookup')}\n`).scan.formulas).toBe(
      2,
    );
  });
  test('only plain words of a type column are reported', () => {
    expect(['freeform', 'multiGeo', 'XYZ1234', 'District 3', '', 'x'.repeat(50)].map(isWord)).toStrictEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
  test('more types and days than any export has: the columns are not what they seem', () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `t${i},2025-06-18,Police`);
    expect(fault(() => audit(`Search Type,Search Time,Org Name\n${lines.join('\n')}\n`))).toContain(
      'the columns are not what they seem',
    );
  });
});

test.each([
  ['06/18/2025, 01:02:03 PM UTC', '2025-06-18T13:02:03.000Z'],
  ['06/18/2025, 12:00:00 AM UTC', '2025-06-18T00:00:00.000Z'],
  ['06/18/2025, 12:30:00 PM UTC', '2025-06-18T12:30:00.000Z'],
  ['6/8/2025 1:02 AM', '2025-06-08T01:02:00.000Z'],
  ['2025-06-18 00:02:04.789', '2025-06-18T00:02:04.000Z'],
  ['2025-06-18T00:02:04Z', '2025-06-18T00:02:04.000Z'],
  ['2025-06-18T00:02:04-06:00', '2025-06-18T06:02:04.000Z'],
  ['2025-06-18', '2025-06-18T00:00:00.000Z'],
])('%s', (cell, instant) => {
  expect(timeOf(` ${cell} `)).toBe(instant);
});

test.each([
  '',
  'yesterday',
  '13/41/2025, 01:02:03 PM UTC',
  '02/30/2025, 01:02:03 PM UTC',
  '06/18/2025, 13:02:03 PM UTC',
  '2025-02-30',
  '***',
  '1750204924',
])('%j tells no time', (cell) => {
  expect(timeOf(cell)).toBeUndefined();
});
