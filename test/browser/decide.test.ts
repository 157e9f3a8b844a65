import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { certificate, decision } from '../functions/web/site/support/city.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { launchBrowser } from '../support/browser.ts';
import { tabTo } from './keyboard.ts';

type Served = Awaited<ReturnType<typeof serveCity>>;

let browser: Browser;
let city: Served;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  city = await serveCity();
  page = await (await browser.newContext({ javaScriptEnabled: true, viewport: { width: 390, height: 800 } })).newPage();
});
afterEach(async () => {
  await page.context().close();
  await city.close();
});

test('by keyboard alone the clerk certifies, the mayor signs, and it is on', async () => {
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];

  await page.goto(`${city.url}${clerk}`);
  await tabTo(page, '[name=allPresent]');
  await page.keyboard.press('Space');
  await tabTo(page, '[name="vote.at-large"]');
  await page.keyboard.press('ArrowRight');
  await tabTo(page, '[name=fileNumber]');
  await page.keyboard.type('26-0412');
  await tabTo(page, 'form.card button');
  await page.keyboard.press('Enter');
  await page.getByText('3 yes, 1 no (Council member, At Large).').waitFor();
  expect(await city.status()).toBe('pending');
  await tabTo(page, 'main form button');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${city.url}${clerk}`);
  await page.getByText('You certified the vote').waitFor();
  expect(await city.status()).toBe('pending');

  await page.goto(`${city.url}${mayor}`);
  await tabTo(page, '[name=comment]');
  await page.keyboard.type('In good order.');
  await tabTo(page, '[name=decision]');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing is decided yet.').waitFor();
  expect(await city.status()).toBe('pending');
  await tabTo(page, 'main form button');
  await page.keyboard.press('Enter');
  await page.getByText('You signed').waitFor();
  await page.getByText('In good order.').first().waitFor();
  expect(await city.status()).toBe('enabled');
});

test('the faults of a form stand at the top, have the focus, and link to their fields', async () => {
  const change = await city.notify();
  await page.goto(`${city.url}${await city.link('clerk', 'council', change)}`);
  await page.fill('[name=fileNumber]', '26-0412');
  await page.evaluate('for (const form of document.forms) form.noValidate = true');
  await page.click('form.card button');
  // The browser gives the focus by autofocus, some time after the page is there.
  await page.locator('#errors:focus').waitFor();
  expect(await page.inputValue('[name=fileNumber]')).toBe('26-0412');
  await page.click('#errors a[href="#f-vote-district-1"]');
  await page.locator('[name="vote.district-1"]:focus').first().waitFor({ state: 'attached' });
});

test('a revocation needs a second, deliberate step', async () => {
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  await city.post(clerk, certificate(change));
  await city.post(mayor, decision(change));
  await page.goto(`${city.url}${mayor}`);
  await page.click('button.danger');
  expect(await city.status()).toBe('enabled');
  await page.check('form[action$="/revoke"] input[type=checkbox]');
  await page.fill('[name=reason]', 'It was used for something else.');
  await page.click('button.danger');
  await page.getByText('You switched').waitFor();
  expect(await city.status()).toBe('revoked');
});
