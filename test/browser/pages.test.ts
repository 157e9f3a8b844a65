import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificate, decision } from '../functions/site/support/city.ts';
import { serveCity } from '../functions/site/support/serve.ts';
import { axeViolations } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';

type Served = Awaited<ReturnType<typeof serveCity>>;

let browser: Browser;
let city: Served;
const pages = new Map<string, string>();

beforeAll(async () => {
  [browser, city] = await Promise.all([launchBrowser(), serveCity()]);
  const terms = { audience: 'Police', conditions: 'Images are kept for 21 days at most.' };
  const on = await city.notify({ kind: 'contract', title: 'Contract for cameras', endsAt: '2027-03-31' });
  const [clerkOn, mayorOn] = [await city.link('clerk', 'council', on), await city.link('mayor', 'mayor', on)];
  await city.post(clerkOn, certificate(on, { ...terms, mover: 'district-1' }));
  await city.post(mayorOn, decision(on, { ...terms, comment: 'In good order.' }));
  const vetoed = await city.notify({ feature: 'acme.alerts', title: 'Alerts' });
  const [clerkVeto, mayorVeto] = [await city.link('clerk', 'council', vetoed), await city.link('mayor', 'mayor', vetoed)];
  await city.post(clerkVeto, certificate(vetoed));
  await city.post(mayorVeto, decision(vetoed, { decision: 'refuse', comment: 'Not yet.' }));
  const open = await city.notify({ feature: 'acme.search' });
  const first = await city.notify({ feature: 'acme.portal', title: 'A portal' });
  const old = await city.link('mayor', 'mayor', first);
  await city.notify({ feature: 'acme.portal', title: 'The portal', revises: 1 });
  const entries: Record<string, string> = {
    register: '/',
    'register, Spanish': '/?lang=es',
    'register, nothing found': '/?q=zzz&show=on',
    vendor: '/vendors/acme',
    'feature on': '/features/acme',
    'feature waiting': '/features/acme.search',
    'feature unknown': '/features/nobody.knows',
    'feature on a past day': '/features/acme?at=2026-03-03',
    'change approved': '/changes/acme/1',
    'change vetoed': '/changes/acme.alerts/1',
    'change revised': '/changes/acme.portal/1',
    rules: '/rules',
    'check it yourself': '/check',
    'check it yourself, Spanish': '/check?lang=es&key=acme&version=1',
    calendar: '/calendar',
    outbox: '/dev/outbox',
    'no such page': '/nothing',
    'no such link': '/d/nothing',
    'bad address': '/features/UPPER',
    'to certify': await city.link('clerk', 'council', open),
    'to sign, not yet': await city.link('mayor', 'mayor', open),
    'to advise': await city.link('chair', 'board', open),
    'receipt of the clerk': clerkOn,
    'receipt of the mayor': mayorOn,
    'to override': clerkVeto,
    'receipt of a veto': mayorVeto,
    revised: old,
  };
  for (const [name, path] of Object.entries(entries)) pages.set(name, path);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await city.close();
});

describe.each([
  [320, 'dark'],
  [1280, 'light'],
] as const)('at %i px, %s', (width, colorScheme) => {
  test('axe finds nothing, nothing is cut off, and nothing is loaded from elsewhere', async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
    });
    for (const [name, path] of pages) {
      await page.goto(`${city.url}${path}`);
      faults.push(...(await axeViolations(page)).map((fault) => `${name}: ${fault}`));
      const [wide, headings, ordered] = await page.evaluate<[number, number, number]>(
        `[document.documentElement.scrollWidth - document.documentElement.clientWidth, document.querySelectorAll('h1').length,
          document.querySelectorAll('[tabindex]:not([tabindex="-1"]):not([tabindex="0"])').length]`,
      );
      if (wide !== 0) faults.push(`${name}: ${wide} px too wide`);
      if (headings !== 1) faults.push(`${name}: ${headings} main headings`);
      if (ordered !== 0) faults.push(`${name}: an order of its own`);
    }
    expect(faults).toEqual([]);
    await context.close();
  }, 180_000);
});

test('a form with faults has no fault for axe', async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${city.url}${pages.get('to certify')}`);
  await page.evaluate('for (const form of document.forms) form.noValidate = true');
  await page.click('form.card button');
  expect(await page.locator('#errors').count()).toBe(1);
  expect(await axeViolations(page)).toEqual([]);
  await context.close();
});
