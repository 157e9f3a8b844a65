import { numberFormat, pluralRules } from './formatters.ts';

/** Values for the slots of a text, by name. */
export type Slots = Readonly<Record<string, string | number>>;

/** The forms of a text that depend on a number, named as in Intl.PluralRules. A language has the forms it needs. */
export type Plural = { readonly one: string; readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string };

/**
 * Returns a text of a catalogue with each `{slot}` replaced by its value. A value is inserted as it is and never read for
 * slots. Throws for a slot without a value.
 */
export const fillText = (text: string, slots: Slots = {}): string =>
  text.replaceAll(/\{([a-z]+)\}/gi, (_, name: string) => {
    const value = slots[name];
    if (value === undefined) throw new Error(`broken invariant: no {${name}} for a text of the catalogue`);
    return String(value);
  });

/** Returns the form for a number, with `{n}` as that language writes it. */
export const fillCount = (locale: string, forms: Plural, n: number, slots: Slots = {}): string =>
  fillText(forms[pluralRules(locale).select(n)] ?? forms.other, {
    n: numberFormat(locale).format(n),
    ...slots,
  });

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
