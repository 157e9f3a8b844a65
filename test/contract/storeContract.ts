import { afterAll, beforeAll, describe } from 'vitest';
import { appends } from './store/appends.ts';
import { inOrder } from './store/inOrder.ts';
import { intruders } from './store/intruders.ts';
import { limits } from './store/limits.ts';
import { pages } from './store/pages.ts';
import { records } from './store/records.ts';
import { states } from './store/states.ts';
import type { StoreUnderTest } from './store/underTest.ts';
import { writers } from './store/writers.ts';

/** The contract of all store adapters. Each test has its own streams; all share one store. */
export const storeContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`the store contract on ${name}`, () => {
    let opened: StoreUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const subject = () => opened;
    records(subject);
    appends(subject);
    inOrder(subject);
    states(subject);
    pages(subject);
    limits(subject);
    intruders(subject);
    writers(subject);
  });
};
