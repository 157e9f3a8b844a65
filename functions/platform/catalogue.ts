import { numberFormat, pluralRules } from './formatters.ts';

/** Values for the slots of a text, by name. */
export type Slots<Value = string | number> = Readonly<Record<string, Value>>;

/** The forms of a text that depends on a number, as keys beside each other: `days_one`, `days_other`. A language has those it needs. */
export type Forms<Key extends string> = Readonly<Record<`${Key}_one` | `${Key}_other`, string>>;

/**
 * Splits a text of a catalogue at its slots, `{{title}}` as in i18next's JSON, and returns the pieces in order, each slot replaced by its
 * value. A value is never read for slots. Throws for a slot without a value.
 */
export const filled = <Value>(text: string, slots: Slots<Value>): readonly (string | Value)[] =>
  text.split(/\{\{([a-z]+)\}\}/i).map((piece, index) => {
    if (index % 2 === 0) return piece;
    const value = slots[piece];
    if (value === undefined) throw new Error(`broken invariant: no {{${piece}}} for a text of the catalogue`);
    return value;
  });

/** Returns a text with its slots filled by values as they are. */
export const fillText = (text: string, slots: Slots = {}): string => filled(text, slots).join('');

/** Returns the form of a text for a number, by the plural rules of the language (CLDR). */
export const formFor = <Key extends string>(locale: string, words: Forms<NoInfer<Key>>, key: Key, n: number): string => {
  const forms: Readonly<Record<string, string | undefined>> = words;
  return forms[`${key}_${pluralRules(locale).select(n)}`] ?? words[`${key}_other`];
};

/** Returns the form of a text for a number, with `{{count}}` as the language writes it. */
export const fillCount = <Key extends string>(
  locale: string,
  words: Forms<NoInfer<Key>>,
  key: Key,
  n: number,
  slots: Slots = {},
): string => fillText(formFor(locale, words, key, n), { count: numberFormat(locale).format(n), ...slots });

/** Returns a text with its first letter in upper case, as at the start of a sentence. */
export const capitalized = (text: string): string => text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());

/**
 * Returns a name as written within a sentence: a single common noun such as "Mayor" in lower case, names of several words as
 * the city writes them.
 */
const within = (name: string): string => (/^\p{Lu}\p{Ll}+$/u.test(name) ? name.toLowerCase() : name);

const english = (name: string): string => (/^(?:the|an?)\s/i.test(name) ? name.replace(/^The\s/, 'the ') : `the ${within(name)}`);

/**
 * Returns a Spanish name with its article. The ending of its first word determines the gender, since a roster does not state
 * it.
 */
const spanish = (name: string): string => {
  if (/^(?:el|la|los|las)\s/i.test(name)) return name.replace(/^\p{Lu}/u, (first) => first.toLowerCase());
  const [first = ''] = name.split(' ', 1);
  return `${/(?:a|ía|ión|dad|tad)$/iu.test(first) ? 'la' : 'el'} ${within(name)}`;
};

/** The name of a body in a sentence: `body` with its article, `ofBody` after "of", `Body` at the start of a sentence. */
export interface BodyNames extends Slots {
  readonly body: string;
  readonly ofBody: string;
  readonly Body: string;
}

/** Returns a body's name with the articles of a language, `en` or `es`; another language takes the name as it is. */
export const bodyNames = (locale: string, name: string): BodyNames => {
  const [language = ''] = locale.split('-', 1);
  const body = language === 'en' ? english(name) : language === 'es' ? spanish(name) : name;
  const ofBody = language === 'en' ? `of ${body}` : `de ${body}`.replace(/^de el /, 'del ');
  return { body, ofBody, Body: capitalized(body) };
};
