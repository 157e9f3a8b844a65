import { expect } from 'vitest';

/** Expects each of the texts in another. */
export const expectIn = (whole: string, ...texts: readonly string[]): void => {
  for (const text of texts) expect(whole).toContain(text);
};

/** Expects none of the texts in another. */
export const expectNotIn = (whole: string, ...texts: readonly string[]): void => {
  for (const text of texts) expect(whole).not.toContain(text);
};

/** The cells of the first table behind a mark in a page, row by row. */
export const tableBehind = (page: string, mark: string): readonly (readonly string[])[] => {
  const [, text = ''] = page.split(mark);
  const [, , ...lines] = /^\|(?:.*\n\|)*.*/m.exec(text)?.[0].split('\n') ?? [];
  return lines.map((line) => (line.match(/[^|]+/g) ?? []).map((cell) => cell.replaceAll('*', '').trim()));
};
