import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';

/** A function that runs. Lambda gives an environment one event at a time, and so does whoever has this. */
export interface Environment {
  /** Resolves with what the handler returns, rejects with what it throws. */
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
