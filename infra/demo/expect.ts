import { isDeepStrictEqual } from 'node:util';

/** Something in the story came out otherwise than it must; the message says what. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Throws {@link Unexpected} unless both are the same, through and through. */
export const expectSame = (what: string, actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    throw new Unexpected(`${what} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}`);
};

/** A value that has to be there. */
export const expectThere = <T>(what: string, value: T | undefined): T => {
  if (value === undefined) throw new Unexpected(`${what} is missing`);
  return value;
};
