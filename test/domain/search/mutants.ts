import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Rules } from './search.ts';
import { PLAIN, type World } from './world.ts';

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

const wide: World = { ...PLAIN, changes: 2, revisions: 2, ops: ['notify', 'certify', 'sign', 'withdraw', 'revoke'] };
const single: World = { ...PLAIN, ops: ['notify', 'certify', 'override', 'correct', 'sign', 'confirm', 'revoke'] };
const timed: World = { ...single, policy: 'timed', ops: ['notify', 'certify', 'override', 'sign', 'confirm'] };

/**
 * Defects that only the reading of persons' acts finds, which is asked for what is wrong and never for what is right: it could see nothing.
 * The reading of what is on says both, so that it cannot.
 */
export const MUTANTS: readonly Mutant[] = (
  [
    [
      'an approval no longer needs two persons',
      'decide/outcome.ts',
      'approversOf(state, change) < APPROVERS_MIN',
      'false',
      { ...single, policy: 'alone' },
    ],
    [
      'an approval no longer needs the documents of its rule',
      'decide/guard.ts',
      'missing.length > 0',
      'false',
      { ...single, policy: 'documented' },
    ],
    [
      'an override no longer needs two persons',
      'decide/outcome.ts',
      'approversOf(state, change) < APPROVERS_MIN',
      'requirementsOf(state, change).length === 1',
      { ...single, policy: 'unconfirmed' },
    ],
    [
      'an override no longer waits for its confirmation',
      'decide/certify.ts',
      'if (confirmedBy !== undefined)',
      'if (false)',
      single,
    ],
    ['a second vote is held before its time', 'decide/secondVote.ts', 'firstVote(rule, veto.at, zone)', "''", timed],
    [
      'the clerk who certified confirms',
      'decide/confirm.ts',
      'if (person === clerk)',
      'if (person === "")',
      { ...single, policy: 'confirmed' },
    ],
    ['the clerk who certified signs', 'state.ts', 'personsOf(by, ...clerks, ', 'personsOf(by, ', single],
    [
      'a revision keeps what was decided on the words before',
      'evolve/words.ts',
      '...pinFields(event.pinned, {}),',
      '...pinFields(event.pinned, {}), ...(before && { requirements: before.requirements, terms: before.terms }),',
      wide,
    ],
    [
      'the words of an open change are announced again',
      'decide/notify.ts',
      'if (again !== undefined) return',
      'if (again !== undefined && state.count < 0) return',
      wide,
    ],
  ] as const
).map(([what, file, find, instead, world]) => ({ what, file, find, instead, world }));

export const placesOf = async ({ file, find }: Mutant): Promise<number> =>
  (await readFile(join(FEATURE, file), 'utf8')).split(find).length - 1;

const planting = ({ file, find, instead }: Mutant): Plugin => ({
  name: 'plant',
  setup: ({ onLoad, onEnd }) => {
    let isPlanted = false;
    onEnd(() => (isPlanted ? undefined : { errors: [{ text: `${file} is none of the rules` }] }));
    onLoad({ filter: /domain\/feature\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (path !== join(FEATURE, file)) return { contents: source, loader: 'ts' };
      isPlanted = true;
      return { contents: source.replace(find, () => instead), loader: 'ts' };
    });
  },
});

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
