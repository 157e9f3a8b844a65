import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
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
    .prefault(String(LIMIT_DEFAULT))
    .meta({
      description: `The most items on the page, 1 to ${LIMIT_MAX}.`,
      type: 'integer',
      minimum: 1,
      maximum: LIMIT_MAX,
      default: LIMIT_DEFAULT,
    }),
  cursor: z
    .string()
    .min(1, 'is empty')
    .max(1_000, 'is not a cursor of this list')
    .optional()
    .describe('Where the list goes on: the `next` of the page before.'),
};

/** Wire format. One page of a list; `next` is null at its end. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  strictObject(() => ({
    items: z.array(item).readonly().describe('The items of this page.'),
    next: z.string().nullable().describe('The cursor of the next page; null at the end.'),
  }));

/** Returns the page of a list, or throws Refused (400) if the list did not know the cursor. */
export const requirePage = <T>(page: T | undefined): T => {
  if (page === undefined) throw badParameter('cursor', 'is not a cursor of this list');
  return page;
};
