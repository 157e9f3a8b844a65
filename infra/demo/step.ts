import type { Variant } from '../../domain/feature/evaluate.ts';
import type { FlagQuestion } from './answers.ts';
import type { DemoCity } from './city.ts';

/** One step of the story: the day, the act, and IT's answer before and after. */
export interface Step extends FlagQuestion {
  readonly day: number;
  readonly title: string;
  readonly was: Variant;
  readonly is: Variant;
  /** Absent if only time passes. Throws if the outcome is not the expected one. */
  readonly act?: (city: DemoCity) => Promise<unknown>;
}
