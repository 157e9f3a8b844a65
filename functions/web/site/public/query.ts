import type { Context } from 'hono';
import * as z from 'zod';
import { checkQuery } from '../../http/input.ts';
import { LIMIT_MAX } from '../../http/paging.ts';

/** Parameters of every public page. */
const common = {
  lang: z.string().max(20).optional(),
  format: z.enum(['html', 'json', 'csv'], { error: 'is html, json or csv' }).prefault('html'),
};

/** Returns the context of a question for an agency, if it names one. */
export const contextFor = (agency: string | undefined) => ({ agencies: agency === undefined ? [] : [agency] });

/** A text of at most so many characters that may be absent. */
export const textUpTo = (chars: number) => z.string().max(chars, `is longer than ${chars} characters`).optional();

const NO_LIMIT = `is not a whole number from 1 to ${LIMIT_MAX}`;

/** `limit` of a page whose default differs between HTML and data. */
export const LimitQuery = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/, NO_LIMIT)
  .transform(Number)
  .refine((limit) => limit <= LIMIT_MAX, NO_LIMIT)
  .optional();

/**
 * Reads the parameters of a page. Ignores unknown ones, since shared addresses carry trackers, and blank ones, since forms send
 * them; rejects invalid values of known ones.
 */
export const queryOf = <S extends z.ZodRawShape>(context: Context, shape: S) => {
  const known = { ...common, ...shape };
  const queries = Object.fromEntries(
    Object.entries(context.req.queries()).filter(
      ([name, values]) => Object.hasOwn(known, name) && values.some((value) => value !== ''),
    ),
  );
  return checkQuery(z.strictObject(known), queries);
};
