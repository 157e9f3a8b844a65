export const LANGUAGES = ['en', 'es'] as const;

export type Language = (typeof LANGUAGES)[number];

/** Returns the language of a tag such as `es-419`; undefined if it has no texts. */
export const languageOf = (tag: string | undefined): Language | undefined =>
  LANGUAGES.find((language) => language === tag?.trim().toLowerCase().split('-', 1)[0]);
