import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { lookAtAll } from './matrix/look.ts';
import { everyPage, NOT_PAGES } from './matrix/pages.ts';
import { allLoads, pairwise } from './matrix/pairwise.ts';

const LOADS_MAX = 150;

let browser: Browser;
let house: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  [browser, house] = await Promise.all([launchBrowser(), everyPage()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test('every page that can be got is among those looked at', () => {
  const looked = new Set(house.pages.map(({ route }) => route));
  const pages = house.routes.filter((route) => NOT_PAGES.every((other) => !other.test(route)));
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((route) => !looked.has(route))).toEqual([]);
});

test('the selection is small, the same each time, and sees every page narrow and wide, light and dark', () => {
  const names = house.pages.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const loads = pairwise(names, LOADS_MAX);
  expect(loads).toEqual(pairwise(names, LOADS_MAX));
  expect(loads.length).toBeLessThanOrEqual(LOADS_MAX);
  expect(allLoads(names)).toEqual(expect.arrayContaining([...loads]));
  for (const name of names) {
    const seen = loads.filter(({ page }) => page === name);
    expect(seen.map(({ width }) => width)).toEqual(expect.arrayContaining([320, 1280]));
    expect(new Set(seen.map(({ scheme }) => scheme)).size).toBe(2);
    expect(new Set(seen.map(({ tongue }) => tongue)).size).toBeGreaterThan(1);
  }
});

test('nothing is wrong with any of them', async () => {
  const loads = pairwise(
    house.pages.map(({ name }) => name),
    LOADS_MAX,
  );
  expect(await lookAtAll(browser, house.pages, loads)).toEqual([]);
}, 600_000);
