// Whole stories by keyboard alone, without scripts, on a narrow screen.
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeVendorForm } from '../../functions/gate/vendors.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { putTask, task } from '../functions/register/derived/derivedCity.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { sharedBrowser } from '../support/browser.ts';
import { pressOn, tabTo } from './keyboard.ts';

type Served = Awaited<ReturnType<typeof serveCity>>;

let browser: Browser;
let city: Served;
let page: Page;
beforeAll(async () => {
  browser = await sharedBrowser();
});
beforeEach(async () => {
  city = await serveCity();
  page = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 700 } })).newPage();
});
afterEach(async () => {
  await page.context().close();
  await city.close();
});

const press = (selector: string, key?: string) => pressOn(page, selector, key);
/** Clicks an element that leads to another page, and waits until that page has loaded. */
const go = async (selector: string) => {
  await tabTo(page, selector);
  const loaded = page.waitForEvent('load');
  await page.keyboard.press('Enter');
  await loaded;
};
const type = async (selector: string, text: string): Promise<void> => {
  await tabTo(page, selector);
  await page.keyboard.type(text);
};

test('a resident finds a feature; the clerk certifies, the mayor signs, and switches it off again by a second, deliberate step', async () => {
  const { clerk, mayor } = await city.linksTo(await city.notify());
  await page.goto(city.url);
  await type('[type=search]', 'freeform');
  await go('[role=search] button');
  await go('.tree a');
  expect(await page.locator('h1').textContent()).toBe('FreeForm search for vehicles');

  await page.goto(`${city.url}${clerk}`);
  await press('[name=allPresent]', 'Space');
  await press('[name="vote.at-large"]', 'ArrowRight');
  await type('[name=fileNumber]', '26-0412');
  await go('form.card button[type=submit]');
  await page.getByText('3 yes, 1 no (Council member, At Large).').waitFor();
  await page.goBack();
  expect(await page.inputValue('[name=fileNumber]')).toBe('26-0412');
  expect(await page.locator('input:checked').count()).toBe(2);
  await go('form.card button[type=submit]');
  await city.is('pending');
  await go('main form button');
  await page.getByText('You certified the vote').waitFor();

  await page.goto(`${city.url}${mayor}`);
  await type('[name=comment]', 'In good order.');
  await go('[name=decision]');
  await page.getByText('Nothing is decided yet.').waitFor();
  await city.is('pending');
  await go('main form button');
  await page.getByText('In good order.').first().waitFor();
  await city.is('enabled');

  await type('[name=reason]', 'It was used for something else.');
  await press('button.danger');
  await city.is('enabled');
  await press('form[action$="/revoke"] input[type=checkbox]', 'Space');
  await go('button.danger');
  await page.getByText('You switched').waitFor();
  await city.is('revoked');
});

test('IT signs in with a token, says what it did, and reads that it is on record; the tasks are printed, and no field', async () => {
  const change = await city.notify();
  await city.approve(change);
  const approved = { kind: 'switch-on', because: 'approved', by: null, change: change.change } as const;
  await putTask(city.ports.sideStore, task({ key: 'acme', vendor: 'acme', ...approved }));
  const { token } = await createToken(city.ports, { name: 'it', scopes: ['state:read', 'observe'] });
  await page.goto(`${city.url}/worklist`);
  await type('#token', 'ald_wrong');
  await go('form.card button');
  await page.getByText('This token is misspelled, unknown or revoked.').waitFor();
  await type('#token', token);
  await go('form.card button');
  await page.getByText('Decided by: City Council (file 26-0412) and The Mayor.').waitFor();
  await page.emulateMedia({ media: 'print' });
  for (const [printed, selector] of [
    [true, '.waits code'],
    [false, 'fieldset'],
    [false, 'input'],
  ] as const)
    expect(await page.locator(selector).first().isVisible()).toBe(printed);
  await page.emulateMedia({ media: 'screen' });
  await press('[name^="act."][value="nothing"]', 'ArrowDown');
  await page.keyboard.press('ArrowDown');
  await type('#token-record', token);
  await go('button[value=record]');
  await page.getByText('Recorded').first().waitFor();
  expect(await page.locator('[role=status]').textContent()).toContain('acme on');
  expect(await page.context().cookies()).toEqual([]);
});

test('a vendor that cannot sign fills in its form', async () => {
  const made = await makeVendorForm(city.ports, 'acme', 'P30D');
  await page.goto(`${city.url}/n/${made?.token ?? ''}`);
  await type('[name=feature]', 'acme.lpr');
  await type('[name=kind]', 'New');
  await type('[name=title]', 'Plate reader');
  await type('[name=summary]', 'Reads plates.');
  await press('[name=optOut]', 'Space');
  await type('[name="impact.sharing"]', 'It');
  await press('details:has([name="impact.sharing.to"]) > summary', 'Enter');
  await type('[name="impact.sharing.to"]', 'The state police.');
  await go('form.card > button[type=submit]');
  await page.getByText('Nothing has been sent yet.').waitFor();
  await page.getByText('New: The state police.').waitFor();
  await go('form.card button:not([name])');
  await page.getByText('The city has it').first().waitFor();
  expect(await (await city.get('/changes/acme.lpr/1?format=json')).json()).toMatchObject({
    notice: { title: 'Plate reader', kind: 'new-feature', impact: { sharing: { effect: 'changed', to: 'The state police.' } } },
    provenance: { channel: 'form', scheme: null },
  });
});
