import { decodeCommit } from '../../../domain/kernel/commit.ts';
import type { Entry } from './entries.ts';

/**
 * Seconds from the acknowledgement of a commit until it was public, of the slowest. A commit's `at` is never after its acknowledgement
 * on an honest clock; one that lies in the future (the clock of another environment is ahead) counts as none.
 */
export const publishDelay = (commits: readonly Pick<Entry, 'bytes'>[], nowMs: number): number =>
  Math.max(0, ...commits.map(({ bytes }) => (nowMs - Date.parse(decodeCommit(bytes).at)) / 1000));
