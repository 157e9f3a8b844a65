import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type * as z from 'zod';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import type { TrustedLog } from '../../domain/log/checkpoint.ts';
import { LogError } from '../../domain/log/encoding.ts';
import { parseVerifierKey, type VerifierKey } from '../../domain/log/note.ts';
import { VendorId } from '../../domain/vendors/events.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import type { API_OPERATIONS } from '../../functions/web/routes/api.ts';
import type { Method, ParameterNames } from '../../functions/web/routes/route.ts';
import { CommandRefused } from '../local/errors.ts';

export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export const argument = (args: readonly string[], place: number, name: string): string => {
  const value = args[place];
  if (value === undefined || value.trim() === '') throw new WrongUsage(`${name} is missing`);
  return value;
};

export const requiredOption = (options: Options, name: string): string => {
  const value = options[name];
  if (typeof value !== 'string') throw new WrongUsage(`--${name} is missing`);
  return value;
};

/** Throws WrongUsage if the option is missing or is not a valid id. */
export const vendorOption = (options: Options): string => {
  const vendor = requiredOption(options, 'vendor');
  if (!VendorId.safeParse(vendor).success) throw new WrongUsage(`--vendor: ${vendor} is not the id of a vendor`);
  return vendor;
};

export const optionalOption = (options: Options, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

/** Throws WrongUsage unless the text is a verifier key. */
export const verifierKeyOf = (option: string, vkey: string, parse = parseVerifierKey): VerifierKey => {
  try {
    return parse(vkey.trim());
  } catch (error) {
    if (error instanceof LogError) throw new WrongUsage(`--${option}: ${error.message}`);
    throw error;
  }
};

export const trustedLog = (vkey: string): TrustedLog => {
  const key = verifierKeyOf('key', vkey);
  return { origin: key.name, keys: [key] };
};

/** Options by name. Texts are not blank. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/**
 * One command of the command line. `usage` begins with the words that call it, in lower case, then names its arguments and options.
 * `takes`: its options; those with a value are `string`. `begins`: creates the data folder if it is missing. The others refuse: outside
 * the gate's folder they would answer for an empty one.
 */
export interface Command {
  readonly usage: string;
  readonly does: string;
  readonly takes?: Readonly<Record<string, 'string' | 'boolean'>>;
  readonly begins?: boolean;
  readonly run: (args: readonly string[], options: Options, tools: Tools) => Promise<CommandResult>;
}

export const wordsOf = ({ usage }: Pick<Command, 'usage'>): readonly string[] =>
  (/^[a-z][a-z-]*(?: [a-z][a-z-]*)*/.exec(usage)?.[0] ?? '').split(' ');

/** The result of a command: `json` as the matching route returns it, `text` the same for people. `failed`: exit code 1. */
export interface CommandResult {
  readonly json: unknown;
  readonly text: string;
  readonly failed?: boolean;
}

/** Returns a number with its noun: "1 row", "2 rows". */
export const withNoun = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export const listResult = <T>(items: readonly T[], textOf: (item: T) => string, none: string): CommandResult => ({
  json: { items, next: null },
  text: items.length === 0 ? none : items.map(textOf).join('\n'),
});

type Operations = typeof API_OPERATIONS;

export type AnswerOf<P extends keyof Operations, M extends keyof Operations[P]> = Operations[P][M] extends {
  readonly answer: infer Answer extends z.ZodType;
}
  ? z.output<Answer>
  : never;

export interface Sent<P extends string> {
  readonly params?: Readonly<Record<ParameterNames<P>, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the gate: of the local data folder, or of another installation over HTTP. */
export interface ApiClient {
  /**
   * Calls an operation of the route table and returns its answer. Throws CommandRefused with the gate's own words if it refuses, or if
   * the answer is not what the table describes.
   */
  readonly call: <P extends keyof Operations, M extends Method & keyof Operations[P]>(
    method: M,
    path: P,
    sent?: Sent<P>,
  ) => Promise<AnswerOf<P, M>>;
}

/** The gate refuses the form of what it was sent: each field at fault by its JSON pointer. */
export class InvalidInput extends CommandRefused {
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];

  constructor(message: string, errors: InvalidInput['errors']) {
    super(message);
    this.errors = errors;
  }
}

/** Returns the argument or option that a field of a request comes from; undefined if none does, or a file that it names. */
const typedAs = ({ usage }: Command, pointer: string): string | undefined => {
  const [field = ''] = pointer.slice(1).split('/');
  const option = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const names = [option, `${option}s`, option.replace(/s$/, ''), field.toUpperCase()];
  const words = usage.split(/[^-\w]+/);
  return names.find((name) => words.includes(name));
};

/** Returns what was typed wrongly as WrongUsage; what a file has wrong stays a refusal. */
const asTyped = (error: unknown, command: Command): unknown => {
  if (!(error instanceof InvalidInput)) return error;
  const isOfFile = /\bFILE\b/.test(command.usage);
  const lines = error.errors.map(({ pointer, detail }) => {
    const name = typedAs(command, pointer) ?? (isOfFile ? undefined : pointer.slice(1));
    return name === undefined ? undefined : `${name} ${detail}`;
  });
  return lines.length === 0 || lines.includes(undefined) ? error : new WrongUsage(lines.join('\n  '));
};

/** The options of commands that can run on another installation. */
export const REMOTE_OPTIONS = { url: 'string', token: 'string' } as const;

/**
 * Returns a command that calls one operation of the route table. `sent`: converts the arguments to the call's input; `text`: formats the
 * answer for people.
 */
export const callingOperation = <P extends keyof Operations, M extends Method & keyof Operations[P]>(
  method: M,
  path: P,
  {
    sent = () => ({}),
    text,
    ...command
  }: Omit<Command, 'run'> & {
    readonly sent?: (args: readonly string[], options: Options) => Sent<P>;
    readonly text: (answer: AnswerOf<P, M>, options: Options) => string;
  },
): Command => ({
  ...command,
  takes: { ...command.takes, ...REMOTE_OPTIONS },
  run: async (args, options, { apiClient }) => {
    const sending = sent(args, options);
    const json = await apiClient().call(method, path, sending);
    return { json, text: text(json, options) };
  },
});

/**
 * The tools of commands. `local` opens the data folder for work without a route. Unless `unfinished`, it throws if an import into the
 * folder did not end; unless `evenIfFaulty`, if a database is at fault as a whole. `alone`: excludes other commands.
 * `profilesFolder`: the folder for this machine's profiles of observations; it need not exist.
 */
export interface Tools {
  readonly apiClient: () => ApiClient;
  readonly local: (options?: {
    readonly unfinished?: boolean;
    readonly evenIfFaulty?: boolean;
    readonly alone?: boolean;
  }) => import('../local/installation.ts').Installation;
  readonly profilesFolder: () => string;
  readonly progress: (what: string) => Progress;
}

/** `end`: called for every command after it ran or failed. */
export interface Progress {
  readonly tick: (done: number, of?: number) => void;
  readonly end: () => void;
}

/**
 * Returns text that is safe for a terminal. Text of a gate or log is attacker-controlled, and control characters could repaint the screen:
 * all except line breaks and tabs become U+FFFD.
 */
const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');

const COMMON = { json: 'boolean', help: 'boolean' } as const;

/** Throws WrongUsage if another installation is named for a command that runs only here. */
const assertHere = (command: Command, options: Options): void => {
  const untaken = Object.keys(REMOTE_OPTIONS).find((name) => options[name] !== undefined && command.takes?.[name] === undefined);
  if (untaken !== undefined)
    throw new WrongUsage(
      `${wordsOf(command).join(' ')} works on the local data folder only, or on what its arguments name; leave --${untaken} out`,
    );
  if (options['token'] !== undefined && options['url'] === undefined) throw new WrongUsage('--token needs --url');
};

const parse = (command: Command, argv: readonly string[]): { args: readonly string[]; options: Options } => {
  const options = Object.fromEntries(
    Object.entries({ ...COMMON, ...REMOTE_OPTIONS, ...command.takes }).map(([name, type]) => [name, { type }]),
  );
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    const named = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    // Only the last one would count.
    const twice = named.find((name, index) => named.indexOf(name) < index);
    if (twice !== undefined) throw new Error(`--${twice} is given twice`);
    // An empty one is often an unset variable; leaving it out would change the question.
    const empty = named.find((name) => typeof values[name] === 'string' && values[name].trim() === '');
    if (empty !== undefined) throw new Error(`--${empty} is empty`);
    return { args: positionals, options: values };
  } catch (error) {
    // Node's advice is for arguments that begin with a hyphen.
    throw new WrongUsage(messageOf(error).replace(/\. To specify a positional .*/, ''));
  }
};

