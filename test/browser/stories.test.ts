// What a council member, a resident and the administrator of a small town come for, in taps, screens and pixels of a phone. The clerk's and
// the mayor's are in rollCall.test.ts.
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createToken } from '../../functions/web/http/tokens.ts';
import { putTask, task } from '../functions/register/derived/derivedCity.ts';
import { BALLOTS } from '../functions/web/site/support/city.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { axeViolations } from '../support/axe.ts';
import { sharedBrowser } from '../support/browser.ts';

const PHONE = { width: 390, height: 844 };

let browser: Browser;
let city: Awaited<ReturnType<typeof serveCity>>;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterEach(() => city.close());

/** A person with a phone. `go`: follows a link or presses a button by its words; each counts as a tap. */
const onPhone = async (headers: Record<string, string> = {}) => {
  const page: Page = await (await browser.newContext({ viewport: PHONE, extraHTTPHeaders: headers })).newPage();
  let taps = 0;
  return {
    page,
    taps: () => taps,
    open: async (address: string) => {
      taps += 1;
      await page.goto(address);
    },
    go: async (role: 'link' | 'button', name: string | RegExp) => {
      taps += 1;
      await page.getByRole(role, { name }).first().click();
    },
    /** In which screen a text begins: 1 without scrolling. */
    screenOf: async (text: string | RegExp): Promise<number> => {
      const box = await page.getByText(text).first().boundingBox({ timeout: 5000 });
      return Math.floor((box?.y ?? Number.POSITIVE_INFINITY) / PHONE.height) + 1;
    },
    /** Screens of the whole page. It fits the width, and a reader of it meets no barrier. */
    screens: async (): Promise<number> => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
      expect(await axeViolations(page)).toEqual([]);
      return Math.ceil(Number(await page.evaluate('document.documentElement.scrollHeight')) / PHONE.height);
    },
  };
};

test('a council member votes from the mail in three taps, and then reads what was voted', async () => {
  city = await serveCity({ policy: BALLOTS });
  const change = await city.notify();
  const phone = await onPhone();
  await phone.open(`${city.url}${await city.link('h1', 'council', change)}`);
  expect(await phone.screenOf('FreeForm search for vehicles')).toBe(1);
  expect(await phone.screens()).toBeLessThanOrEqual(4);
  await phone.go('button', /^Yes$/);
  expect(await phone.screenOf('Nothing is decided yet.')).toBe(1);
  await phone.go('button', /^Yes$/);
  await phone.page.getByText('You answered on').first().waitFor();
  expect(phone.taps()).toBe(3);
  expect(await phone.screenOf('You answered on')).toBe(1);
  await phone.page.context().close();
});

test('a resident sees on the first screen how much is on, and in one tap why something is, who voted for it, and until when', async () => {
  city = await serveCity();
  const change = await city.notify();
  await city.notify({ feature: 'acme.share', title: 'Search across all cities' });
  await city.approve(change);
  const phone = await onPhone();
  await phone.open(`${city.url}/`);
  for (const headline of ['on', 'waiting', 'off'])
    expect(await phone.screenOf(new RegExp(`^\\s*\\d+\\s*${headline}\\s*$`))).toBe(1);
  expect(await phone.screenOf('FreeForm search for vehicles')).toBeLessThanOrEqual(2);
  expect(await phone.screens()).toBeLessThanOrEqual(4);
  await phone.go('link', 'FreeForm search for vehicles');
  await phone.page.waitForURL(`${city.url}/features/acme`);
  expect(await phone.screenOf('March 3, 2027')).toBe(1);
  expect(await phone.screenOf('City Council')).toBeLessThanOrEqual(2);
  expect(await phone.screens()).toBeLessThanOrEqual(5);
  expect(phone.taps()).toBe(2);
  await phone.page.context().close();
});

test('the administrator of a small town sees with the first tap what to switch at the vendor, by whose decision', async () => {
  city = await serveCity();
  const change = await city.notify();
  await city.approve(change);
  await putTask(
    city.ports.sideStore,
    task({ key: 'acme', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null, change: 'acme/1' }),
  );
  const { token } = await createToken(city.ports, { name: 'it', scopes: ['state:read'] });
  const phone = await onPhone({ authorization: `Bearer ${token}` });
  await phone.open(`${city.url}/worklist`);
  expect(await phone.screenOf('It may be switched on at the vendor')).toBe(1);
  expect(await phone.screenOf('26-0412')).toBeLessThanOrEqual(2);
  expect(await phone.screens()).toBeLessThanOrEqual(3);
  expect(phone.taps()).toBe(1);
  await phone.page.context().close();
});
