import { familyOf, SOURCE } from './catalogue.ts';

/** Families of one stream each, which bears the family's name. */
const SINGLE = new Set(['policy', 'roster']);

/** The stream an event on the bus came from, for who takes the event as a nudge only; undefined for an event that came from none. */
export const streamOf = ({ type, subject }: { readonly type: string; readonly subject: string }): string | undefined => {
  const [source, family = ''] = type.split('.', 2);
  if (source !== SOURCE || familyOf(family) === undefined) return undefined;
  return SINGLE.has(family) ? family : `${family}/${subject}`;
};
