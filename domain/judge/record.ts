import { type Commit, hashOf } from '../kernel/commit.ts';
import { BODY_BYTES_MAX, EVENTS_MAX } from '../kernel/limits.ts';
import { must } from './verdict.ts';

interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
}

/** Where each stream ends. One that has a single commit for ever (a receipt, a redaction) is remembered by its name alone. */
export class Streams {
  readonly #ends = new Map<string, StreamEnd>();
  readonly #complete = new Set<string>();

  /** The version that a stream has come to; 0 for none. */
  versionOf(stream: string): number {
    return this.#complete.has(stream) ? 1 : (this.#ends.get(stream)?.version ?? 0);
  }

  /** The commit is the next of its stream, follows the one before it in hash and time, and has a size that a gate writes. */
  mustFollow({ stream, version, prev, at, events }: Commit, bytes: Uint8Array): void {
    const end = this.#ends.get(stream);
    must(version === this.versionOf(stream) + 1, 'version', `version ${version} comes after version ${this.versionOf(stream)}`);
    must(prev === (end?.hash ?? null), 'previous', 'the commit before it has another hash');
    must(end === undefined || end.at <= at, 'instant', 'the commit is earlier than the one before it');
    must(bytes.length <= BODY_BYTES_MAX, 'size', `the commit has ${bytes.length} bytes`);
    must(events.length <= EVENTS_MAX, 'size', `the commit has ${events.length} events`);
  }

  /** The commit stands. `complete`: nothing can follow it. */
  add({ stream, version, at }: Commit, bytes: Uint8Array, complete: boolean): void {
    if (complete) this.#complete.add(stream);
    else this.#ends.set(stream, { version, hash: hashOf(bytes), at });
  }
}
