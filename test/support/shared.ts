import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** Registers what to do when a world is no longer needed. */
export type AtEnd = (work: () => unknown) => void;
export const atEndOfTest: AtEnd = (work) => onTestFinished(async () => void (await work()));

/** Makes a world once for all tests of a file, which only read it. Returns a function that returns the world. */
export const shared = <T>(make: (atEnd: AtEnd) => T | Promise<T>): (() => T) => {
  const works: (() => unknown)[] = [];
  let world: T | undefined;
  beforeAll(async () => {
    world = await make((work) => works.push(work));
  });
  afterAll(async () => {
    for (const work of works.toReversed()) await work();
  });
  return () => world ?? expect.fail('asked for before the tests began');
};
