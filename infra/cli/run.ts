import { parseArgs } from 'node:util';
import { messageOf } from '../../functions/platform/logging.ts';
import { CommandRefused } from '../local/errors.ts';
import { type Command, type Options, type Tools, WrongUsage, wordsOf } from './usage.ts';

/**
 * Returns text that is safe for a terminal. Text of a gate or log is attacker-controlled, and a control character could repaint the screen:
 * all but line breaks and tabs are replaced by U+FFFD.
 */
export const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');

const COMMON = { json: 'boolean', url: 'string', token: 'string', help: 'boolean' } as const;

const parse = (command: Command, argv: readonly string[]): { args: readonly string[]; options: Options } => {
  const options = Object.fromEntries(Object.entries({ ...COMMON, ...command.takes }).map(([name, type]) => [name, { type }]));
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const named = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    // The last one alone would count.
    const twice = named.find((name, index) => named.indexOf(name) < index);
    if (twice !== undefined) throw new Error(`--${twice} is given twice`);
    return { args: positionals, options: values };
  } catch (error) {
    throw new WrongUsage(messageOf(error));
  }
};

const argumentCount = (command: Command): number => {
  const named = command.usage.split(' ').slice(wordsOf(command).length);
  const option = named.findIndex((word) => /^\[?--/.test(word));
  return option === -1 ? named.length : option;
};

/**
 * Runs one command with the arguments after its words, prints what it returns and gives the exit code. Throws {@link WrongUsage} for
 * arguments the command does not take.
 */
export const runCommand = async (
  command: Command,
  argv: readonly string[],
  open: (options: Options) => Tools & { readonly close: () => Promise<void> },
): Promise<number> => {
  const { args, options } = parse(command, argv);
  if (options.help === true) {
    console.log(`aldergate ${command.usage}\n    ${command.does}`);
    return 0;
  }
  const extra = args[argumentCount(command)];
  if (extra !== undefined) throw new WrongUsage(`${extra} is one argument too many for ${wordsOf(command).join(' ')}`);
  const tools = open(options);
  try {
    const { json, text, failed } = await command.run(args, options, tools);
    if (options.json === true) console.log(JSON.stringify(json, null, 2));
    else if (text !== '') console.log(printable(text));
    return failed === true ? 1 : 0;
  } finally {
    await tools.close();
  }
};

/** Prints why a command ended without a result, and returns the exit code: 2 for wrong usage, else 1. */
export const complain = (error: unknown): number => {
  if (error instanceof WrongUsage) {
    console.error(`aldergate: ${error.message}\nSee aldergate --help.`);
    return 2;
  }
  const stack = error instanceof Error && !(error instanceof CommandRefused) ? error.stack : undefined;
  const message = stack ?? messageOf(error);
  console.error(`aldergate: ${printable(message)}`);
  return 1;
};
