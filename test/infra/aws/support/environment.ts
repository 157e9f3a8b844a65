import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';

/** A function that runs. It takes one event at a time, as on Lambda. */
export interface Environment {
  /** Resolves with the result of the handler, or rejects with its error. */
  readonly run: (event: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** What an environment is started with. */
export interface Start {
  readonly name: FunctionName;
  /** The one file of its code. */
  readonly bundle: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Takes whatever it writes to its log. */
  readonly log: (text: string) => void;
}

/** Starts a function's code as deployed. Rejects when it cannot start; Lambda would try again with the next event. */
export type StartEnvironment = (start: Start) => Promise<Environment>;
