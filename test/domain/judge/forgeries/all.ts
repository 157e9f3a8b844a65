import type { JudgeCode } from '../../../../domain/judge/verdict.ts';
import { ACCESS } from './access.ts';
import { ARRIVALS } from './arrivals.ts';
import type { Forgeries, Make } from './base.ts';
import { DECISIONS } from './decisions.ts';
import { PROPOSALS } from './proposals.ts';
import { RECORDS } from './records.ts';
import { RULES } from './rules.ts';

const GROUPS: readonly Forgeries[] = [...DECISIONS, ...ARRIVALS, ...RECORDS, ...ACCESS, ...RULES, ...PROPOSALS];

/** Each forgery: its description, the code it is refused with, and the log whose last commit it is. */
export const FORGERIES = GROUPS.flatMap((group) =>
  Object.entries(group).flatMap(([code, all]) =>
    Object.entries(all).map(([what, make]): readonly [what: string, code: JudgeCode, make: Make] => [
      what,
      code as JudgeCode,
      make,
    ]),
  ),
);
