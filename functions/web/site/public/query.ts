import type { Context } from 'hono';
import * as z from 'zod';
import { checkQuery } from '../../http/input.ts';
import { LIMIT_MAX } from '../../http/paging.ts';

/** What every public page can be asked for beside its own parameters. */
const common = {
  lang: z.string().max(20).optional(),
  format: z.enum(['html', 'json', 'csv'], { error: 'is html, json or csv' }).prefault('html'),
};

/** `limit` where a page shows fewer entries than the same as data, unless it is told how many. */
export const LimitQuery = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/, `is not a whole number from 1 to ${LIMIT_MAX}`)
  .transform(Number)
  .refine((limit) => limit <= LIMIT_MAX, `is not a whole number from 1 to ${LIMIT_MAX}`)
  .optional();

/**
 * The parameters of a page; what it does not know is left aside (people share addresses with trackers in them), and so is what was
 * left blank in a form; what it knows must fit.
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
