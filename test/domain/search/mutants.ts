import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Rules } from './search.ts';
import { ARRIVALS, CONTESTS, OUTLASTED, REMOVALS, REMOVED_AGAIN, type World } from './world.ts';

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

const timed: World = { ...single, policy: 'timed', ops: ['notify', 'certify', 'override', 'sign', 'confirm'] };

/** Defects that a search must find; a test checks that it does. */
export const MUTANTS: readonly Mutant[] = (
  [
    [
      'an approval no longer needs two persons',
      'decide/outcome.ts',
      'approversOf(change, required) < APPROVERS_MIN',
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
      'approversOf(change, required) < APPROVERS_MIN',
      'required.length > 1 ? false : true',
      { ...single, policy: 'unconfirmed' },
    ],
    [
      'an override no longer waits for its confirmation',
      'decide/certify.ts',
      'if (confirmedBy !== undefined)',
      'if (false)',
      single,
    ],
    [
      'a second vote is held before its time',
      'decide/certify.ts',
      'return meetingDate < first',
      'return meetingDate < first && false',
      timed,
    ],
    [
      'the clerk who certified confirms',
      'decide/certify.ts',
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
    [
      'words that cannot be held back outdate a moment too late',
      'evaluate.ts',
      'outdated !== undefined && outdated.at <= now',
      'outdated !== undefined && outdated.at < now',
      ARRIVALS,
    ],
    [
      'a refusal makes the words before true again',
      'evolve/words.ts',
      'if (words.length === 0) return state.lingering;',
      "if (words.length === 0 || status === 'refused') return state.lingering;",
      ARRIVALS,
    ],
    [
      'a revoked approval stays in force',
      'evolve/endings.ts',
      'endApproval(current, each, status)',
      "status === 'revoked' ? current : endApproval(current, each, status)",
      ARRIVALS,
    ],
    [
      'an approval of words that arrived before those in force comes into force',
      'decide/outcome.ts',
      'if (isOlder(inForce))',
      'if (isOlder(undefined))',
      ARRIVALS,
    ],
    [
      'words that cannot be held back count from their arrival, not their effect',
      'arrival.ts',
      'at: forced && effect <= now ? effect : since',
      'at: since',
      ARRIVALS,
    ],
    [
      'words that were approved and revoked make no older ones untrue',
      'evolve/words.ts',
      'if (words.length === 0) return state.lingering;',
      "if (words.length === 0 || status === 'approved') return state.lingering;",
      ARRIVALS,
    ],
    [
      'a withdrawal restores also after the effect',
      'evolve/words.ts',
      "status === 'withdrawn' ? change.words.filter(([from]) => from <= at)",
      "status === 'withdrawn' ? []",
      ARRIVALS,
    ],
    [
      'a withdrawal restores nothing before the effect',
      'evolve/words.ts',
      "status === 'withdrawn' ? change.words.filter(([from]) => from <= at)",
      "status === 'withdrawn' ? change.words",
      ARRIVALS,
    ],
    ['an approval is in force before its start', 'decide/outcome.ts', 'starts = (from ?? at) <= at', 'starts = true', ARRIVALS],
    [
      'an approval stands for what runs before its own words do',
      'arrival.ts',
      'positionAt(change, latest(now, words.at))',
      'positionOf(change)',
      ARRIVALS,
    ],
    [
      'an approval of words to come switches off what runs until then',
      'decide/outcome.ts',
      '(inForce === undefined || change.effect <= at)',
      'true',
      ARRIVALS,
    ],
    [
      'what comes into force leaves the older words that wait',
      'decide/outcome.ts',
      'replaces(inForce, waiting)',
      'replaces(inForce)',
      ARRIVALS,
    ],
    [
      'of two that wait the one approved last stays',
      'decide/outcome.ts',
      'return isOlder(waiting) ?',
      'return isOlder(undefined) ?',
      ARRIVALS,
    ],
    ['what waited begins never', 'due.ts', 'state.waiting === change.number ? beginningOf(state) : null', 'null', ARRIVALS],
    [
      'a revocation leaves what waits',
      'decide/revoke.ts',
      'waiting === null || waiting === n ? [] : [waiting]',
      '[waiting].filter(() => n < 0 && waiting !== null).map(Number)',
      ARRIVALS,
    ],
    [
      'a removal leaves what waits',
      'due.ts',
      'removal === null ? undefined : {',
      "removal === null || since > '' ? undefined : {",
      REMOVALS,
    ],
    [
      'words that take effect after a removal outlast it',
      'due.ts',
      'const removal = removalTaking(state, change);',
      `const since_ = latest(change.since, change.forced ? change.effect : undefined);
      const removal = removalTaking(state, { ...change, since: since_ });`,
      OUTLASTED,
    ],
    [
      'a removal that was over ends what waits once the next is announced',
      'evolve.ts',
      'state.removal.lasts <= event.at ? null : state.removal',
      "state.removal.lasts < '' ? null : state.removal",
      REMOVED_AGAIN,
    ],
    [
      'words that arrived before the effect of a removal end it',
      'arrival.ts',
      'isLater({ at: removal.lasts, arrival: removal.arrival }, { at: since, arrival })',
      'removal.arrival > arrival',
      REMOVALS,
    ],
    [
      'one person confirms a rollback',
      'decide/revoke.ts',
      'complete: areTwoOfTwoBodies(',
      'complete: confirmed.length >= 0 || areTwoOfTwoBodies(',
      ARRIVALS,
    ],
    [
      'a rollback needs no withdrawal by the vendor',
      'evolve/words.ts',
      "['withdrew', 'unneeded']",
      "['withdrew', 'unneeded', 'owes']",
      ARRIVALS,
    ],
    [
      'the words of an open change arrive anew though none overtook them',
      'decide/notify.ts',
      '&& !isOvertaken(state, change, command.at)',
      '&& false',
      wide,
    ],
    [
      'after a contest updates are maintenance again',
      'evolve/words.ts',
      'contest: { change: n, arrival, act }',
      'contest: act === undefined ? null : null',
      CONTESTS,
    ],
    [
      'refused maintenance still counts as maintenance',
      'evolve/endings.ts',
      'refused && findChange',
      'refused && n < 0 && findChange',
      CONTESTS,
    ],
    [
      'contested maintenance still counts as maintenance',
      'evolve/words.ts',
      "as === 'maintenance' ? 'contested' : as",
      'as',
      CONTESTS,
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
