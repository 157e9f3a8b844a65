import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { pressOn, tabTo } from './keyboard.ts';
import { allLoads, lookAtAll, openWindow, pairwise } from './matrix/look.ts';
import { everyPage, NOT_PAGES } from './matrix/pages.ts';

let browser: Browser;
let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  [browser, installation] = await Promise.all([launchBrowser(), everyPage()]);
});
afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

test('every page that can be got is among those looked at', () => {
  const looked = new Set(installation.pages.map(({ route }) => route));
  const pages = installation.routes.filter((route) => NOT_PAGES.every((other) => !other.test(route)));
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.filter((route) => !looked.has(route))).toEqual([]);
});

test('every page answers as it should', async () => {
  const unreadable = ['feature that cannot be read', 'change that cannot be read'];
  const refused = ['no such page', 'no such link', 'dead link', 'bad address', 'worklist, who asks', ...unreadable];
  for (const { name, address } of installation.pages) {
    const { status } = await fetch(address, { headers: { accept: 'text/html' } });
    expect(status >= 400 ? 'refused' : 'shown', name).toBe(refused.includes(name) ? 'refused' : 'shown');
  }
});

/** Returns the pages in the order of selection: the first of each route before its other states. */
const inOrder = (): readonly string[] => {
  const routes = [...Map.groupBy(installation.pages, ({ route }) => route).values()];
  return [...routes.flatMap((states) => states.slice(0, 1)), ...routes.flatMap((states) => states.slice(1))].map(
    ({ name }) => name,
  );
};

/** Each page once and each route twice; `npm run prove` looks at the rest. */
const selection = () =>
  pairwise(inOrder(), installation.pages.length + new Set(installation.pages.map(({ route }) => route)).size);

test('the selection is small and the same each time; it sees every page, and every route narrow and wide, light and dark', () => {
  const names = inOrder();
  expect(new Set(names).size).toBe(installation.pages.length);
  const loads = selection();
  expect(loads).toEqual(selection());
  expect(loads.length).toBeLessThan(2 * names.length);
  expect(allLoads(names)).toEqual(expect.arrayContaining([...loads]));
  const seen = Map.groupBy(loads, ({ page }) => page);
  expect(names.filter((name) => seen.get(name)?.some(({ width }) => width === 320) !== true)).toEqual([]);
  const twice = names.slice(0, new Set(installation.pages.map(({ route }) => route)).size);
  for (const name of twice) {
    const looks = seen.get(name) ?? [];
    expect(looks.map(({ width }) => width)).toEqual(expect.arrayContaining([320, 1280]));
    expect(new Set(looks.map(({ scheme }) => scheme)).size).toBe(2);
    expect(new Set(looks.map(({ tongue }) => tongue)).size).toBeGreaterThan(1);
  }
});

test('nothing is wrong with any of them', async () => {
  expect(await lookAtAll(browser, installation.pages, selection())).toEqual([]);
});

/** Acts of officials: the page, the form on it, what is pressed on which of its fields, and what its page shows afterwards. */
const ACTS: readonly (readonly [page: string, form: string, fields: Readonly<Record<string, string>>, shows: string])[] = [
  ['to take a refusal back', '[action*="/take-back"]', { '[name=reason]': 'A wrong click.' }, 'You took back your refusal'],
  ['to contest', '[action*="/contest"]', { '[name=reason]': 'Others see it now.' }, 'The Mayor objected'],
  ['roster to refuse', 'form.card:has(textarea)', { '[name=reason]': 'I did not ask for it.' }, 'Refused by The Mayor'],
  ['roster to confirm', 'form.card', {}, 'You have confirmed this.'],
  ['receipt of the mayor', '[action*="/revoke"]', { '[name=reason]': 'Enough.', '[type=checkbox]': ' ' }, 'You switched'],
];

test('by keyboard alone an official does each act; from there, back shows what was recorded', async () => {
  const page = await (await openWindow(browser, { width: 320, scheme: 'light' })).newPage();
  for (const [name, form, fields, shows] of ACTS) {
    await page.goto(installation.pages.find((entry) => entry.name === name)?.address ?? name);
    for (const [field, keys] of Object.entries(fields)) {
      await tabTo(page, `${form} ${field}`);
      await page.keyboard.type(keys);
    }
    const submit = `${form} [type=submit]`;
    await tabTo(page, submit);
    await page.keyboard.press('Shift+Tab');
    const loaded = page.waitForEvent('load');
    await pressOn(page, submit);
    await loaded;
    expect(await page.locator('main').textContent(), name).toContain(shows);
    await page.goBack();
    expect(await page.locator('main').textContent(), `${name}, back`).toContain(shows);
  }
  await page.context().close();
});
