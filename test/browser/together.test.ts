import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { axeViolations } from '../support/axe.ts';
import { sharedBrowser } from '../support/browser.ts';

const PHONE = { width: 390, height: 844 };
const TARGET_MIN_PX = 24;

let browser: Browser;
let city: Awaited<ReturnType<typeof serveCity>>;
let mayor: string;
beforeAll(async () => {
  [browser, city] = await Promise.all([sharedBrowser(), serveCity()]);
  const changes = [
    await city.notify({ title: 'Camera contract' }),
    await city.notify({ feature: 'acme.lpr', title: 'Plate reader' }),
    await city.notify({ feature: 'acme.drone', title: 'Drone' }),
  ];
  for (const change of changes) await city.certify(change);
  mayor = `${city.url}${await city.link('mayor', 'mayor', changes[0] as (typeof changes)[0])}`;
});
afterAll(() => city.close());

const fits = async (page: Page): Promise<void> => {
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  expect(await axeViolations(page)).toEqual([]);
};

test('on a phone two of three are ticked and signed, in five taps', async () => {
  const page = await (await browser.newContext({ viewport: PHONE })).newPage();
  await page.goto(`${mayor}/inbox`);
  await fits(page);
  expect(await page.getByRole('checkbox').count()).toBe(3);
  const label = page.getByRole('checkbox').first().locator('xpath=ancestor::label');
  expect((await label.boundingBox())?.height).toBeGreaterThanOrEqual(TARGET_MIN_PX);
  await page.getByRole('checkbox', { name: /Camera contract/ }).check();
  await page.getByRole('checkbox', { name: /Drone/ }).check();
  await page.getByRole('radio', { name: 'I sign' }).check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { level: 1, name: 'As the mayor, on 2 changes, Camera contract and Drone: I sign.' }).waitFor();
  await fits(page);
  await page.getByRole('button', { name: 'I sign' }).click();
  await page.getByRole('heading', { level: 1, name: '2 decisions are recorded' }).waitFor();
  await fits(page);
  expect([await city.status('acme'), await city.status('acme.drone')]).toEqual(['enabled', 'enabled']);
  await page.context().close();
});
