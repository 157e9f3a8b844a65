// Every page in every state at every width, scheme and language, with a contact sheet of pictures.

import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allLoads, lookAtAll } from '../browser/matrix/look.ts';
import { everyPage } from '../browser/matrix/pages.ts';
import { contactSheet } from '../browser/matrix/sheet.ts';
import { launchBrowser } from '../support/browser.ts';

const FOLDER = process.env.CONTACT_SHEET ?? join(import.meta.dirname, 'output/pages');

let browser: Browser;
let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  [browser, installation] = await Promise.all([launchBrowser(), everyPage()]);
});
afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

test('nothing is wrong with any page, at any width, in any scheme and language', async () => {
  const loads = allLoads(installation.pages.map(({ name }) => name));
  expect(loads.length).toBeGreaterThan(800);
  expect(await lookAtAll(browser, installation.pages, loads, 2)).toEqual([]);
});

test('every page is drawn once in every width and scheme, to be looked at', async () => {
  const loads = allLoads(installation.pages.map(({ name }) => name)).filter(
    ({ width, scheme, tongue }) => tongue === (scheme === 'dark' && width === 1280 ? 'ar-xb' : width === 768 ? 'es' : 'en'),
  );
  const index = await contactSheet(browser, installation.pages, loads, FOLDER);
  console.log(`contact sheet: ${index}`);
  expect(loads.length).toBe(installation.pages.length * 6);
});
