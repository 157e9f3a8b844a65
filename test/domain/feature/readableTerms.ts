import { readTerms, type Terms, type TermsInput } from '../../../domain/feature/terms.ts';

/** Terms as a form gives them, read, as what a command says of them; throws on what cannot be read. */
export const terms = (input: TermsInput, zone = 'UTC'): { readonly terms: Terms } => {
  const read = readTerms(input, zone);
  if (!read.ok) throw new Error(read.detail);
  return { terms: read.terms };
};
