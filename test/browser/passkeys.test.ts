import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Received } from '../../functions/gate/intake.ts';
import { appOf } from '../../functions/web/routes/table.ts';
import { type PasskeyCity, passkeyCity } from '../functions/web/passkeys/world.ts';
import { axeViolations } from '../support/axe.ts';
import { sharedBrowser } from '../support/browser.ts';
import { listening } from '../support/listening.ts';
import { pressOn } from './keyboard.ts';

let browser: Browser;
let city: PasskeyCity;
let url: string;
let page: Page;
let device: CDPSession;
let authenticator: string;
let stop: () => Promise<void>;

/** Serves a city that requires passkeys under a host name: browsers create no passkeys for a numeric address. */
const serve = async (): Promise<void> => {
  const server = await listening('localhost');
  ({ url } = server);
  city = await passkeyCity('required', { url });
  server.serve(async (request) => {
    const answer = await (appOf(new URL(request.url).pathname) === 'passkeys' ? city.pages : city.app).fetch(request);
    await city.caughtUp();
    return answer;
  });
  stop = async () => {
    await server.close();
    await city.close();
  };
};

/** Attaches Chromium's virtual authenticator with user verification. */
const plugIn = async (transport: 'internal' | 'usb' = 'internal') => {
  const options = {
    protocol: 'ctap2',
    transport,
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  authenticator = (await device.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
};

beforeAll(async () => {
  browser = await sharedBrowser();
});
beforeEach(async () => {
  await serve();
  page = await (await browser.newContext({ viewport: { width: 320, height: 720 } })).newPage();
  device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  await plugIn();
});
afterEach(async () => {
  await page.context().close();
  await stop();
});

const press = async (selector: string) => {
  await page.locator(selector).first().waitFor();
  await pressOn(page, selector);
};
const fits = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
const isFine = async () => {
  expect(await axeViolations(page)).toEqual([]);
  expect(await fits()).toBe(true);
};

/** `look`: what is done at each page. */
const enrol = async (link: string, look: () => Promise<void> = async () => undefined) => {
  await page.goto(`${url}${link}/passkey`);
  await look();
  await press('[data-passkey=create]');
  await page.getByText('Try it once').waitFor();
  await look();
  await press('[data-passkey=get]');
  await page.getByText('Passkey 1').waitFor();
  await look();
};

const certifyByKeyboard = async (link: string) => {
  await page.goto(`${url}${link}`);
  await page.fill('[name=fileNumber]', '26-0412');
  await page.check('[name=allPresent]');
  await page.check('[name="vote.at-large"][value=no]');
  await press('form.card button[type=submit]');
  await page.getByText('You are about to certify').waitFor();
  await isFine();
  await press('[data-passkey=get]');
  await page.getByText('You certified the vote').waitFor();
};

const links = async (): Promise<{ change: Received; clerk: string; mayor: string }> => {
  const change = await city.notify();
  return { change, clerk: await city.toClerk(change), mayor: await city.toMayor(change) };
};

test('by keyboard alone, at 320 px: set up a passkey, no second on one device, certify with it, sign with another, and it is on', async () => {
  const { clerk, mayor } = await links();
  await enrol(clerk, isFine);
  await press('[data-passkey=create]');
  await page.getByText('This device has a passkey for you already').waitFor();
  await certifyByKeyboard(clerk);
  await device.send('WebAuthn.clearCredentials', { authenticatorId: authenticator });
  await enrol(mayor);
  await page.goto(`${url}${mayor}`);
  await press('[name=decision]');
  await page.getByText('As the mayor, on revision 1').waitFor();
  await city.is('pending');
  await press('[data-passkey=get]');
  await page.getByText('You signed').waitFor();
  await page.getByText('Signed with a passkey').first().waitFor();
  await city.is('enabled');
});

test('a tab from before the first passkey takes it away from no device; an unverified person signs nothing, sees why, and can try again', async () => {
  const { clerk } = await links();
  const before = await (await fetch(`${url}${clerk}/passkey`, { headers: { accept: 'text/html' } })).text();
  await enrol(clerk);
  await page.route('**/passkey', (route) => route.fulfill({ body: before, contentType: 'text/html' }));
  await page.goto(`${url}${clerk}/passkey`);
  await page.unroute('**/passkey');
  await press('[data-passkey=create]');
  await page.getByText('That did not work').waitFor();

  const verified = (isUserVerified: boolean) =>
    device.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified });
  await verified(false);
  await page.goto(`${url}${clerk}`);
  await page.fill('[name=fileNumber]', '26-0412');
  await page.check('[name=allPresent]');
  await page.click('form.card button[type=submit]');
  await page.click('[data-passkey=get]');
  await page.getByText('No passkey was used. You can try again. Lost your passkey? Ask the clerk').waitFor();
  await isFine();
  expect((await city.ports.store.head('feature/acme'))?.version).toBe(1);
  await verified(true);
  await page.click('[data-passkey=get]');
  await page.getByText('You certified the vote').waitFor();
});

test('another device makes a second passkey and tries it; the first lets it in', async () => {
  const { clerk } = await links();
  await enrol(clerk);
  const first = authenticator;
  const answers = (enabled: boolean) =>
    device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: first, enabled });
  await answers(false);
  await plugIn('usb');
  await press('[data-passkey=create]');
  await page.getByText('Try it once').waitFor();
  await press('[data-passkey=get]');
  await page.getByText('Let the new passkey in').first().waitFor();
  await isFine();
  await answers(true);
  await press('[data-passkey=get]');
  await page.getByText('Passkey 2', { exact: true }).waitFor();
  await page.getByText('with another passkey of yours').waitFor();
  const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId: authenticator });
  expect(credentials).toHaveLength(1);
});

test('a browser without passkeys says so, and has no button that does nothing; without scripts the page states what is needed', async () => {
  const { clerk } = await links();
  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 720 } });
  const still = await plain.newPage();
  await page.addInitScript('delete globalThis.PublicKeyCredential');
  for (const [tab, told] of [
    [page, 'This browser cannot use passkeys.'],
    [still, 'This step needs JavaScript'],
  ] as const) {
    await tab.goto(`${url}${clerk}/passkey`);
    await tab.getByText(told).waitFor();
    expect(await tab.locator('[data-passkey]').isVisible()).toBe(false);
  }
  await plain.close();
});
