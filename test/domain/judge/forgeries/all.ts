import { ACCESS } from './access.ts';
import { ARRIVALS } from './arrivals.ts';
import type { Forgery } from './base.ts';
import { DECISIONS } from './decisions.ts';
import { OPT_OUTS } from './optOuts.ts';
import { PROPOSALS } from './proposals.ts';
import { REPEATED } from './repeated.ts';
import { RULES } from './rules.ts';

export const FORGERIES: readonly Forgery[] = [
  ...DECISIONS,
  ...ARRIVALS,
  ...OPT_OUTS,
  ...ACCESS,
  ...RULES,
  ...PROPOSALS,
  ...REPEATED,
];
