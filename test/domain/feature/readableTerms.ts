import { readTerms, type Terms, type TermsInput } from '../../../domain/feature/terms.ts';

/** Throws if they cannot be read. */
export const terms = (input: TermsInput, zone = 'UTC'): { readonly terms: Terms } => {
  const read = readTerms(input, zone);
  if (!read.ok) throw new Error(`${read.faults}`);
  return { terms: read.terms };
};
