import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MutableFunction, type Mutation, mutableFunctions } from './mutations.ts';
import { ROOT } from './projectFiles.ts';
import { RUN_MARK } from './sharedFolder.ts';
import { place } from './temporaryFolder.ts';

// `npm run mutants`: changes one place of one function at a time and prints the changes that the tests near it do not notice. The same
// seed and sources give the same changes. It works on a copy of the newest commit, so none of your files is touched.

const USAGE = `npm run mutants -- FOLDER … [--count N] [--seed N] [--unchanged-since COMMIT] [--all-tests]

  FOLDER             where functions are changed, such as domain or functions/gate
  --count            how many changes; 20 without it
  --unchanged-since  only functions whose text is in that commit, too, so that two commits can be compared
  --all-tests        run every test, as npm test does
`;

/** Time limit of one change's tests: a change that makes a loop endless is stopped here and counts as noticed. */
const HANGING_MS = 10 * 60_000;

/** A small random number generator that gives the same numbers for a seed (mulberry32). */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

interface Mutant {
  readonly path: string;
  readonly mutation: Mutation;
}

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });

const sourcesIn = (folders: readonly string[]): readonly string[] =>
  git('ls-files', '--', ...folders)
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !path.startsWith('test/'));

const textOf = (commit: string) => {
  const paths = git('ls-tree', '-r', '--name-only', commit, 'domain', 'functions', 'infra').split('\n');
  return paths.map((path) => (path.endsWith('.ts') ? git('show', `${commit}:${path}`) : '')).join('\n');
};

const chosen = (
  copy: string,
  folders: readonly string[],
  { count, seed, known }: { readonly count: number; readonly seed: number; readonly known: string | undefined },
): readonly Mutant[] => {
  const places = sourcesIn(folders).flatMap((path) =>
    mutableFunctions(path, readFileSync(join(copy, path), 'utf8')).map((one: MutableFunction) => ({ path, ...one })),
  );
  const left = places.filter(({ text }) => known?.includes(text) ?? true);
  const below = numbers(seed);
  const mutants: Mutant[] = [];
  while (mutants.length < count && left.length > 0) {
    const [place] = left.splice(below(left.length), 1);
    const mutation = place?.mutations[below(place.mutations.length)];
    if (place !== undefined && mutation !== undefined) mutants.push({ path: place.path, mutation });
  }
  return mutants;
};

/** Tests of a folder's rules besides its own: a second statement of them, random histories, and its callers. */
const BESIDE = {
  'domain/': ['test/domain/judge', 'test/domain/search', 'test/properties'],
  'domain/derived/': ['test/functions/register/derived'],
  'functions/log/': ['test/functions/log'],
  'functions/web/log/': ['test/infra/cli/publicLog.test.ts'],
} as const;

/** Tests that start whole gates. */
const FAR = [':!test/browser', ':!test/infra', ':!test/prove'] as const;

const listed = (...args: readonly string[]): readonly string[] =>
  spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout.split('\n').filter(Boolean);

/**
 * Returns the tests near a source file, in groups that run in order until one notices the change: those that have its name or import it;
 * those of its folder in `test`, or of the nearest parent; those of {@link BESIDE}.
 */
const near = (path: string): readonly (readonly string[])[] => {
  let folder = join('test', dirname(path));
  while (!existsSync(join(ROOT, folder)) && dirname(folder) !== 'test') folder = dirname(folder);
  const room = path.startsWith('functions/') ? 'test/functions/**' : folder;
  const first = [
    ...listed('grep', '-l', `/${path}'`, '--', 'test/**/*.test.ts', ...FAR),
    ...listed('ls-files', '--', `${room}/${basename(path, '.ts')}.test.ts`),
  ];
  const beside = Object.entries(BESIDE).flatMap(([start, tests]) => (path.startsWith(start) ? tests : []));
  return [first, [folder], beside.filter((test) => test !== folder)].filter((group) => group.length > 0);
};

/** How the report shows a test that failed. */
const FAILED = /^ *× .*/mu;

/** Runs tests in a process group and a temporary folder of their own, which end with the first test that fails. */
const failing = async (copy: string, tests: readonly string[]) => {
  const folder = mkdtempSync(join(place(), 'aldergate-mutants-'));
  const command = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=verbose', ...tests];
  const env = { ...process.env, NO_COLOR: '1', TMPDIR: folder, [RUN_MARK]: folder };
  const run = spawn(process.execPath, command, { cwd: copy, env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const end = () => {
    if (run.pid !== undefined && run.exitCode === null && run.signalCode === null) process.kill(-run.pid, 'SIGKILL');
  };
  const atExit = () => {
    end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const hanging = setTimeout(end, HANGING_MS);
  process.once('exit', atExit);
  let failed: string | undefined;
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    failed ??= FAILED.exec(text)?.[0].trim();
    if (failed !== undefined) end();
  });
  const [status]: unknown[] = await once(run, 'exit');
  process.off('exit', atExit);
  clearTimeout(hanging);
  atExit();
  return status === 0 ? undefined : (failed ?? `ended with ${String(status)}`);
};

const noticing = async (copy: string, { path, mutation }: Mutant, groups: readonly (readonly string[])[]) => {
  const file = join(copy, path);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, mutation.start) + mutation.text + text.slice(mutation.end));
  let failed: string | undefined;
  for (const tests of groups) failed ??= await failing(copy, tests);
  writeFileSync(file, text);
  return failed;
};

const placeOf = (copy: string, { path, mutation }: Mutant) => {
  const lines = readFileSync(join(copy, path), 'utf8').slice(0, mutation.start).split('\n');
  return `${path}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1} ${mutation.name} → ${JSON.stringify(mutation.text)}`;
};

const main = async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      'unchanged-since': { type: 'string' },
      'all-tests': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(USAGE);
    return;
  }
  const since = values['unchanged-since'];
  const copy = mkdtempSync(join(tmpdir(), 'aldergate-mutants-'));
  git('worktree', 'add', '--quiet', '--detach', '--force', copy, 'HEAD');
  process.once('exit', () => {
    git('worktree', 'remove', '--force', copy);
    rmSync(copy, { recursive: true, force: true });
  });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const known = since === undefined ? undefined : textOf(since);
  const mutants = chosen(copy, positionals, { count: Number(values.count), seed: Number(values.seed), known });
  let noticed = 0;
  for (const mutant of mutants) {
    const by = await noticing(copy, mutant, values['all-tests'] ? [[]] : near(mutant.path));
    if (by !== undefined) noticed += 1;
    process.stdout.write(`${by === undefined ? 'SURVIVED' : 'noticed '} ${placeOf(copy, mutant)} ${by ?? ''}\n`);
  }
  process.stdout.write(`${noticed} of ${mutants.length} noticed\n`);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main();
