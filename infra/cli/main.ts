import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { Refused } from '../local/refused.ts';
import { BadSettings } from '../local/settings.ts';
import { commands } from './commands.ts';
import { printable } from './printable.ts';
import { openTools } from './tools.ts';
import { type Command, type Options, WrongUsage } from './usage.ts';

const COMMON = { json: 'boolean', url: 'string', token: 'string', help: 'boolean' } as const;

const listed = (some: readonly Command[]): readonly string[] =>
  some.flatMap(({ usage, does }) => [`  aldergate ${usage}`, `      ${does}`]);

const help = (): string =>
  [
    'aldergate: a change of technology stays off until the elected have said yes',
    '',
    ...listed(commands),
    '',
    '  --json prints JSON; --url U --token T work on another installation; ALDERGATE_* variables and aldergate.config.json set up the local one.',
  ].join('\n');

/** The command whose words come first; the longest match wins, so that `policy show` is not `policy`. */
const find = (words: readonly string[]): { command: Command; rest: readonly string[] } | undefined => {
  const matching = commands.filter((command) => command.words.split(' ').every((word, place) => words[place] === word));
  const command = matching.toSorted((a, b) => b.words.length - a.words.length)[0];
  return command === undefined ? undefined : { command, rest: words.slice(command.words.split(' ').length) };
};

const leadingWords = (argv: readonly string[]): readonly string[] => {
  const first = argv.findIndex((word) => word.startsWith('-'));
  return first === -1 ? argv : argv.slice(0, first);
};

const parse = (command: Command, argv: readonly string[]): { args: readonly string[]; options: Options } => {
  const options = Object.fromEntries(Object.entries({ ...COMMON, ...command.takes }).map(([name, type]) => [name, { type }]));
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { args: positionals, options: values };
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
};

/** What the usage names between the command's words and its options; more than that is a mistake better not guessed at. */
const placesOf = ({ words, usage }: Command): number => {
  const named = usage.split(' ').slice(words.split(' ').length);
  const option = named.findIndex((word) => /^\[?--/.test(word));
  return option === -1 ? named.length : option;
};

/** No command: help where it was asked for, else what there is that begins with the same word. */
const withoutCommand = (argv: readonly string[]): number => {
  const near = commands.filter(({ words }) => words.split(' ')[0] === argv[0]);
  if (argv.length === 0 || argv.includes('--help') || argv[0] === 'help') {
    console.log(near.length === 0 ? help() : listed(near).join('\n'));
    return 0;
  }
  const more = near.length === 0 ? ['See aldergate --help.'] : listed(near);
  console.error([`aldergate: there is no command ${argv.slice(0, 2).join(' ')}`, ...more].join('\n'));
  return 2;
};

/** The options that every command takes, after it when they stood before it. */
const optionsLast = (argv: readonly string[]): readonly string[] => {
  const [first = ''] = argv;
  const taken = first === '--json' || /^--(?:url|token)=/.test(first) ? 1 : first === '--url' || first === '--token' ? 2 : 0;
  return taken === 0 || taken >= argv.length ? argv : [...optionsLast(argv.slice(taken)), ...argv.slice(0, taken)];
};

const Manifest = z.object({ version: z.string() });
const version = (): string =>
  Manifest.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version;

const run = async (given: readonly string[]): Promise<number> => {
  const argv = optionsLast(given);
  if (argv.length === 1 && argv[0] === '--version') {
    console.log(version());
    return 0;
  }
  const found = find(leadingWords(argv));
  if (found === undefined) return withoutCommand(argv);
  const { command } = found;
  const { args, options } = parse(command, argv.slice(command.words.split(' ').length));
  if (options.help === true) {
    console.log(`aldergate ${command.usage}\n    ${command.does}`);
    return 0;
  }
  const extra = args[placesOf(command)];
  if (extra !== undefined) throw new WrongUsage(`${extra} is one argument too many for ${command.words}`);
  const tools = openTools(options, process.env);
  try {
    const { json, text, failed } = await command.run(args, options, tools);
    console.log(options.json === true ? JSON.stringify(json, null, 2) : printable(text));
    return failed === true ? 1 : 0;
  } finally {
    await tools.close();
  }
};

const complain = (error: unknown): number => {
  if (error instanceof WrongUsage) {
    console.error(`aldergate: ${error.message}\nSee aldergate --help.`);
    return 2;
  }
  const expected = error instanceof Refused || error instanceof BadSettings;
  const why =
    expected || !(error instanceof Error)
      ? String(error instanceof Error ? error.message : error)
      : (error.stack ?? error.message);
  console.error(`aldergate: ${printable(why)}`);
  return 1;
};

process.exitCode = await run(process.argv.slice(2)).catch(complain);
