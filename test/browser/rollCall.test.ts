import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Received } from '../../functions/gate/intake.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { ROSTER_OF_13 } from '../functions/web/site/support/thirteen.ts';
import { axeViolations } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';

const PHONE = { width: 390, height: 844 };
const INTERACTIONS_MAX = 8;
const HEIGHT_MAX_PX = 3000;
const TARGET_MIN_PX = 44;

let browser: Browser;
let city: Awaited<ReturnType<typeof serveCity>>;
let changes: readonly [Received, Received];
let clerk: string;
beforeAll(async () => {
  [browser, city] = await Promise.all([launchBrowser(), serveCity({ roster: ROSTER_OF_13 })]);
  changes = [await city.notify(), await city.notify({ feature: 'acme.lpr', title: 'Plate reader' })];
  clerk = `${city.url}${await city.link('clerk', 'council', changes[0])}`;
});
afterAll(async () => {
  await browser.close();
  await city.close();
});

const open = async (address: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
  const page = await (await browser.newContext({ viewport: PHONE, colorScheme })).newPage();
  await page.goto(address);
  return page;
};

/** Performs a form's steps as a person with a finger does, and returns how many there were. */
const perform = async (page: Page, steps: readonly (() => Promise<unknown>)[]): Promise<number> => {
  for (const step of steps) await step();
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  return steps.length;
};

/** Marks the vote of a seat by the words that are read out: its group, then the button in it. */
const mark = (page: Page, seat: string, vote: string) => () =>
  page.getByRole('group', { name: seat, exact: true }).getByRole('radio', { name: vote, exact: true }).check();

const fillIn = (page: Page) => [
  () => page.getByLabel('All present voted yes').check(),
  mark(page, 'Council member, District 3', 'no'),
  mark(page, 'Council member, At Large', 'absent'),
  () => page.getByLabel('File number').fill('26-0412'),
  () => page.getByRole('button', { name: 'Check the record' }).click(),
];
const SENTENCE = /10 yes, 1 no \(Council member, District 3\), 1 absent \(Council member, At Large\), 1 vacant \(district-12\)\./;

test('one vote on two changes: thirteen seats with two exceptions, in as few interactions', async () => {
  const query = changes.map(({ change }) => `change=${change}`).join('&');
  const page = await open(`${clerk}/desk/consent?body=council&${query}`);
  const interactions = await perform(page, fillIn(page));
  await page.getByText(SENTENCE).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Change something' }).click();
  expect(await page.locator('input:checked').count()).toBe(4);
  await page.getByRole('button', { name: 'Check the record' }).click();
  const sent = await perform(page, [() => page.getByRole('button', { name: 'Certify for all of them' }).click()]);
  await page.getByText('Recorded under file').waitFor();
  expect(interactions + sent).toBeLessThanOrEqual(INTERACTIONS_MAX);
  await page.context().close();
});

test('a roll call of thirteen seats with two exceptions takes at most eight interactions', async () => {
  const change = await city.notify({ feature: 'acme.drone', title: 'Drone' });
  const page = await open(`${city.url}${await city.link('clerk', 'council', change)}`);
  const filled = await perform(page, fillIn(page));
  await page.getByText(SENTENCE).waitFor();
  expect(await axeViolations(page)).toEqual([]);
  const sent = await perform(page, [() => page.getByRole('button', { name: 'Certify this vote' }).click()]);
  await page.getByText('You certified the vote').waitFor();
  expect(filled + sent).toBeLessThanOrEqual(INTERACTIONS_MAX);
  expect(await city.page(`/changes/${change.change}?format=json`)).toContain('"yes":10');
  await page.context().close();
});

test.each([
  ['en', 'light'],
  ['en', 'dark'],
  ['es', 'light'],
  ['es', 'dark'],
] as const)('the form stands first, before what it is about, and fits a hand: %s, %s', async (language, scheme) => {
  const change = await city.notify({ feature: `acme.${language}-${scheme}` });
  const page = await open(`${city.url}${await city.link('clerk', 'council', change)}?lang=${language}`, scheme);
  const about = page.getByRole('heading', { name: language === 'en' ? 'What it is about' : 'De qué se trata' });
  expect((await about.boundingBox())?.y).toBeLessThanOrEqual(HEIGHT_MAX_PX);
  const buttons = await page.getByRole('radio').all();
  expect(buttons).toHaveLength(13 * 7);
  const boxes = await Promise.all(buttons.map((button) => button.boundingBox()));
  expect(Math.min(...boxes.flatMap((box) => (box === null ? [0] : [box.width, box.height])))).toBeGreaterThanOrEqual(
    TARGET_MIN_PX,
  );
  expect(await page.locator('form.card :is(select:visible, script)').count()).toBe(0);
  await page.locator('[name=allPresent]').check();
  expect(await axeViolations(page)).toEqual([]);
  await page.context().close();
});
