import type { Variant } from '../../domain/feature/evaluate.ts';
import type { FlagQuestion } from './answers.ts';
import type { DemoCity } from './city.ts';

/** One step of the story: what happens on which day, and what IT is answered before and after. */
export interface Step extends FlagQuestion {
  readonly day: number;
  readonly told: string;
  readonly was: Variant;
  readonly is: Variant;
  /** Left out where only time passes. Throws when something comes out otherwise than it must. */
  readonly act?: (city: DemoCity) => Promise<unknown>;
}
