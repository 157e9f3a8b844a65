import type * as z from 'zod';
import { type JsonValue, parseStrict } from '../../../domain/kernel/json.ts';
import { problemsOf } from '../../../domain/kernel/problems.ts';
import { FeatureKey } from '../../../domain/kernel/zodTypes.ts';
import { refused } from './refused.ts';

/** The most errors in one answer: a hostile body must not make a long one. */
const ERRORS_MAX = 50;

/** Parses JSON from outside. Throws Refused (400) with the pointer of the first fault. */
export const parseJson = (bytes: Uint8Array): JsonValue => {
  const parsed = parseStrict(bytes);
  if (parsed.ok) return parsed.value;
  const { pointer, detail } = parsed;
  throw refused('invalid-json', {
    detail: pointer === '' ? `the body ${detail}` : `${pointer} ${detail}`,
    errors: [{ pointer, detail }],
  });
};

/** Checks a value by a schema. Throws Refused (400) with everything that is wrong, unknown fields by name. `at`: the pointer of the value in the body. */
export const checkInput = <T>(schema: z.ZodType<T>, value: unknown, at = ''): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = problemsOf(parsed.error)
    .slice(0, ERRORS_MAX)
    .map(({ pointer, detail }) => ({ pointer: `${at}${pointer}`, detail }));
  const [first] = errors;
  throw refused('invalid-input', {
    detail:
      first === undefined || first.pointer === ''
        ? `the body ${first?.detail ?? 'is not valid'}`
        : `${first.pointer} ${first.detail}`,
    errors,
  });
};

/** Returns the refusal (400) of a parameter or header that cannot be read, with its name as a pointer. */
export const badParameter = (name: string, detail: string) =>
  refused('invalid-request', { detail: `${name} ${detail}`, errors: [{ pointer: `/${name}`, detail }] });

/** Checks a query by a schema. Throws Refused (400) for a parameter given twice or unknown, since a misspelt filter would show everything. */
export const checkQuery = <T>(schema: z.ZodType<T>, queries: Readonly<Record<string, readonly string[]>>): T => {
  const entries = Object.entries(queries).map(([name, values]) => {
    if (values.length > 1) throw badParameter(name, 'is given more than once');
    return [name, values[0] ?? ''] as const;
  });
  const parsed = schema.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  const errors = problemsOf(parsed.error).slice(0, ERRORS_MAX);
  const [first] = errors;
  throw refused('invalid-request', {
    detail: `${first?.pointer.slice(1) ?? 'the query'} ${first?.detail ?? 'is not valid'}`,
    errors,
  });
};

/** Returns the key in an address. Throws Refused (400) if it is invalid. */
export const checkKey = (text: string): string => {
  const parsed = FeatureKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw badParameter('key', parsed.error.issues[0]?.message ?? 'is not a key');
};

const CHANGE_NUMBER = /^[1-9][0-9]{0,6}$/;

/** Returns the number of a change in an address. Throws Refused (400) if it is invalid. */
export const checkChangeNumber = (text: string): number => {
  if (!CHANGE_NUMBER.test(text)) throw badParameter('n', 'is not the number of a change, 1 or more');
  return Number(text);
};
