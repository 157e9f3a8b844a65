/** Every text of a catalogue with its path, such as `form.final`. */
export const textsIn = (words: object, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(words).flatMap(([name, value]: [string, object | string]) => {
    const here = path === '' ? name : `${path}.${name}`;
    return typeof value === 'string' ? [[here, value] as const] : textsIn(value, here);
  });

const SENTENCE_END = /[.!?…:;](?:\s+|$)|\n+/;

/**
 * Returns the words of each sentence of a text. A slot counts as a word of one syllable, since it holds a name or a number that
 * the reader knows.
 */
const sentencesOf = (text: string): readonly (readonly string[])[] =>
  text
    .replaceAll(/\{\{[a-z]+\}\}/gi, 'one')
    .replaceAll(/https?:\/\/\S+/g, 'one')
    .split(SENTENCE_END)
    .map((sentence) => sentence.match(/\p{L}[\p{L}’'-]*/gu) ?? [])
    .filter((words) => words.length > 0);

/** Syllables of an English word, as the usual rule counts them: groups of vowels, less a silent e. */
export const syllablesEn = (word: string): number => {
  const plain = word.toLowerCase().replaceAll(/[^a-z]/g, '');
  const groups = plain.replace(/(?:[^laeiouy]es|[^aeioudt]ed|[^laeiouy]e)$/, '').match(/[aeiouy]+/g) ?? [];
  return Math.max(1, groups.length);
};

/** Syllables of a Spanish word: a strong vowel, or one with an accent, begins its own; weak vowels lean on their neighbours. */
export const syllablesEs = (word: string): number =>
  Math.max(
    1,
    (
      word
        .toLowerCase()
        .replaceAll(/qu|gu(?=[eiéí])/g, 'q')
        .match(/[aeoáéó](?:[iuy](?![aeoáéó]))?|[íú]|[iuü]+(?:[aeoáéó][iuy]?)?|y(?![\p{L}])/gu) ?? []
    ).length,
  );

export interface Measure {
  readonly words: number;
  readonly sentences: number;
  readonly syllables: number;
}

export const measure = (text: string, syllables: (word: string) => number): Measure => {
  const sentences = sentencesOf(text);
  const words = sentences.flat();
  return { words: words.length, sentences: sentences.length, syllables: words.reduce((sum, word) => sum + syllables(word), 0) };
};

export const together = (measures: readonly Measure[]): Measure =>
  measures.reduce(
    (sum, { words, sentences, syllables }) => ({
      words: sum.words + words,
      sentences: sum.sentences + sentences,
      syllables: sum.syllables + syllables,
    }),
    { words: 0, sentences: 0, syllables: 0 },
  );

/** The school grade of an English text (Kincaid and others, 1975). */
export const fleschKincaid = ({ words, sentences, syllables }: Measure): number =>
  0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59;

/** How easy a Spanish text is, 0 to 100 (Szigriszt's INFLESZ): above 55 normal, above 65 rather easy, above 80 very easy. */
export const inflesz = ({ words, sentences, syllables }: Measure): number =>
  206.835 - 62.3 * (syllables / words) - words / sentences;
