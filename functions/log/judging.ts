import { type Judge, type JudgeState, startJudging } from '../../domain/judge/judge.ts';
import type { JudgeCode } from '../../domain/judge/verdict.ts';
import { type Commit, decodeCommit } from '../../domain/kernel/commit.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';
import { type NoticeCount, type NoticeState, NoticeVerifier, partProblem } from './verify/attachments.ts';

/** Why a commit may not stand: a code of the judge, or `raw-notice` for one whose raw message does not match it. */
export type CommitVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: JudgeCode | 'raw-notice'; readonly detail: string };

/** Looks up the raw bytes of a message by their digest. */
export type RawBytes = (digest: string) => Uint8Array | undefined;

/** The state of a judge. Copy it before the next commit. */
export interface CommitJudgeState {
  readonly judge: JudgeState;
  readonly notices: NoticeState;
}

/**
 * Judges the commits of a log in its order, each also by its raw message or its part of a document where those are at hand. A refused
 * commit has no effect on those after it.
 */
export class CommitJudge {
  readonly #judge: Judge;
  readonly #notices: NoticeVerifier;

  /** `known`: the state of another judge, from which this one continues. */
  constructor(known?: CommitJudgeState) {
    this.#judge = startJudging(known?.judge);
    this.#notices = new NoticeVerifier(known?.notices);
  }

  get state(): CommitJudgeState {
    return { judge: this.#judge.state, notices: this.#notices.state };
  }

  /** Judges the next commit. Without `rawBytes` raw messages are not checked. */
  next(bytes: Uint8Array, rawBytes?: RawBytes, commit: Commit = decodeCommit(bytes)): CommitVerdict {
    const problem = rawBytes === undefined ? undefined : (partProblem(commit, rawBytes) ?? this.#notices.check(commit, rawBytes));
    if (problem !== undefined) return { ok: false, code: 'raw-notice', detail: problem };
    const verdict = this.#judge.next(bytes, commit);
    if (verdict.ok) this.#notices.learn(commit);
    return verdict;
  }

  get notices(): NoticeCount {
    return this.#notices.count;
  }
}

/** Returns the attachments of a commit as raw messages. */
export const attachedBytes =
  (attachments: readonly { readonly sha256: string; readonly bytes: Uint8Array }[]): RawBytes =>
  (digest) =>
    attachments.find(({ sha256 }) => sha256 === digest)?.bytes;

/** Judges commits that are not in the log yet, by their instants, each after what it names. Returns those that may not stand. */
export const judgeOutside = (judge: CommitJudge, commits: readonly StoredCommit[]): readonly UnreadableRow[] => {
  for (let waiting = commits.toSorted((one, other) => ascending(one.at, other.at)); ; ) {
    const refused = waiting.flatMap((commit) => {
      const verdict = judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit));
      return verdict.ok ? [] : [{ commit, problem: `${verdict.code}: ${verdict.detail}` }];
    });
    if (refused.length === waiting.length)
      return refused.map(({ commit: { stream, version }, problem }) => ({
        stream,
        version,
        problem: `${stream}@${version} may not stand: ${problem}`,
      }));
    waiting = refused.map(({ commit }) => commit);
  }
};
