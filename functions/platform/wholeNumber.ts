import * as z from 'zod';

/** A whole number, as one or as its digits. What is blank, such as a variable that is not set, is none: it must not stand for 0. */
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
