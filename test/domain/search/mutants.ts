import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Rules } from './search.ts';
import type { World } from './world.ts';

const FEATURE = join(import.meta.dirname, '../../../domain/feature');

/** A defect planted in the rules: `find` stands exactly once in `file`, and `instead` takes its place. */
export interface Mutant {
  readonly what: string;
  readonly file: string;
  readonly find: string;
  readonly instead: string;
  /** A world in which it does what may never be. */
  readonly world: World;
}

const wide: World = {
  policy: 'both',
  changes: 2,
  revisions: 2,
  maintenance: false,
  ops: ['notify', 'certify', 'sign', 'withdraw', 'revoke'],
};
const single: World = {
  policy: 'both',
  changes: 1,
  revisions: 1,
  maintenance: false,
  ops: ['notify', 'certify', 'override', 'correct', 'sign', 'confirm', 'revoke'],
};

const atMeeting: World = {
  ...single,
  policy: 'meeting',
  ops: ['notify', 'certify', 'override', 'sign', 'confirm', 'name-meeting'],
};

/** Defects that a search must find; a test checks that it does. */
export const MUTANTS: readonly Mutant[] = [
  {
    what: 'an approval no longer needs two persons',
    file: 'decide/outcome.ts',
    find: 'approversOf(change, required) < APPROVERS_MIN',
    instead: 'false',
    world: { ...single, policy: 'alone' },
  },
  {
    what: 'an approval no longer needs the documents of its rule',
    file: 'decide/guard.ts',
    find: 'missing.length > 0',
    instead: 'false',
    world: { ...single, policy: 'documented' },
  },
  {
    what: 'an override no longer needs two persons',
    file: 'decide/outcome.ts',
    find: 'approversOf(change, required) < APPROVERS_MIN',
    instead: 'required.length > 1 ? false : true',
    world: { ...single, policy: 'unconfirmed' },
  },
  {
    what: 'an override no longer waits for its confirmation',
    file: 'decide/override.ts',
    find: 'met && rule.confirmedBy !== undefined',
    instead: 'false',
    world: single,
  },
  {
    what: 'a second vote is held before its time',
    file: 'decide/override.ts',
    find: 'if (meetingDate < first)',
    instead: 'if (meetingDate === first && false)',
    world: atMeeting,
  },
  {
    what: 'a meeting is named beyond the time of the rule',
    file: 'decide/nameMeeting.ts',
    find: '|| meetingDate > days.last',
    instead: '',
    world: atMeeting,
  },
  {
    what: 'a meeting is named where the rule lets none be',
    file: 'decide/nameMeeting.ts',
    find: 'return last === undefined ? undefined :',
    instead: "return last === undefined ? { first: '', last: '9' } :",
    world: { ...atMeeting, policy: 'both' },
  },
  {
    what: 'a second vote counts at any meeting before the veto ends',
    file: 'decide/override.ts',
    find: 'date === veto.meeting?.date ||',
    instead: 'true ||',
    world: atMeeting,
  },
  {
    what: 'the clerk who certified confirms',
    file: 'decide/confirm.ts',
    find: 'if (person === clerk)',
    instead: 'if (person === "")',
    world: { ...single, policy: 'confirmed' },
  },
  {
    what: 'the clerk who certified signs',
    file: 'persons.ts',
    find: 'splitPersons(state.clerks).includes(person) ||',
    instead: '',
    world: single,
  },
  {
    what: 'a revision keeps what was decided on the words before',
    file: 'evolve/wording.ts',
    find: '...pinFields(event.pinned, {}),',
    instead: '...pinFields(event.pinned, {}), ...(before && { requirements: before.requirements, terms: before.terms }),',
    world: wide,
  },
  {
    what: 'the words of an open change are announced again',
    file: 'decide/notify.ts',
    find: 'command.revises === null && again',
    instead: 'false',
    world: wide,
  },
  {
    what: 'words are outdated by the number of their change',
    file: 'evolve/endings.ts',
    find: 'change.arrival < arrival ?',
    instead: 'change.number < n ?',
    world: wide,
  },
  {
    what: 'an approval forgets refused words that arrived later',
    file: 'evolve/endings.ts',
    find: 'known.filter((each) => each.arrival > arrival)',
    instead: 'known.filter(() => false)',
    world: wide,
  },
  {
    what: 'words that cannot be held back outdate a moment too late',
    file: 'evaluate.ts',
    find: 'stale <= now',
    instead: 'stale < now',
    world: wide,
  },
  {
    what: 'a refusal makes the words before true again',
    file: 'evolve/endings.ts',
    find: "status === 'withdrawn' || status === 'approved' ? null",
    instead: "status !== 'lapsed' ? null",
    world: wide,
  },
  {
    what: 'a revoked approval stays in force',
    file: 'evolve.ts',
    find: "({ ...rememberAct(change, act), status: 'revoked' })",
    instead: '({ ...rememberAct(change, act) })',
    world: wide,
  },
  {
    what: 'contested maintenance still counts as maintenance',
    file: 'evolve/endings.ts',
    find: 'maintenance: false, stale',
    instead: 'stale',
    world: { ...wide, revisions: 1, maintenance: true, ops: [...wide.ops, 'contest'] },
  },
];

const planting = ({ file, find, instead }: Mutant): Plugin => ({
  name: 'plant',
  setup: ({ onLoad }) =>
    onLoad({ filter: /domain\/feature\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (path !== join(FEATURE, file)) return { contents: source, loader: 'ts' };
      if (source.split(find).length !== 2) throw new Error(`${file} does not have exactly one ${find}`);
      return { contents: source.replace(find, () => instead), loader: 'ts' };
    }),
});

/** Returns the rules with the defect in them. */
export const rulesOf = async (mutant: Mutant): Promise<Rules> => {
  const contents = `export { featureDecider } from './decide.ts'; export { evaluate } from './evaluate.ts';`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: FEATURE, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [planting(mutant)],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as Rules;
};
