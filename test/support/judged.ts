import { startJudging } from '../../domain/judge/judge.ts';
import type { JudgeCode, Verdict } from '../../domain/judge/verdict.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import type { Store } from '../../functions/platform/store/port.ts';

const PAGE = 500;

/** The bytes of every commit of a store in the order in which they were written, which is that of its log; the log's own left aside. */
export const loggedBytes = async ({ feed }: Store): Promise<readonly Uint8Array[]> => {
  const all: Uint8Array[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await feed(cursor, PAGE);
    all.push(...page.items.filter(({ stream }) => stream !== LOG_STREAM).map(({ bytes }) => bytes));
    cursor = page.next;
    if (page.done) return all;
  }
};

export const judged = (log: readonly Uint8Array[]): readonly Verdict[] => {
  const judge = startJudging();
  return log.map((bytes) => judge.next(bytes));
};

/** The objections, as `code: detail`; none for a log that stands. */
export const objections = (log: readonly Uint8Array[]): readonly string[] =>
  judged(log).flatMap((verdict) => (verdict.ok ? [] : [`${verdict.code}: ${verdict.detail}`]));

/** The code of the objection to the last commit, when all before it stand. */
export const codeOfLast = ({ bytes }: { readonly bytes: readonly Uint8Array[] }): JudgeCode | 'stands' => {
  const verdicts = judged(bytes);
  const earlier = verdicts.slice(0, -1).find((verdict) => !verdict.ok);
  if (earlier !== undefined && !earlier.ok)
    throw new Error(`an earlier commit does not stand: ${earlier.code}: ${earlier.detail}`);
  const last = verdicts.at(-1);
  return last === undefined || last.ok ? 'stands' : last.code;
};
