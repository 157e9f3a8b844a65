import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Rules } from './search.ts';
import { ARRIVALS, CONTESTS, REMOVALS, type World } from './world.ts';

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
    file: 'decide/certify.ts',
    find: 'if (confirmedBy !== undefined)',
    instead: 'if (false)',
    world: single,
  },
  {
    what: 'a second vote is held before its time',
    file: 'decide/certify.ts',
    find: 'return meetingDate < first',
    instead: 'return meetingDate < first && false',
    world: timed,
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
    find: 'if (again !== undefined) return',
    instead: 'if (again !== undefined && state.count < 0) return',
    world: wide,
  },
  {
    what: 'words that cannot be held back outdate a moment too late',
    file: 'evaluate.ts',
    find: 'stale <= now',
    instead: 'stale < now',
    world: ARRIVALS,
  },
  {
    what: 'a refusal makes the words before true again',
    file: 'evolve/forced.ts',
    find: 'if (words.length === 0) return state.lingering;',
    instead: "if (words.length === 0 || status === 'refused') return state.lingering;",
    world: ARRIVALS,
  },
  {
    what: 'a revoked approval stays in force',
    file: 'evolve/endings.ts',
    find: 'endApproval(current, each, status)',
    instead: "status === 'revoked' ? current : endApproval(current, each, status)",
    world: ARRIVALS,
  },
  {
    what: 'an approval of words that arrived before those in force comes into force',
    file: 'decide/outcome.ts',
    find: 'if (isOlder(inForce))',
    instead: 'if (isOlder(undefined))',
    world: ARRIVALS,
  },
  {
    what: 'words that cannot be held back count from their arrival, not their effect',
    file: 'arrival.ts',
    find: 'at: forced ? effect : since',
    instead: 'at: since',
    world: ARRIVALS,
  },
  {
    what: 'words that were approved and revoked make no older ones untrue',
    file: 'evolve/forced.ts',
    find: 'if (words.length === 0) return state.lingering;',
    instead: "if (words.length === 0 || status === 'approved') return state.lingering;",
    world: ARRIVALS,
  },
  {
    what: 'a withdrawal restores also after the effect',
    file: 'evolve/forced.ts',
    find: "status === 'withdrawn' ? change.words.filter(([from]) => from <= at)",
    instead: "status === 'withdrawn' ? []",
    world: ARRIVALS,
  },
  {
    what: 'a withdrawal restores nothing before the effect',
    file: 'evolve/forced.ts',
    find: "status === 'withdrawn' ? change.words.filter(([from]) => from <= at)",
    instead: "status === 'withdrawn' ? change.words",
    world: ARRIVALS,
  },
  {
    what: 'an approval is in force before its start',
    file: 'decide/outcome.ts',
    find: '(from ?? at) <= at &&',
    instead: '',
    world: ARRIVALS,
  },
  {
    what: 'an approval of words to come switches off what runs until then',
    file: 'decide/outcome.ts',
    find: '(inForce === undefined || change.effect <= at)',
    instead: 'true',
    world: ARRIVALS,
  },
  {
    what: 'what comes into force leaves the older words that wait',
    file: 'decide/outcome.ts',
    find: 'replaces(inForce, waiting)',
    instead: 'replaces(inForce)',
    world: ARRIVALS,
  },
  {
    what: 'of two that wait the one approved last stays',
    file: 'decide/outcome.ts',
    find: 'return isOlder(waiting) ?',
    instead: 'return isOlder(undefined) ?',
    world: ARRIVALS,
  },
  {
    what: 'what waited begins never',
    file: 'due.ts',
    find: 'state.waiting === change.number ? beginningOf(state) : null',
    instead: 'null',
    world: ARRIVALS,
  },
  {
    what: 'a revocation leaves what waits',
    file: 'decide/revoke.ts',
    find: 'waiting === null || waiting === n ? [] : [waiting]',
    instead: '[waiting].filter(() => n < 0 && waiting !== null).map(Number)',
    world: ARRIVALS,
  },
  {
    what: 'a removal leaves what waits',
    file: 'due.ts',
    find: 'removal !== null && isLater(removalPosition(removal), positionOf(change)) ? latest(since, removal.effectiveAt)',
    instead: "removal !== null && since < '' ? since",
    world: REMOVALS,
  },
  {
    what: 'words that arrived before the effect of a removal end it',
    file: 'evolve/forced.ts',
    find: '{ at: removal.lasts, arrival: removal.arrival }',
    instead: "{ at: '', arrival: removal.arrival }",
    world: REMOVALS,
  },
  {
    what: 'one person confirms a rollback',
    file: 'decide/revoke.ts',
    find: 'complete: areTwoOfTwoBodies(',
    instead: 'complete: confirmed.length >= 0 || areTwoOfTwoBodies(',
    world: ARRIVALS,
  },
  {
    what: 'a rollback needs no withdrawal by the vendor',
    file: 'evolve/forced.ts',
    find: "['withdrew', 'unneeded']",
    instead: "['withdrew', 'unneeded', 'owes']",
    world: ARRIVALS,
  },
  {
    what: 'the words of an open change arrive anew though none overtook them',
    file: 'decide/notify.ts',
    find: '&& !isOvertaken(state, change, command.at)',
    instead: '&& false',
    world: wide,
  },
  {
    what: 'after a contest updates are maintenance again',
    file: 'evolve/forced.ts',
    find: 'contest: { change: n, arrival, act }',
    instead: 'contest: act === undefined ? null : null',
    world: CONTESTS,
  },
  {
    what: 'refused maintenance still counts as maintenance',
    file: 'evolve/endings.ts',
    find: 'refused && findChange',
    instead: 'refused && n < 0 && findChange',
    world: CONTESTS,
  },
  {
    what: 'contested maintenance still counts as maintenance',
    file: 'evolve/forced.ts',
    find: "each[2] === 'maintenance' ? seenAs(each, 'contested') : each",
    instead: 'each',
    world: CONTESTS,
  },
];

const planting = ({ file, find, instead }: Mutant): Plugin => ({
  name: 'plant',
  setup: ({ onLoad, onEnd }) => {
    let isPlanted = false;
    onEnd(() => (isPlanted ? undefined : { errors: [{ text: `${file} is none of the rules` }] }));
    onLoad({ filter: /domain\/feature\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (path !== join(FEATURE, file)) return { contents: source, loader: 'ts' };
      if (source.split(find).length !== 2) throw new Error(`${file} does not have exactly one ${find}`);
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
