import { familyOf, SOURCE } from './catalogue.ts';

/** Families of one stream each, which has the family's name. */
const SINGLE = new Set(['policy', 'roster']);

/**
 * Returns the stream that an event on the bus came from, for consumers that use the event only as a trigger; undefined for an
 * event without a stream.
 */
export const streamOf = ({ type, subject }: { readonly type: string; readonly subject: string }): string | undefined => {
  const [source, family = ''] = type.split('.', 2);
  if (source !== SOURCE || familyOf(family) === undefined) return undefined;
  return SINGLE.has(family) ? family : `${family}/${subject}`;
};
