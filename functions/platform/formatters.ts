/**
 * Returns a function that makes each formatter once. Making one takes far longer than using it, and some hundred kilobytes outside the
 * heap, which are freed only with it. There are as many as languages, time zones and options that the code and the settings name.
 */
const madeOnce = <Options, Formatter>(make: (locale: string, options?: Options) => Formatter) => {
  const known = new Map<string, Formatter>();
  return (locale: string, options?: Options): Formatter => {
    const name = JSON.stringify([locale, options]);
    const found = known.get(name) ?? make(locale, options);
    known.set(name, found);
    return found;
  };
};

/** Returns the formatter of dates of a language. The options name its time zone. */
export const dateFormat = madeOnce(
  (locale, options?: Intl.DateTimeFormatOptions & { readonly timeZone: string }) => new Intl.DateTimeFormat(locale, options),
);

/** Returns the formatter of numbers of a language. */
export const numberFormat = madeOnce((locale, options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));

/** Returns the formatter of lists that end with "and" in a language. */
export const listFormat = madeOnce((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** Returns the rules by which the form of a text depends on a number in a language. */
export const pluralRules = madeOnce((locale) => new Intl.PluralRules(locale));
