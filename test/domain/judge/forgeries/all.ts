import { ACCESS } from './access.ts';
import { ARRIVALS } from './arrivals.ts';
import type { Forgery } from './base.ts';
import { DECISIONS } from './decisions.ts';
import { PROPOSALS } from './proposals.ts';
import { RULES } from './rules.ts';

export const FORGERIES: readonly Forgery[] = [...DECISIONS, ...ARRIVALS, ...ACCESS, ...RULES, ...PROPOSALS];
