import type { LogEntry } from '../../functions/platform/logging.ts';
import { codeOf, messageOf } from '../../functions/platform/logging.ts';
import { CorruptStore, type StoreFault, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import type { AppendOutcome, StoredCommit } from '../../functions/platform/store/port.ts';
import type { Settings } from './settings.ts';

/**
 * The inputs of the consumers' thread. `instant`: the clock in milliseconds, for a gate with a clock of its own; undefined:
 * the machine's.
 */
export interface ThreadStart {
  readonly settings: Settings;
  readonly instant: Float64Array<SharedArrayBuffer> | undefined;
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

export type ToConsumers =
  | { readonly type: 'nudge'; readonly streams: readonly string[] }
  | { readonly type: 'settle'; readonly id: number }
  | { readonly type: 'appended'; readonly id: number; readonly outcome: AppendOutcome }
  | { readonly type: 'not-appended'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'stop' };

export type FromConsumers =
  | { readonly type: 'ready' }
  | { readonly type: 'compared' }
  | { readonly type: 'append'; readonly id: number; readonly record: StoredCommit }
  | { readonly type: 'settled'; readonly id: number; readonly failure: Failure | undefined }
  | { readonly type: 'checkpoint'; readonly size: string }
  | { readonly type: 'altered'; readonly name: string }
  | { readonly type: 'log'; readonly entry: LogEntry };

export const failureOf = (error: unknown): Failure => {
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'Error';
  return { name, message: messageOf(error), code: typeof code === 'string' ? code : undefined };
};

/** Returns the error that a failure describes: the store's own kinds as such, any other as a plain one. */
export const errorOf = ({ name, message, code }: Failure): Error => {
  if (name === 'CorruptStore') return new CorruptStore(message, { code: code as StoreFault });
  if (name === 'StoreUnavailable') return new StoreUnavailable(message, code === 'disk-low' ? { code } : {});
  return new Error(`${name}: ${message}`);
};
