import * as z from 'zod';

/** A whole number, or its digits. A blank, such as an unset variable, is rejected: it must not mean 0. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^-?\d+$/)
          .transform(Number),
      ],
      'is not a whole number',
    )
    .pipe(z.int().min(least).max(most));
