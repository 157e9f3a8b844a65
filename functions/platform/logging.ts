import * as z from 'zod';
import { problemsOf, summaryOf } from '../../domain/kernel/problems.ts';

/** One line of the log. Never contains headers, bodies, tokens or links. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly [field: string]: unknown;
}
export type Logger = (entry: LogEntry) => void;

// Every secret that the gate issues: API tokens, webhook secrets, and the links of officials, of vendors' forms and of weekly mails.
const SECRETS = /\bald_[0-9A-Za-z]+|\bwhs(?:ec|k)_[0-9A-Za-z+/=]+|(?<=\/[dmn]\/)[A-Za-z0-9_-]{16,}/g;

export const masked = (text: string): string => text.replace(SECRETS, '[secret]');

interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: LoggedError;
}

const CAUSES_MAX = 5;

/** Returns an error with its causes, for the log only. */
export const errorFields = (error: unknown, depth = 0): LoggedError => {
  if (!(error instanceof Error)) return { name: 'thrown', message: masked(String(error)) };
  return {
    name: error.name,
    message: masked(error.message),
    ...(error.stack !== undefined && { stack: masked(error.stack) }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: errorFields(error.cause, depth + 1) }),
  };
};

/** `write`: receives each line with its line break. */
export const jsonLogger =
  (clock: () => string, write: (line: string) => void): Logger =>
  ({ level, event, ...fields }) =>
    write(`${masked(JSON.stringify({ at: clock(), level, event, ...fields }))}\n`);

/** Returns an error's message; for a schema error, whose own message is JSON, the faults in words. */
export const messageOf = (error: unknown): string => {
  if (error instanceof z.ZodError) return summaryOf(problemsOf(error));
  return error instanceof Error ? error.message : String(error);
};

export const nameAndMessageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Returns an error's code, such as `ENOENT`. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Returns why a `fetch` failed: its own message is generic, the reason is in the cause. */
export const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
};

const REPEATED_MS = 60_000;

/** Returns a logger for failures of constantly repeated work: the same code at most once a minute. `place`: of the first failure. */
export const loggingFailures = (logger: Logger, event: string) => {
  let [logged, untilMs]: [unknown, number] = [undefined, 0];
  return (error: unknown, place: Readonly<Record<string, string>> = {}): void => {
    const failure = codeOf(error) ?? nameAndMessageOf(error);
    if (failure === logged && performance.now() < untilMs) return;
    [logged, untilMs] = [failure, performance.now() + REPEATED_MS];
    logger({ level: 'error', event, ...place, ...errorFields(error) });
  };
};
