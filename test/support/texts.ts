import { expect } from 'vitest';

/** Expects each of the texts in another. */
export const expectIn = (whole: string, ...texts: readonly string[]): void => {
  for (const text of texts) expect(whole).toContain(text);
};

/** Expects none of the texts in another. */
export const expectNotIn = (whole: string, ...texts: readonly string[]): void => {
  for (const text of texts) expect(whole).not.toContain(text);
};
