import type { Language } from '../../platform/catalogue.ts';
import actsEn from '../../platform/words/en/acts.json' with { type: 'json' };
import decideEn from '../../platform/words/en/decide.json' with { type: 'json' };
import effectEn from '../../platform/words/en/effect.json' with { type: 'json' };
import officialsEn from '../../platform/words/en/officials.json' with { type: 'json' };
import problemsEn from '../../platform/words/en/problems.json' with { type: 'json' };
import publicEn from '../../platform/words/en/public.json' with { type: 'json' };
import recordEn from '../../platform/words/en/record.json' with { type: 'json' };
import seenEn from '../../platform/words/en/seen.json' with { type: 'json' };
import tasksEn from '../../platform/words/en/tasks.json' with { type: 'json' };
import actsEs from '../../platform/words/es/acts.json' with { type: 'json' };
import decideEs from '../../platform/words/es/decide.json' with { type: 'json' };
import effectEs from '../../platform/words/es/effect.json' with { type: 'json' };
import officialsEs from '../../platform/words/es/officials.json' with { type: 'json' };
import problemsEs from '../../platform/words/es/problems.json' with { type: 'json' };
import publicEs from '../../platform/words/es/public.json' with { type: 'json' };
import recordEs from '../../platform/words/es/record.json' with { type: 'json' };
import seenEs from '../../platform/words/es/seen.json' with { type: 'json' };
import tasksEs from '../../platform/words/es/tasks.json' with { type: 'json' };

const en = {
  ...publicEn,
  ...recordEn,
  ...officialsEn,
  acts: actsEn,
  decide: decideEn,
  effect: effectEn,
  problem: problemsEn,
  seen: seenEn,
  tasks: tasksEn,
};

/** The texts of the site in one language. English has the shape of every other. */
export type Catalogue = typeof en;

const es: Catalogue = {
  ...publicEs,
  ...recordEs,
  ...officialsEs,
  acts: actsEs,
  decide: decideEs,
  effect: effectEs,
  problem: problemsEs,
  seen: seenEs,
  tasks: tasksEs,
};

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, es };
