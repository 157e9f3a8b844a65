import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Received } from '../../functions/gate/intake.ts';
import { ROSTER_OF_13, SEATS_OF_13 } from '../functions/web/site/support/city.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { axeViolations } from '../support/axe.ts';
import { sharedBrowser } from '../support/browser.ts';

const PHONE = { width: 390, height: 844 };
const INTERACTIONS_MAX = 8;
const HEIGHT_MAX_PX = 3000;
const TARGET_MIN_PX = 44;

let browser: Browser;
let city: Awaited<ReturnType<typeof serveCity>>;
let changes: readonly [Received, Received];
let clerk: string;
beforeAll(async () => {
  [browser, city] = await Promise.all([sharedBrowser(), serveCity({ roster: ROSTER_OF_13 })]);
  changes = [await city.notify(), await city.notify({ feature: 'acme.lpr', title: 'Plate reader' })];
  clerk = `${city.url}${await city.link('clerk', 'council', changes[0])}`;
});
afterAll(() => city.close());

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

test('the form stands first and the whole page is short; it fits a hand, in the longer language', async () => {
  const change = await city.notify({ feature: 'acme.hand' });
  const page = await open(`${city.url}${await city.link('clerk', 'council', change)}?lang=es`, 'dark');
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(HEIGHT_MAX_PX);
  const about = page.getByText('De qué se trata');
  const form = await page.locator('form.card').first().boundingBox();
  expect((await about.boundingBox())?.y).toBeGreaterThan((form?.y ?? 0) + (form?.height ?? 0));
  const rare = page.locator('.row').first().locator('summary');
  await rare.click();
  const buttons = await page.locator('.row').first().locator('input').all();
  expect(buttons).toHaveLength(7);
  const boxes = await Promise.all([...buttons, rare].map((button) => button.boundingBox()));
  expect(Math.min(...boxes.flatMap((box) => (box === null ? [0] : [box.width, box.height])))).toBeGreaterThanOrEqual(
    TARGET_MIN_PX,
  );
  expect(await page.locator('form.card :is(select:visible, script)').count()).toBe(0);
  await page.locator('[name=allPresent]').check();
  expect(await axeViolations(page)).toEqual([]);
  await page.context().close();
});

const bottomOf = async (page: Page, name: string): Promise<number> => {
  const box = await page.getByRole('button', { name, exact: true }).boundingBox();
  return (box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0);
};

test('from the mail to the receipt the mayor taps three times', async () => {
  const change = await city.notify({ feature: 'acme.taps' });
  const votes = Object.fromEntries(SEATS_OF_13.map((seat) => [`vote.${seat}`, seat === 'district-12' ? 'vacant' : 'yes']));
  expect((await city.certify(change, votes)).status).toBe(303);
  const mayor = `${city.url}${await city.link('mayor', 'mayor', change)}`;
  const page = await (await browser.newContext({ viewport: PHONE })).newPage();
  const taps = await perform(page, [
    () => page.goto(mayor),
    () => page.getByRole('button', { name: 'I sign', exact: true }).click(),
    async () => {
      expect(page.url()).toBe(`${mayor}/review`);
      expect(await page.locator('main form button:visible').allTextContents()).toEqual(['I sign', 'Change something']);
      expect(await bottomOf(page, 'I sign')).toBeLessThanOrEqual(PHONE.height);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(
        /^As the mayor, on revision 1 of “.+”: I sign, for every agency, until March 3, 2027/,
      );
      expect(await axeViolations(page)).toEqual([]);
      expect(await city.status('acme.taps')).toBe('pending');
      await page.getByRole('button', { name: 'I sign', exact: true }).click();
    },
  ]);
  await page.waitForURL(mayor);
  await page.getByText('You signed').waitFor();
  expect(taps).toBe(3);
  await page.context().close();
});

test('both answers stand within two screens, and a refusal is taken back within two screens of its receipt', async () => {
  const change = await city.notify({ feature: 'acme.mistake' });
  const votes = Object.fromEntries(SEATS_OF_13.map((seat) => [`vote.${seat}`, seat === 'district-12' ? 'vacant' : 'yes']));
  await city.certify(change, votes);
  const page = await open(`${city.url}${await city.link('mayor', 'mayor', change)}`);
  expect(await bottomOf(page, 'I refuse')).toBeLessThanOrEqual(2 * PHONE.height);
  await page.getByRole('button', { name: 'I refuse' }).click();
  await page.getByRole('button', { name: 'I refuse' }).click();
  await page.getByText('You refused').waitFor();
  expect(await page.getByText('Decide now').count()).toBe(0);
  expect(await bottomOf(page, 'Take it back')).toBeLessThanOrEqual(2 * PHONE.height);
  await page.context().close();
});

test('the desk keeps its ticks from one part of the list to the next, ticks all, and certifies forty together', async () => {
  const many = await serveCity();
  for (let n = 10; n < 52; n += 1) await many.notify({ feature: `acme.f${n}`, title: `Feature ${n}` });
  const first = await many.notify({ feature: 'acme.f99' });
  const page = await (await browser.newContext({ viewport: PHONE, javaScriptEnabled: false })).newPage();
  await page.goto(`${many.url}${await many.link('clerk', 'council', first)}/desk`);
  const ticked = () => page.locator('input[name=change]:checked').count();
  expect(await page.locator('input[type=checkbox][name=change]').count()).toBe(40);
  await page.getByLabel('Feature 11').check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Feature 50').check();
  await page.getByText('1 more is ticked on another part of this list.').waitFor();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  expect(await page.getByLabel('Feature 11').isChecked()).toBe(true);
  expect(await ticked()).toBe(1);
  await page.getByRole('button', { name: 'Certify one vote for those ticked' }).click();
  await page.getByText('One vote on 2 changes').waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Tick all of these' }).click();
  expect(await ticked()).toBe(40);
  await page.goto(`${many.url}${await many.link('clerk', 'council', first)}/desk?body=council&all=0`);
  await page.getByRole('button', { name: 'Certify one vote for those ticked' }).click();
  await page.getByText('One vote on 40 changes').waitFor();
  await fillInForty(page);
  await page.getByText('Recorded under file').waitFor();
  expect(await page.locator('input[type=checkbox][name=change]').count()).toBe(3);
  expect(await ticked()).toBe(0);
  await page.context().close();
  await many.close();
});

const fillInForty = async (page: Page): Promise<void> => {
  await page.getByLabel('All present voted yes').check();
  await page.getByLabel('File number').fill('26-0413');
  await page.getByRole('button', { name: 'Check the record' }).click();
  await page.getByRole('button', { name: 'Certify for all of them' }).click();
};
