import { expect, test } from 'vitest';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { launchBrowser } from '../support/browser.ts';

test('without scripts a resident searches, the clerk certifies, the mayor signs and switches it off again', async () => {
  const [browser, city] = await Promise.all([launchBrowser(), serveCity()]);
  const page = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 700 } })).newPage();
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];

  await page.goto(city.url);
  await page.getByRole('searchbox').fill('freeform');
  await page.getByRole('search').getByRole('button').click();
  await page.getByRole('link', { name: 'FreeForm search for vehicles' }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('FreeForm search for vehicles');

  await page.goto(`${city.url}${clerk}`);
  await page.getByLabel('File number').fill('26-0412');
  await page.getByLabel('All present voted yes').check();
  await page.getByRole('group', { name: 'Council member, At Large' }).getByRole('radio', { name: 'no', exact: true }).check();
  await page.getByRole('button', { name: 'Check the record' }).click();
  await page.getByRole('button', { name: 'Certify this vote' }).click();
  await page.getByText('You certified the vote').waitFor();
  expect(await city.status()).toBe('pending');

  await page.goto(`${city.url}${mayor}`);
  await page.getByRole('button', { name: 'I sign' }).click();
  await page.getByRole('button', { name: 'I sign' }).click();
  await page.getByText('You signed').waitFor();
  expect(await city.status()).toBe('enabled');

  await page.getByLabel('Why?').fill('It was used for something else.');
  await page.getByLabel('Yes, switch it off now').check();
  await page.getByRole('button', { name: 'Switch it off' }).click();
  await page.getByText('You switched').waitFor();
  expect(await city.status()).toBe('revoked');
  await browser.close();
  await city.close();
});
