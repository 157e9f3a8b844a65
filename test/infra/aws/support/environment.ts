import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';

/** A function that runs. It takes one event at a time, as on Lambda. */
export interface Environment {
  readonly run: (event: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface Start {
  readonly name: FunctionName;
  readonly bundle: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: (text: string) => void;
}

/** Starts a function's code as deployed. Rejects when it cannot start; Lambda would try again with the next event. */
export type StartEnvironment = (start: Start) => Promise<Environment>;
