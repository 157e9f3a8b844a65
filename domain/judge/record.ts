import { type Commit, hashOf } from '../kernel/commit.ts';
import { BODY_BYTES_MAX, EVENTS_MAX } from '../kernel/limits.ts';
import { must } from './verdict.ts';

interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
}

/** The end of each stream. A stream that only ever has one commit (a receipt) is kept by its name alone. */
export class Streams {
  readonly ends = new Map<string, StreamEnd>();
  readonly complete = new Set<string>();

  /** Returns the current version of a stream; 0 for none. */
  versionOf(stream: string): number {
    return this.complete.has(stream) ? 1 : (this.ends.get(stream)?.version ?? 0);
  }

  /**
   * Checks that the commit is the next of its stream, follows the previous one in hash and time, and has a size that a gate
   * writes.
   */
  mustFollow({ stream, version, prev, at, events }: Commit, bytes: Uint8Array): void {
    const end = this.ends.get(stream);
    must(version === this.versionOf(stream) + 1, 'version', `version ${version} comes after version ${this.versionOf(stream)}`);
    must(prev === (end?.hash ?? null), 'previous', 'the commit before it has another hash');
    must(end === undefined || end.at <= at, 'instant', 'the commit is earlier than the one before it');
    must(bytes.length <= BODY_BYTES_MAX, 'size', `the commit has ${bytes.length} bytes`);
    must(events.length <= EVENTS_MAX, 'size', `the commit has ${events.length} events`);
  }

  /** Records a commit that stands. `complete`: nothing can follow it. */
  add({ stream, version, at }: Commit, bytes: Uint8Array, complete: boolean): void {
    if (complete) this.complete.add(stream);
    else this.ends.set(stream, { version, hash: hashOf(bytes), at });
  }
}
