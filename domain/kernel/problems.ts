import type * as z from 'zod';
import { pointerOf } from './json.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

export const pointerTo = (...path: readonly PropertyKey[]): string => pointerOf(path);

type Issue = z.ZodError['issues'][number];

/** The problem reported for a text that does not match a format. */
const FORMATS: Readonly<Record<string, string>> = {
  email: 'is not a mail address',
  url: 'is not an address such as https://city.example',
};

const NOT_OF_ITS_FORM = 'is missing, or not of the form that it must have';

/**
 * Returns a fault as the end of a sentence that begins with its location. The library's own messages, which are capitalised, are reworded
 * plainly.
 */
const inWords = (issue: Issue): string => {
  if (!/^[A-Z]/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `is not ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `is not ${String(issue.values[0])}` : `is none of ${issue.values.join(', ')}`;
    case 'invalid_union': {
      const whole = issue.errors.flat().filter(({ path }) => path.length === 0);
      const words = whole.find(({ code }) => code === 'invalid_value');
      if (words?.code === 'invalid_value') return `is missing, or none of ${words.values.join(', ')}`;
      const types = whole.flatMap((each) => (each.code === 'invalid_type' ? [TYPES[each.expected] ?? each.expected] : []));
      return types.length > 1 && types.length === issue.errors.length
        ? `is missing, or neither ${types.join(' nor ')}`
        : NOT_OF_ITS_FORM;
    }
    case 'invalid_format':
      return FORMATS[issue.format] ?? NOT_OF_ITS_FORM;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is not a name that can stand here';
    case 'too_small':
      return issue.minimum === 1 && Object.hasOwn(UNITS, issue.origin)
        ? 'is empty'
        : `is below ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    case 'too_big':
      return `is above ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    default:
      return NOT_OF_ITS_FORM;
  }
};

const isInside = ({ path, code }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys' || code === 'custom';

const problemsAt = (issue: Issue, above: readonly PropertyKey[]): readonly Problem[] => {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo(...path, key), detail: 'is not a field of this' }));
  const meant = issue.code === 'invalid_union' ? issue.errors.find((branch) => branch.every(isInside)) : undefined;
  return meant === undefined
    ? [{ pointer: pointerTo(...path), detail: inWords(issue) }]
    : meant.flatMap((inner) => problemsAt(inner, path));
};

/** Returns a schema's problems, one per field; for a union, those of the matching shape. */
export const problemsOf = (error: z.ZodError): readonly Problem[] => error.issues.flatMap((issue) => problemsAt(issue, []));

export const repeats = (values: readonly string[]): readonly number[] =>
  values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));

const SHOWN_MAX = 5;

export const summaryOf = (problems: readonly Problem[]): string => {
  const shown = problems.slice(0, SHOWN_MAX).map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`));
  const more = problems.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
};
