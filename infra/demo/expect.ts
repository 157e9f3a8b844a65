import { isDeepStrictEqual } from 'node:util';

/** An outcome of the story that is not the expected one, with the difference as its message. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Throws {@link Unexpected} unless both are deeply equal. */
export const expectSame = (what: string, actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    throw new Unexpected(`${what} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}`);
};

/** Returns a value, or throws {@link Unexpected} if it is absent. */
export const expectThere = <T>(what: string, value: T | undefined): T => {
  if (value === undefined) throw new Unexpected(`${what} is missing`);
  return value;
};
