import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JUDGE_CODES } from '../../../domain/judge/verdict.ts';
import { CLAIMS } from './claims.ts';
import { type Bound, fieldsBound } from './fields.ts';
import { notRenamed } from './mutants/fields.ts';
import { added, movedElsewhere, rearranged, withoutOne } from './mutants/orders.ts';
import { type Mutant, Original } from './mutants/original.ts';
import { STORIES } from './stories.ts';

// Every change of every honest log. ALDERGATE_PROPERTY_RUNS makes all of them, else an even part.
const isWhole = process.env.ALDERGATE_PROPERTY_RUNS !== undefined;
const every = (part: number, whole = 1) => (isWhole ? whole : part);
const PATIENCE_MS = 300_000;

const LOGS = Object.values(STORIES).map((story) => new Original(story().commits));
const DOCUMENT = join(import.meta.dirname, '../../../docs/judge.md');

const FIELDS = `
## Fields

Made by changing each field in logs of real stories, to values of its kind and to values from elsewhere, with every hash and every name of an
act made anew; \`commit\` is the frame around the events. *Judged*: no such log stands. *Signed by a passkey*: where the policy asks for one.
*Signed by the vendor*: by a \`v1a\` key. The \`at\` of each event is judged, and so is the \`actor\` of a commit but where it is named below.
`;

const CLAIMED = `
## Claims

Why it is enough that the gate claims a field, and those within it.

| field | reason |
|---|---|`;

const LEFT_OUT = `
## Commits left out

Made by leaving each commit out of each story and chaining its stream anew. The judge notices, in every story, a commit that is missed by
something that rests on it. Of the others only the tree shows it: a log that a witness or an earlier checkpoint has seen cannot lose an entry.
They begin with`;

const isWithin = (field: string, name: string) => `${field}.`.startsWith(`${name}.`);

/** Returns of each type of event whether a commit that begins with it is missed in every story. */
const missed = () => {
  const types = new Map<string, boolean>();
  for (const original of LOGS)
    for (const mutant of withoutOne(original))
      if (types.get(mutant.what) !== false) types.set(mutant.what, !original.stands(mutant));
  return types;
};

const sorted = <V>(map: ReadonlyMap<string, V>) => [...map].sort(([one], [other]) => (one < other ? -1 : 1));

const COLUMNS = [
  'judged',
  'claimed by the gate',
  'signed by a passkey',
  'signed by the vendor',
] as const satisfies readonly Bound[];

/** What the words above the table say of every event, where it is judged. */
const SAID_ONCE = /^commit\.actor\.|^[A-Z][A-Za-z]*\.at$/;

const fieldsBy = (fields: readonly (readonly [string, Bound])[], by: Bound) =>
  fields.flatMap(([field, each]) => (each === by ? [`\`${field.slice(field.indexOf('.') + 1)}\``] : [])).join(', ');

