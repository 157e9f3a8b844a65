// An apostrophe or an underscore does not end a word: neither shows where one script stops and another begins.
const WORD = /[\p{L}\p{M}\p{N}_'’]+/gu;
const LATIN = /\p{Script=Latin}/u;
const LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const SHOWN_CHARS_MAX = 40;

/** Names the first word that mixes Latin with Cyrillic or Greek, whose letters look alike (UTS #39), or undefined. */
export const wordProblem = (text: string): string | undefined => {
  if (!LOOKALIKE.test(text)) return undefined;
  for (const [word] of text.matchAll(WORD)) {
    if (LATIN.test(word) && LOOKALIKE.test(word))
      return `has a word that mixes Latin with Cyrillic or Greek letters (${word.slice(0, SHOWN_CHARS_MAX)})`;
  }
  return undefined;
};
