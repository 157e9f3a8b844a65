// An apostrophe or an underscore does not end a word: scripts may not change at one either.
const WORD = /[\p{L}\p{M}\p{N}_'’]+/gu;
const LATIN = /\p{Script=Latin}/u;
const LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const SHOWN_CHARS_MAX = 40;

/** Names the first word that mixes Latin with letters that look alike (UTS #39). */
const wordProblem = (text: string): string | undefined => {
  if (!LOOKALIKE.test(text)) return undefined;
  for (const [word] of text.matchAll(WORD)) {
    if (LATIN.test(word) && LOOKALIKE.test(word))
      return `has a word that mixes Latin with Cyrillic or Greek letters (${word.slice(0, SHOWN_CHARS_MAX)})`;
  }
  return undefined;
};

// People decide by what they see. Every rule here rejects text that displays differently from its content, or displays nothing. An
// assigned character stays assigned, so text that passed still passes under a later version of Unicode.

interface Rule {
  readonly pattern: RegExp;
  readonly problem: string;
}

const RUN_OF_MARKS: Rule = { pattern: /\p{M}{9}/u, problem: 'has too many combining marks in a row' };

const LONE_SURROGATE: Rule = { pattern: /\p{Cs}/u, problem: 'has a lone surrogate, which is no character' };
const UNASSIGNED: Rule = { pattern: /[\p{Cn}\p{Co}]/u, problem: 'has a character that Unicode does not define' };
// Bidirectional controls: marks, embeddings, overrides and isolates (UAX #9, section 2).
const BIDI: Rule = { pattern: /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u, problem: 'has a character that reorders text' };
// A variation selector can follow a pictograph or turn a digit into a keycap: it changes their appearance, and hides nothing.
const SELECTOR: Rule = {
  pattern: /(?<!\p{Extended_Pictographic}|[0-9#*](?=\uFE0F\u20E3))(?:\uFE0E|\uFE0F)/u,
  problem: 'has an invisible character',
};
// Characters that Unicode lets a font ignore (zero-width, soft hyphen, Hangul fillers, tags, …), and two blanks that it does not
// list.
const INVISIBLE: Rule = {
  pattern: /(?!\u200D|\uFE0E|\uFE0F)[\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]/u,
  problem: 'has an invisible character',
};
const JOINER: Rule = { pattern: /\u200D/u, problem: INVISIBLE.problem };
// In longer text a zero-width joiner can stand between two pictographs, as in the emoji of a family.
const STRAY_JOINER: Rule = {
  pattern: /(?<!\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)\u200D|\u200D(?!\p{Extended_Pictographic})/u,
  problem: INVISIBLE.problem,
};
const LINE_CONTROL: Rule = { pattern: /[\p{Cc}\u2028\u2029]/u, problem: 'has a control character or a line break' };
const BLOCK_CONTROL: Rule = { pattern: /(?!\r\n|[\n\t])[\p{Cc}\u2028\u2029]/u, problem: 'has a control character' };

const COMMON_RULES = [RUN_OF_MARKS, LONE_SURROGATE, BIDI, SELECTOR, INVISIBLE, UNASSIGNED];
const LINE_RULES = [LINE_CONTROL, ...COMMON_RULES, JOINER];
const BLOCK_RULES = [BLOCK_CONTROL, ...COMMON_RULES, STRAY_JOINER];

/**
 * Returns why a line (a title, version or name) cannot be shown. Text not in NFC is rejected, not normalised: what is approved is what was
 * signed.
 */
export const lineProblem = (text: string): string | undefined => {
  if (text.trim() === '') return 'is blank';
  return ruleProblem(text, LINE_RULES) ?? formProblem(text) ?? wordProblem(text);
};

/**
 * {@link lineProblem} for text of several lines: it can be blank, have tabs, line breaks and joined emoji, and words can mix scripts, as
 * units and formulas do.
 */
export const blockProblem = (text: string): string | undefined => ruleProblem(text, BLOCK_RULES) ?? formProblem(text);

/**
 * Converts CRLF to LF, normalizes to NFC and trims. An overlong run of combining marks is not sorted, which would take quadratic time:
 * that text is rejected anyway.
 */
export const normalizeText = (text: string): string => {
  const lines = text.replaceAll('\r\n', '\n');
  return (RUN_OF_MARKS.pattern.test(lines) ? lines : lines.normalize('NFC')).trim();
};

const ruleProblem = (text: string, rules: readonly Rule[]): string | undefined => {
  for (const { pattern, problem } of rules) {
    const found = pattern.exec(text);
    if (found) return `${problem} (${nameOf(found[0])})`;
  }
  return undefined;
};

const formProblem = (text: string): string | undefined =>
  text.normalize('NFC') === text ? undefined : 'is not in Unicode normalization form C';

const nameOf = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