const argumentCount = (command: Command): number => {
  const named = command.usage.split(' ').slice(wordsOf(command).length);
  const option = named.findIndex((word) => /^\[?--/.test(word));
  return option === -1 ? named.length : option;
};

/**
 * Runs one command with the arguments after its words, prints its result and returns the exit code. Throws {@link WrongUsage} for
 * arguments that the command does not take.
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
  assertHere(command, options);
  const tools = open(options);
  const begun: Progress[] = [];
  const progress = (what: string): Progress => {
    const shown = tools.progress(what);
    begun.push(shown);
    return shown;
  };
  let stop = (): void => undefined;
  const apiClient = (): ApiClient => {
    if (begun.length === 0) stop = countSeconds(progress(`${wordsOf(command).join(' ')}, seconds`));
    return tools.apiClient();
  };
  const end = (): void => {
    stop();
    for (const shown of begun) shown.end();
  };
  try {
    const { json, text, failed } = await command
      .run(args, options, { ...tools, apiClient, progress })
      .catch((error: unknown) => {
        throw asTyped(error, command);
      })
      .finally(end);
    if (options.json === true) console.log(JSON.stringify(json, null, 2));
    else if (text !== '') console.log(printable(text));
    return failed === true ? 1 : 0;
  } finally {
    await tools.close();
  }
};

/** Prints why a command ended without a result, and returns the exit code: 2 for wrong usage, else 1. */
export const printFailure = (error: unknown, command: Command): number => {
  if (error instanceof WrongUsage) {
    console.error(`aldergate: ${printable(error.message)}\nSee aldergate ${wordsOf(command).join(' ')} --help.`);
    return 2;
  }
  const stack = error instanceof Error && !(error instanceof CommandRefused) ? error.stack : undefined;
  const message = stack ?? messageOf(error);
  console.error(`aldergate: ${printable(message)}`);
  return 1;
};

const SILENT_MS = 1_000;
const REDRAW_MS = 100;

/** Reports whether a line can be erased: a dumb terminal would print the control characters. */
export const canRedraw = ({ isTTY }: NodeJS.WriteStream): boolean => isTTY && process.env['TERM'] !== 'dumb';

/**
 * Returns progress on stderr: on a terminal one line that is redrawn, from one second on. Elsewhere it prints nothing, so that the output
 * to a program or a log does not depend on a command's duration.
 */
export const progressOn = (stderr: NodeJS.WriteStream, what: string): Progress => {
  const started = performance.now();
  let drawn = 0;
  return {
    tick: (done, of) => {
      const now = performance.now();
      if (!canRedraw(stderr) || now - started < SILENT_MS || now - drawn < REDRAW_MS) return;
      drawn = now;
      const share = of === undefined || of === 0 ? `${done}` : `${done} of ${of} (${Math.floor((100 * done) / of)} %)`;
      stderr.write(`\r${what}: ${share}\u001b[K`);
    },
    end: () => {
      if (drawn > 0) stderr.write('\r\u001b[K');
    },
  };
};

/** Shows the seconds from now on. Returns what stops it. */
const countSeconds = ({ tick }: Progress): (() => void) => {
  const started = performance.now();
  const timer = setInterval(() => tick(Math.round((performance.now() - started) / 1_000)), SILENT_MS);
  return () => clearInterval(timer);
};

/** Shows the seconds of work that does not count its steps. */
export const timed = async <T>(progress: Progress, work: () => Promise<T>): Promise<T> => work().finally(countSeconds(progress));

const reading = <T>(path: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new CommandRefused(`${path} cannot be read: ${messageOf(error)}`);
  }
};

/** Throws CommandRefused for a folder, too. */
export const assertReadable = (path: string): Stats =>
  reading(path, () => {
    accessSync(path, constants.R_OK);
    const found = statSync(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    return found;
  });

export const readBytes = (path: string): Uint8Array => reading(path, () => readFileSync(path));

/** Reads a JSON file, as strictly as a request body. */
export const readJson = (path: string): JsonValue => {
  const parsed = parseStrict(readBytes(path));
  if (!parsed.ok) throw new CommandRefused(`${path}: ${parsed.pointer || 'the file'} ${parsed.detail}`);
  return parsed.value;
};
