import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programEnv } from '../../local/process.ts';

// Commands of the documentation, run word for word, so that it cannot differ from what works.

const REPOSITORY = join(import.meta.dirname, '../../../..');
const BLOCK = /^(?<indent> *)```\w*\n(?<commands>.*?)^\k<indent>```$/gms;

/** Returns the commands of the one code block of docs/deploy.md that contains `text`. */
export const documentedCommands = (text: string): string => {
  const blocks = [...readFileSync(join(REPOSITORY, 'docs/deploy.md'), 'utf8').matchAll(BLOCK)];
  const found = blocks.flatMap(({ groups }) => (groups?.commands?.includes(text) === true ? [groups.commands] : []));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} blocks of docs/deploy.md have: ${text}`);
  return only;
};

/** The programs that stand in for what an operator has installed. A deployment does nothing: the tests have made one. */
const PROGRAMS = {
  npx: `if [ "$1" = aldergate ]; then shift; exec node "${REPOSITORY}/infra/cli/main.ts" "$@"; fi; test "$1" = cdk`,
  npm: 'test "$1 $2" = "exec --" && shift 2 && exec "$@"',
  aws: `exec node "${REPOSITORY}/test/infra/aws/support/awsCli.ts" "$@"`,
} as const;

/** A folder in which an operator works: the repository's programs under their documented paths, and the files that commands leave. */
export const operatorFolder = (folder: string): string => {
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(REPOSITORY, 'infra'), join(folder, 'infra'));
  for (const [name, script] of Object.entries(PROGRAMS)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
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
    if (!script.includes(placeholder)) throw new Error(`docs/deploy.md has no ${placeholder} in: ${commands}`);
    script = script.replaceAll(placeholder, value);
  }
  const known = programEnv();
  const all = { ...known, HOME: folder, ...env, PATH: `${join(folder, 'bin')}:${known.PATH}` };
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env: all });
  return stdout;
};
