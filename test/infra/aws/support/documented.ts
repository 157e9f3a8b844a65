import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programEnv } from '../../local/process.ts';

// Commands of the documentation, run word for word, so that it cannot differ from what works.

const REPOSITORY = join(import.meta.dirname, '../../../..');
const PAGES = ['docs/deploy.md', 'docs/aws-copies.md'];
const textOfPages = () => PAGES.map((page) => readFileSync(join(REPOSITORY, page), 'utf8')).join('\n');
const BLOCK = /^(?<indent> *)```(?<language>\w*)\n(?<commands>.*?)^\k<indent>```$/gms;

/** Returns the commands of the one code block of the pages about AWS that contains `text`. */
export const documentedCommands = (text: string): string => {
  const blocks = [...textOfPages().matchAll(BLOCK)];
  const found = blocks.flatMap(({ groups }) => (groups?.commands?.includes(text) === true ? [groups.commands] : []));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} blocks of the pages about AWS have: ${text}`);
  return only;
};

/** The programs that stand in for what an operator has installed. A deployment does nothing: the tests have made one. */
const PROGRAMS = {
  npx: `if [ "$1" = aldergate ]; then shift; exec node "${REPOSITORY}/infra/cli/main.ts" "$@"; fi; test "$1" = cdk`,
  npm: 'test "$1 $2" = "exec --" && shift 2 && exec "$@"',
  aws: `exec node "${REPOSITORY}/test/infra/aws/support/awsCli.ts" "$@"`,
} as const;

const writeProgram = (folder: string, name: string, script: string) => {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};

/** A folder in which an operator works: the repository's programs under their documented paths, and the files that commands leave. */
export const operatorFolder = (folder: string): string => {
  symlinkSync(join(REPOSITORY, 'infra'), join(folder, 'infra'));
  for (const [name, script] of Object.entries(PROGRAMS)) writeProgram(folder, name, script);
  return folder;
};

export interface Documented {
  /** One of {@link operatorFolder}. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly commands: string;
  /** Texts of the commands, each of which has to be there, and what stands for them here. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** Runs commands one after the other. Rejects, with what they printed, once one fails. */
export const runDocumented = async ({ folder, env, commands, placeholders = {} }: Documented): Promise<string> => {
  let script = commands;
  for (const [placeholder, value] of Object.entries(placeholders)) {
    if (!script.includes(placeholder)) throw new Error(`the pages about AWS have no ${placeholder} in: ${commands}`);
    script = script.replaceAll(placeholder, value);
  }
  const known = programEnv();
  const all = { ...known, HOME: folder, ...env, PATH: `${join(folder, 'bin')}:${known.PATH}` };
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env: all });
  return stdout;
};

/** The programs whose calls are noted; all others run. */
const NOTED = ['npx', 'npm', 'node', 'aws'] as const;
const NOTE = `{ printf '%s\\037' "$AWS_REGION" "$(basename "$0")" "$@"; printf '\\036'; } >> "$HOME/noted"`;
const CALLED = /\b(?:npx|npm|aws)\b/;

/** A call of a program, with the region that the shell has then. */
export interface Noted {
  readonly region: string;
  readonly words: readonly string[];
}

/**
 * Runs the commands of each section of the pages about AWS in a shell, where programs only note how they are called, and returns those
 * calls by the section's title. A folder has what the commands read: `seen` and the like. `stdout`: what every program prints.
 */
export const notedCalls = (folder: string, stdout: string): ReadonlyMap<string, readonly Noted[]> => {
  for (const name of NOTED) writeProgram(folder, name, `${NOTE}\necho ${stdout}`);
  const { PATH, ...known } = programEnv();
  const env = { ...known, HOME: folder, PATH: `${join(folder, 'bin')}:${PATH}`, AWS_REGION: 'us-west-2' };
  const sections = textOfPages()
    .split(/^#{2,3} /m)
    .slice(1);
  return new Map(
    sections.map((section) => {
      const commands = [...section.matchAll(BLOCK)]
        .flatMap(({ groups: { language, commands: text = '' } = {} }) => (language === '' && CALLED.test(text) ? [text] : []))
        .join('');
      writeFileSync(join(folder, 'noted'), '');
      // What a program prints is not what the next command reads, so one that fails ends nothing.
      execFileSync('sh', ['-c', `${commands}\ntrue`], { cwd: folder, env, stdio: ['ignore', 'ignore', 'ignore'] });
      const calls = readFileSync(join(folder, 'noted'), 'utf8').split('\x1e').slice(0, -1);
      const noted = calls.map((call) => {
        const [region = '', ...words] = call.split('\x1f').slice(0, -1);
        return { region, words };
      });
      return [section.slice(0, section.indexOf('\n')), noted];
    }),
  );
};
