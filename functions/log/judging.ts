import { type Judge, startJudging } from '../../domain/judge/judge.ts';
import type { JudgeCode } from '../../domain/judge/verdict.ts';
import { type Commit, decodeCommit } from '../../domain/kernel/commit.ts';
import { type NoticeCount, NoticeVerifier } from './verify/notices.ts';

/** Why a commit may not stand: a code of the judge, or `raw-notice` for one whose raw message does not match it. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: JudgeCode | 'raw-notice'; readonly detail: string };

/** Looks up the raw bytes of a message by their digest. */
export type RawBytes = (digest: string) => Uint8Array | undefined;

/**
 * Judges the commits of a log in its order: each by the rules of `domain/judge`, and by its raw message where the bytes are at hand. A
 * refused commit has no effect on those after it.
 */
export class CommitJudge {
  readonly #judge: Judge = startJudging();
  readonly #notices = new NoticeVerifier();

  /** Judges the next commit. `rawBytes`: absent if raw messages are not checked. Throws CorruptCommit for bytes that are not a commit. */
  next(bytes: Uint8Array, rawBytes?: RawBytes, commit: Commit = decodeCommit(bytes)): Verdict {
    const problem = rawBytes === undefined ? undefined : this.#notices.check(commit, rawBytes);
    if (problem !== undefined) return { ok: false, code: 'raw-notice', detail: problem };
    const verdict = this.#judge.next(bytes, commit);
    if (verdict.ok) this.#notices.learn(commit);
    return verdict;
  }

  /** The raw messages of the commits that stand, by what vouches for them. */
  get notices(): NoticeCount {
    return this.#notices.count;
  }
}

/** Returns the attachments of a commit as raw messages. */
export const attachedBytes =
  (attachments: readonly { readonly sha256: string; readonly bytes: Uint8Array }[]): RawBytes =>
  (digest) =>
    attachments.find(({ sha256 }) => sha256 === digest)?.bytes;
