import type * as z from 'zod';
import { LogError } from '../../domain/log/errors.ts';
import type { TrustedLog } from '../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../domain/log/verifierKey.ts';
import type { API_OPERATIONS } from '../../functions/web/routes/api.ts';
import type { Method, ParameterNames } from '../../functions/web/routes/route.ts';

export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export const argument = (args: readonly string[], place: number, name: string): string => {
  const value = args[place];
  if (value === undefined || value === '') throw new WrongUsage(`${name} is missing`);
  return value;
};

export const requiredOption = (options: Options, name: string): string => {
  const value = options[name];
  if (typeof value !== 'string' || value === '') throw new WrongUsage(`--${name} is missing`);
  return value;
};

export const optionalOption = (options: Options, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Returns the log of the verifier key in `--key`. Throws WrongUsage for a malformed key. */
export const trustedLog = (vkey: string): TrustedLog => {
  try {
    const key = parseVerifierKey(vkey.trim());
    return { origin: key.name, keys: [key] };
  } catch (error) {
    if (error instanceof LogError) throw new WrongUsage(`--key: ${error.message}`);
    throw error;
  }
};

export type Options = Readonly<Record<string, string | boolean | undefined>>;

/**
 * One command of the command line. `usage` begins with the words that call it, in lower case, then names its arguments and options.
 * `takes`: its options; those with a value are `string`.
 */
export interface Command {
  readonly usage: string;
  readonly does: string;
  readonly takes?: Readonly<Record<string, 'string' | 'boolean'>>;
  readonly run: (args: readonly string[], options: Options, tools: Tools) => Promise<CommandResult>;
}

export const wordsOf = ({ usage }: Pick<Command, 'usage'>): readonly string[] =>
  (/^[a-z][a-z-]*(?: [a-z][a-z-]*)*/.exec(usage)?.[0] ?? '').split(' ');

/** The result of a command: `json` is the JSON of the matching route, `text` the same for people. `failed`: exit code 1. */
export interface CommandResult {
  readonly json: unknown;
  readonly text: string;
  readonly failed?: boolean;
}

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

/**
 * Returns a command that calls one operation of the route table. `sent`: what goes with the call, by the arguments; `text`: the answer for
 * people.
 */
export const calling = <P extends keyof Operations, M extends Method & keyof Operations[P]>(
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
  run: async (args, options, { apiClient }) => {
    const json = await apiClient().call(method, path, sent(args, options));
    return { json, text: text(json, options) };
  },
});

/**
 * The tools of commands. `local` opens the data folder for what no route does; it throws if `--url` was given, and, except with
 * `unfinished`, if an import into the folder did not end, and, unless `evenIfFaulty`, if a database is at fault as a whole.
 * `profilesFolder`: where the settings of this machine have profiles of observations; it need not be there.
 */
export interface Tools {
  readonly apiClient: () => ApiClient;
  readonly local: (options?: {
    readonly unfinished?: boolean;
    readonly evenIfFaulty?: boolean;
  }) => import('../local/installation.ts').Installation;
  readonly profilesFolder: () => string;
  readonly progress: (what: string) => Progress;
}

export interface Progress {
  readonly tick: (done: number, of?: number) => void;
  readonly end: () => void;
}
