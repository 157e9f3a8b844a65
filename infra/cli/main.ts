import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { codeOf } from '../../functions/platform/logging.ts';
import { CommandRefused, describeForOperator, plainMessage } from '../local/errors.ts';
import { ignoreOutputErrors } from '../local/loops.ts';
import { commands } from './commands.ts';
import { openTools } from './tools.ts';
import { type Command, printFailure, runCommand, wordsOf } from './usage.ts';

const listed = (some: readonly Command[]): readonly string[] =>
  some.flatMap(({ usage, does }) => [`  aldergate ${usage}`, `      ${does}`]);

const help = (): string =>
  [
    'aldergate: a change of technology stays off until the elected have said yes',
    '',
    ...listed(commands),
    '',
    '  Exit code 0: done, or yes; 1: no, refused or failed; 2: what was typed is wrong.',
    '  --json prints JSON; --url U --token T work on another installation; ALDERGATE_* variables and aldergate.config.json set up the local one.',
  ].join('\n');

const Manifest = z.object({ version: z.string() });
const version = (): string =>
  Manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;

/** Returns the command that the arguments begin with; the longest match wins, so that `policy show` is not `policy`. */
const find = (words: readonly string[]): Command | undefined =>
  commands
    .filter((command) => wordsOf(command).every((word, index) => words[index] === word))
    .toSorted((a, b) => wordsOf(b).length - wordsOf(a).length)[0];

const leadingWords = (argv: readonly string[]): readonly string[] => {
  const first = argv.findIndex((word) => word.startsWith('-'));
  return first === -1 ? argv : argv.slice(0, first);
};

const withoutCommand = (argv: readonly string[]): number => {
  const near = commands.filter((command) => wordsOf(command)[0] === argv[0]);
  if (argv.includes('--help')) {
    console.log(near.length === 0 ? help() : listed(near).join('\n'));
    return 0;
  }
  // Perhaps a script with an empty variable: exit code 0 would look like an answer.
  if (argv.length === 0) {
    console.error(help());
    return 2;
  }
  const more = near.length === 0 ? ['See aldergate --help.'] : listed(near);
  console.error([`aldergate: there is no command ${argv.slice(0, 2).join(' ')}`, ...more].join('\n'));
  return 2;
};

const optionsLast = (argv: readonly string[]): readonly string[] => {
  const [first = ''] = argv;
  const taken = first === '--json' || /^--(?:url|token)=/.test(first) ? 1 : first === '--url' || first === '--token' ? 2 : 0;
  return taken === 0 || taken >= argv.length ? argv : [...optionsLast(argv.slice(taken)), ...argv.slice(0, taken)];
};

/** `help COMMAND` and `-h` are what other programs take. */
const spelt = (argv: readonly string[]): readonly string[] => {
  const [first, ...rest] = argv.map((word) => (word === '-h' ? '--help' : word));
  return first === undefined ? [] : first === 'help' ? [...rest, '--help'] : [first, ...rest];
};

const run = async (given: readonly string[]): Promise<number> => {
  const argv = spelt(optionsLast(given));
  if (argv[0] === '--version' && argv.slice(1).every((word) => word === '--json')) {
    console.log(version());
    return 0;
  }
  const command = find(leadingWords(argv));
  if (command === undefined) return withoutCommand(argv);
  const words = argv.slice(wordsOf(command).length);
  return runCommand(command, words, (options) => openTools(options, process.env, command.begins)).catch((error: unknown) =>
    printFailure(asRefusal(error), command),
  );
};

const asRefusal = (error: unknown): unknown => {
  const line = describeForOperator(error);
  return line === undefined ? error : new CommandRefused(line);
};

/** Makes the exit code 1 if the result cannot be written: a token is shown once. A closed pipe is fine: its reader has enough. */
const failIfLost = (): void => {
  process.stdout.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') return;
    console.error(`aldergate: the command has run, but its result could not be written: ${plainMessage(error.message)}`);
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
  });
};

ignoreOutputErrors();
failIfLost();
process.exitCode = await run(process.argv.slice(2));
