import type * as z from 'zod';
import { type JsonValue, parseStrict } from '../../../domain/kernel/json.ts';
import { problemsOf } from '../../../domain/kernel/problems.ts';
import { FeatureKey } from '../../../domain/kernel/zodTypes.ts';
import { refused } from './refused.ts';

/** Most errors told at once: a hostile body must not make a long answer. */
const ERRORS_MAX = 50;

/** JSON from outside; 400 with the place of the first fault. */
export const parseJson = (bytes: Uint8Array): JsonValue => {
  const parsed = parseStrict(bytes);
  if (parsed.ok) return parsed.value;
  const { pointer, detail } = parsed;
  throw refused('invalid-json', {
    detail: pointer === '' ? `the body ${detail}` : `${pointer} ${detail}`,
    errors: [{ pointer, detail }],
  });
};

/** A value of a schema's shape; 400 with everything that is wrong, unknown fields by their own names. `at`: where the value stands in the body. */
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

/** A parameter of the address or a header that cannot be read: 400, the parameter named as a pointer. */
export const badParameter = (name: string, detail: string) =>
  refused('invalid-request', { detail: `${name} ${detail}`, errors: [{ pointer: `/${name}`, detail }] });

/** Parameters of a query by a schema, each given at most once, unknown ones refused: a misspelt filter would show everything. */
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

/** The key in an address; 400 when it is none. */
export const checkKey = (text: string): string => {
  const parsed = FeatureKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw badParameter('key', parsed.error.issues[0]?.message ?? 'is not a key');
};

const CHANGE_NUMBER = /^[1-9][0-9]{0,6}$/;

/** The number of a change in an address; 400 when it is none. */
export const checkChangeNumber = (text: string): number => {
  if (!CHANGE_NUMBER.test(text)) throw badParameter('n', 'is not the number of a change, 1 or more');
  return Number(text);
};