const written = (document: string) => {
  const lines = document.split('\n').map((line) => line.split('|').slice(1, -1));
  const rows = lines.filter((cells) => cells.length === COLUMNS.length + 1);
  return new Map(
    rows.flatMap(([event = '', ...cells]) =>
      cells.flatMap((cell, index) =>
        [...cell.matchAll(/`([^`]+)`/g)].map(
          ([, field]) => [`${event.replaceAll(/[`\s]/g, '')}.${field}`, COLUMNS[index] as Bound] as const,
        ),
      ),
    ),
  );
};

const survivors = (mutantsOf: (original: Original) => Iterable<Mutant>) => {
  let count = 0;
  const alive: string[] = [];
  for (const original of LOGS)
    for (const mutant of mutantsOf(original)) {
      count += 1;
      if (original.stands(mutant)) alive.push(mutant.what);
    }
  return { count, alive };
};

/** Events that follow from others, or from time, and are no person's act. */
const CONSEQUENCES = [
  'RequirementMet',
  'ChangeVetoed',
  'VetoOverridden',
  'ChangeRefused',
  'ChangeLapsed',
  'ChangeApproved',
  'ApprovalEnded',
  'FeatureRemoved',
  'RosterAdopted',
  'PolicyAdopted',
];

test(
  'docs/judge.md has each code behind one rule, and tables of codes and mutants (vitest -u of test/prove/judge.test.ts)',
  async () => {
    const { mutants, fields: found } = fieldsBound(LOGS, every(96));
    expect(mutants).toBeGreaterThan(every(5_000, 20_000));
    // What a part of the changes does not forge, all of them may: only these tell which fields are judged.
    const document = await readFile(DOCUMENT, 'utf8');
    const ruled = [...document.matchAll(/\*\(([a-z,\s-]+)\)\*/g)].flatMap(([, all = '']) => all.split(/,\s+/));
    expect(ruled.sort()).toEqual(Object.keys(JUDGE_CODES).sort());
    const before = isWhole ? new Map<string, Bound>() : written(document);
    const fields = new Map([...found].map(([field, by]) => [field, by === 'judged' ? (before.get(field) ?? by) : by]));
    const codes = Object.entries(JUDGE_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    const told = sorted(fields).filter(([field, by]) => by !== 'judged' || !SAID_ONCE.test(field));
    const events = Map.groupBy(told, ([field]) => field.slice(0, field.indexOf('.')));
    const rows = [...events].map(([event, all]) => `| \`${event}\` | ${COLUMNS.map((by) => fieldsBy(all, by)).join(' | ')} |`);
    const claims = Object.entries(CLAIMS).map(([field, reason]) => `| \`${field}\` | ${reason} |`);
    const unnoticed = sorted(missed()).flatMap(([type, isNoticed]) => (isNoticed ? [] : [`\`${type}\``]));
    const text = [
      // What people wrote stands before the tables.
      `${document.split('\n## Codes\n')[0]}\n## Codes\n`,
      '| code | meaning |\n|---|---|',
      ...codes,
      FIELDS,
      `| event | ${COLUMNS.join(' | ')} |`,
      '|---|---|---|---|---|',
      ...rows.map((row) => row.replaceAll(/(?<=\|) {2}(?=\|)/g, ' ')),
      CLAIMED,
      ...claims,
      `${LEFT_OUT} ${unnoticed.join(', ')}.\n`,
    ].join('\n');
    await expect(text).toMatchFileSnapshot(DOCUMENT);
    const claimed = [...fields].flatMap(([field, by]) => (by === 'claimed by the gate' ? [field] : []));
    const reasons = Object.keys(CLAIMS);
    expect(claimed.filter((field) => !reasons.some((name) => isWithin(field, name)))).toEqual([]);
    expect(reasons.filter((name) => !claimed.some((field) => isWithin(field, name)))).toEqual([]);
  },
  PATIENCE_MS,
);

test('a forger can make the name of each act anew', () => {
  expect(LOGS.flatMap(({ log }) => notRenamed(log))).toEqual([]);
});

test('no omitted, doubled or reordered event goes unseen', () => {
  const { count, alive } = survivors(rearranged);
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

test(
  'no event stands in another commit than its own, and a refused commit leaves no trace in the judge',
  () => {
    const { count, alive } = survivors((original) => movedElsewhere(original, every(13, 2)));
    expect(alive).toEqual([]);
    expect(count).toBeGreaterThan(every(700, 2_500));
    const untouched = LOGS.flatMap((original) => original.areUntouched());
    expect(untouched.length).toBeGreaterThan(100);
    expect(untouched).not.toContain(false);
  },
  PATIENCE_MS,
);

test(
  'no consequence stands without its acts, wherever it is written and by whom',
  () => {
    const commits = LOGS.flatMap(({ log }) => log);
    const samples = CONSEQUENCES.map((type) => {
      for (const commit of commits) for (const event of commit.events) if (event['type'] === type) return { commit, event };
      throw new Error(`no story has ${type}`);
    });
    const { count, alive } = survivors((original) => added(original, samples, every(4)));
    expect(alive).toEqual([]);
    expect(count).toBeGreaterThan(every(700, 3_000));
  },
  PATIENCE_MS,
);
