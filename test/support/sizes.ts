import { projectFiles, textOf } from './projectFiles.ts';

// `npm run sizes`: prints the size of everything in one table, so that a change that adds more than it takes away is noticed.

const files = projectFiles();
const code = files.filter((path) => /\.tsx?$/.test(path));
const source = code.filter((path) => /^(domain|functions|infra)\//.test(path));
const words = files.filter((path) => /^functions\/platform\/words\/.*\.json$/.test(path));
const tests = code.filter((path) => path.startsWith('test/'));

const megabytes = (paths: readonly string[]) =>
  `${(paths.reduce((sum, path) => sum + Buffer.byteLength(textOf(path)), 0) / 1e6).toFixed(2)} MB`;
const matches = (path: string, pattern: RegExp) => textOf(path).match(pattern)?.length ?? 0;

/** Titles of the events in commits, and of those that follow from the log or are in no commit. */
const [LOGGED, FOLLOWING] = [/^## aldergate\.(?!derived\.)[a-z]/gm, /^## aldergate\.(?:derived\.|[A-Z])/gm];

const ROWS: Readonly<Record<string, string>> = {
  'source and words': `${megabytes([...source, ...words])}, ${source.length} files`,
  'test code': `${megabytes(tests)}, ${tests.length} files`,
  'event types': `${matches('docs/events.md', LOGGED)} in the log, ${matches('docs/events.md', FOLLOWING)} on the bus alone`,
  'problem codes': String(matches('functions/web/http/problems.ts', /kind\(\d/g)),
  'terms of the glossary': String(matches('docs/glossary.md', /^\| /gm) - 1),
};
for (const [name, size] of Object.entries(ROWS)) console.log(`${name.padEnd(24)}${size}`);
