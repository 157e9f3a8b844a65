import { isDeepStrictEqual } from 'node:util';
import { type Judge, type JudgeState, startJudging } from '../../../../domain/judge/judge.ts';
import { type Commit, encodeCommit, hashOf } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';

export const typeOf = ({ type }: JsonObject): string => (typeof type === 'string' ? type : '');

/**
 * An honest log, and what the judge has learned before each of its commits and at its end: a mutant is judged from its first change on.
 */
export class Original {
  readonly log: readonly Commit[];
  readonly #before: { readonly state: JudgeState; readonly ends: ReadonlyMap<string, End> }[];
  /** Judges of the state before a commit, by its index, that have refused every commit since: a refused one leaves no trace. */
  readonly #refusing = new Map<number, Judge>();

  constructor(log: readonly Commit[]) {
    this.log = log;
    const judge = startJudging();
    const ends = new Map<string, End>();
    const known = () => ({ state: structuredClone(judge.state), ends: new Map(ends) });
    this.#before = [known()];
    for (const commit of log) {
      const bytes = encodeCommit(commit);
      if (!judge.next(bytes, commit).ok) throw new Error(`${commit.stream}@${commit.version} is not honest`);
      ends.set(commit.stream, { version: commit.version, prev: hashOf(bytes) });
      this.#before.push(known());
    }
  }

  /** Reports whether every commit of a mutant stands, with versions and hashes recomputed, as a forger with the database would. */
  stands({ from, commits }: Mutant): boolean {
    const known = this.#before[from];
    if (known === undefined) throw new Error(`the log has no commit ${from}`);
    const judge = this.#refusing.get(from) ?? startJudging(structuredClone(known.state));
    this.#refusing.delete(from);
    const ends = new Map(known.ends);
    const refused = commits.findIndex((commit) => {
      const end = ends.get(commit.stream);
      const next = { ...commit, version: (end?.version ?? 0) + 1, prev: end?.prev ?? null };
      const bytes = encodeCommit(next);
      ends.set(commit.stream, { version: next.version, prev: hashOf(bytes) });
      return !judge.next(bytes, next).ok;
    });
    if (refused === 0) this.#refusing.set(from, judge);
    return refused === -1;
  }

  /** Returns of each judge that has only refused so far whether its state is as before. */
  areUntouched(): readonly boolean[] {
    return [...this.#refusing].map(([from, { state }]) => isDeepStrictEqual(structuredClone(state), this.#before[from]?.state));
  }

  with(index: number, instead: readonly Commit[], what: string, field = ''): Mutant {
    return { what, field, from: index, commits: [...instead, ...this.log.slice(index + 1)] };
  }
}

interface End {
  readonly version: number;
  readonly prev: string;
}

/**
 * A log that differs from an honest one: its commits from the first that differs. `field`: `Type.field` of the event, for one whose
 * field was changed.
 */
export interface Mutant {
  readonly what: string;
  readonly field: string;
  readonly from: number;
  readonly commits: readonly Commit[];
}
