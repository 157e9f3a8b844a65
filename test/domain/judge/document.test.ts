import { beforeAll, expect, test } from 'vitest';
import { JUDGE_CODES } from '../../../domain/judge/verdict.ts';
import { CLAIMS } from './claims.ts';
import { type Bound, fieldsBound } from './fields.ts';
import { withoutOne } from './mutants/orders.ts';
import { Original } from './mutants/original.ts';
import { STORIES } from './stories.ts';

const INTRO = `# The judge

\`domain/judge\` is a second statement of the rules, from the events of the log alone. It shares no rule with what decides, and a check on
imports keeps it so. It is given every commit in the order of the log, and either lets it stand or objects with one of the codes below.
A commit that may not stand leaves no trace in the judge, so what follows from it may not stand either. \`verify\`, \`fsck\`, \`import\` and
the sequencer ask it.

What it cannot know: whether a person clicked, unless a passkey signed; whether a vendor wrote a notice, unless its signature is checked over
the raw bytes (which \`fsck\` and \`verify --notices\` do); and what a gate claims that nothing contradicts. [Fields](#fields) says of each
field of each event which of these it is, [Claims](#claims) what bounds each claim.
`;

const FIELDS = `
## Fields

Made by changing each field in logs of real stories, to values of its kind and to values from elsewhere, with every hash and every name of an
act made anew; \`commit\` is the frame around the events. *Judged*: no such log stands. *Signed by a passkey*: where the policy asks for one.
*Signed by the vendor*: by a \`v1a\` key.
`;

const CLAIMED = `
## Claims

Why it is enough that the gate claims a field, and those within it.

| field | reason |
|---|---|`;

const LEFT_OUT = `
## Commits left out

Made by leaving each commit out of each story and chaining its stream anew. The judge notices, in every story, a commit that is missed by
something that rests on it. The others only the tree shows: a log that a witness or an earlier checkpoint has seen cannot lose an entry.
`;

const reasonFor = (field: string): string => {
  const known = Object.keys(CLAIMS).find((name) => field === name || field.startsWith(`${name}.`));
  return known === undefined ? 'NO REASON' : (CLAIMS[known] ?? '');
};

/** Returns of each type of event whether a commit that begins with it is missed in every story. */
const missed = (): ReadonlyMap<string, boolean> => {
  const types = new Map<string, boolean>();
  for (const story of Object.values(STORIES)) {
    const original = new Original(story().commits);
    for (const mutant of withoutOne(original))
      types.set(mutant.what, (types.get(mutant.what) ?? true) && !original.stands(mutant));
  }
  return types;
};

const sorted = <V>(map: ReadonlyMap<string, V>) => [...map].sort(([one], [other]) => (one < other ? -1 : 1));

const COLUMNS = [
  'judged',
  'claimed by the gate',
  'signed by a passkey',
  'signed by the vendor',
] as const satisfies readonly Bound[];

/** Names the fields of an event that `by` binds. */
const fieldsBy = (fields: readonly (readonly [string, Bound])[], by: Bound): string =>
  fields.flatMap(([field, each]) => (each === by ? [`\`${field.slice(field.indexOf('.') + 1)}\``] : [])).join(', ');

let bound: ReturnType<typeof fieldsBound>;

beforeAll(() => {
  bound = fieldsBound();
}, 300_000);

test('docs/judge.md is what the codes and the mutants make (vitest -u writes it)', async () => {
  const { mutants, fields } = bound;
  expect(mutants).toBeGreaterThan(20_000);
  const codes = Object.entries(JUDGE_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const events = Map.groupBy(sorted(fields), ([field]) => field.slice(0, field.indexOf('.')));
  const rows = [...events].map(([event, all]) => `| \`${event}\` | ${COLUMNS.map((by) => fieldsBy(all, by)).join(' | ')} |`);
  const claims = Object.entries(CLAIMS).map(([field, reason]) => `| \`${field}\` | ${reason} |`);
  const named = (noticed: boolean): string =>
    sorted(missed())
      .flatMap(([type, seen]) => (seen === noticed ? [`\`${type}\``] : []))
      .join(', ');
  const text = [
    INTRO,
    '## Codes\n',
    '| code | meaning |\n|---|---|',
    ...codes,
    FIELDS,
    `| event | ${COLUMNS.join(' | ')} |`,
    '|---|---|---|---|---|',
    ...rows.map((row) => row.replaceAll(/(?<=\|) {2}(?=\|)/g, ' ')),
    CLAIMED,
    ...claims,
    LEFT_OUT,
    `The judge notices commits that begin with ${named(true)}.`,
    `\nThe tree shows those that begin with ${named(false)}.`,
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../docs/judge.md');
}, 300_000);

test('each claim has a reason, and each reason is for a claim', () => {
  const claimed = [...bound.fields].flatMap(([field, by]) => (by === 'claimed by the gate' ? [field] : []));
  expect(claimed.filter((field) => reasonFor(field) === 'NO REASON')).toEqual([]);
  expect(Object.keys(CLAIMS).filter((name) => !claimed.some((field) => `${field}.`.startsWith(`${name}.`)))).toEqual([]);
});
