import { KINDS, type When } from './schema.ts';

/** Reports whether a `when` matches every possible change. A condition on impacts never does: a change can touch none of them. */
export const coversEverything = ({ kind, key, impact }: When): boolean =>
  impact === undefined &&
  (key === undefined || key.includes('**')) &&
  (kind === undefined || KINDS.every((each) => kind.includes(each)));

const includesAll = <T>(wide: readonly T[] | undefined, narrow: readonly T[] | undefined): boolean =>
  wide === undefined || narrow?.every((each) => wide.includes(each)) === true;

const covers = (wide: When, narrow: When): boolean =>
  includesAll(wide.kind, narrow.kind) &&
  (wide.key?.includes('**') === true || includesAll(wide.key, narrow.key)) &&
  includesAll(wide.impact, narrow.impact);

/** Reports whether one of the earlier `when`s plainly matches all that this one matches; globs are compared as written. */
export const isShadowed = (when: When, earlier: readonly When[]): boolean =>
  earlier.some((wide) => coversEverything(wide) || covers(wide, when));
