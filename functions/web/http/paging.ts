import * as z from 'zod';
import { badParameter } from './input.ts';

export const LIMIT_MAX = 1_000;
const LIMIT_DEFAULT = 100;

const WHOLE = /^[1-9][0-9]{0,3}$/;

/** The `limit` and `cursor` of every list. */
export const paging = {
  limit: z
    .string()
    .refine((text) => WHOLE.test(text) && Number(text) <= LIMIT_MAX, `is not a whole number from 1 to ${LIMIT_MAX}`)
    .transform(Number)
    .prefault(String(LIMIT_DEFAULT)),
  cursor: z.string().min(1, 'is empty').max(1_000, 'is not a cursor of this list').optional(),
};

/** A page that a list gave, or 400 when it did not know the cursor. */
export const pageOf = <T>(page: T | undefined): T => {
  if (page === undefined) throw badParameter('cursor', 'is not a cursor of this list');
  return page;
};
