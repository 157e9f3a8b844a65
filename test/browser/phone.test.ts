// What the clerk, the mayor, a council member, a resident and the administrator of a small town come for, in taps, screens and pixels of a
// phone.
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createToken } from '../../functions/web/http/tokens.ts';
import { putTask, task } from '../functions/register/derived/derivedCity.ts';
import { BALLOTS, type CityOptions, ROSTER_OF_13, SEATS_OF_13, threeIn } from '../functions/web/site/support/city.ts';
import { serveCity } from '../functions/web/site/support/serve.ts';
import { axeViolations } from '../support/axe.ts';
import { sharedBrowser } from '../support/browser.ts';

const PHONE = { width: 390, height: 844 };
const INTERACTIONS_MAX = 8;

/** How wide a page is with letters twice as large, unfolded. */
const LARGE_WIDTH = `(() => {
  const large = new CSSStyleSheet();
  large.replaceSync('html{font-size:200%!important}details::details-content{content-visibility:visible;block-size:auto}');
  document.adoptedStyleSheets = [large];
  const { scrollWidth } = document.documentElement;
  document.adoptedStyleSheets = [];
  return scrollWidth;
})()`;

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened = async (options?: CityOptions) => {
  const city = await serveCity(options);
  onTestFinished(city.close);
  return city;
};

/** A person with a phone. Each act of `does` is an interaction, as is what follows a link or presses a button by its words. */
const onPhone = async (context: Parameters<Browser['newContext']>[0] = {}) => {
  const page: Page = await (await browser.newContext({ viewport: PHONE, ...context })).newPage();
  onTestFinished(() => page.context().close());
  let taps = 0;
  const does = async (...acts: readonly (() => Promise<unknown>)[]) => {
    for (const act of acts) await act();
    taps += acts.length;
  };
  return {
    page,
    taps: () => taps,
    does,
    open: (address: string) => does(() => page.goto(address)),
    go: (role: 'link' | 'button', name: string | RegExp) => does(() => page.getByRole(role, { name }).first().click()),
    /** In which screen a text begins: 1 without scrolling. */
    screenOf: async (text: string | RegExp) => {
      const box = await page.getByText(text).first().boundingBox({ timeout: 5000 });
      return Math.floor((box?.y ?? Number.POSITIVE_INFINITY) / PHONE.height) + 1;
    },
    /** In how many screens a button ends. */
    screensTo: async (name: string) => {
      const box = await page.getByRole('button', { name, exact: true }).boundingBox();
      return Math.ceil(((box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0)) / PHONE.height);
    },
    /** Screens of the whole page. It fits the width, also with large letters, and a reader of it meets no barrier. */
    screens: async () => {
      expect(await page.evaluate(`[document.documentElement.scrollWidth, ${LARGE_WIDTH}]`)).toEqual([PHONE.width, PHONE.width]);
      expect(await axeViolations(page)).toEqual([]);
      return Number(await page.evaluate('document.documentElement.scrollHeight')) / PHONE.height;
    },
  };
};
type Phone = Awaited<ReturnType<typeof onPhone>>;

/** Marks the vote of a seat by the words that are read out: its group, then the button in it. */
const mark = (page: Page, seat: string, vote: string) => () =>
  page.getByRole('group', { name: seat, exact: true }).getByRole('radio', { name: vote, exact: true }).check();
const fillIn = async ({ page, does, go }: Phone) => {
  await does(
    () => page.getByLabel('All present voted yes').check(),
    mark(page, 'Council member, District 3', 'no'),
    mark(page, 'Council member, At Large', 'absent'),
    () => page.getByLabel('File number').fill('26-0412'),
  );
  await go('button', 'Check the record');
  const sentence =
    /10 yes, 1 no \(Council member, District 3\), 1 absent \(Council member, At Large\), 1 vacant \(district-12\)\./;
  await page.getByText(sentence).waitFor();
};
const VOTES = Object.fromEntries(SEATS_OF_13.map((seat) => [`vote.${seat}`, seat === 'district-12' ? 'vacant' : 'yes']));

test('a roll call of thirteen seats with two exceptions takes at most eight interactions, and as few for two changes', async () => {
  const city = await opened({ roster: ROSTER_OF_13 });
  const changes = [await city.notify(), await city.notify({ feature: 'acme.lpr', title: 'Plate reader' })] as const;
  const query = changes.map(({ change }) => `change=${change}`).join('&');
  const clerk = `${city.url}${await city.toClerk(changes[0])}`;
  const both = await onPhone();
  await both.page.goto(`${clerk}/desk/consent?body=council&${query}`);
  await both.screens();
  await fillIn(both);
  await both.screens();
  await both.page.getByRole('button', { name: 'Change something' }).click();
  expect(await both.page.locator('input:checked').count()).toBe(4);
  await both.page.getByRole('button', { name: 'Check the record' }).click();
  await both.go('button', 'Certify for all of them');
  await both.page.getByText('Recorded under file').waitFor();
  expect(both.taps()).toBeLessThanOrEqual(INTERACTIONS_MAX);

  const change = await city.notify({ feature: 'acme.drone', title: 'Drone' });
  const one = await onPhone();
  await one.page.goto(`${city.url}${await city.toClerk(change)}`);
  await fillIn(one);
  await one.screens();
  await one.go('button', 'Certify this vote');
  await one.page.getByText('You certified the vote').waitFor();
  expect(one.taps()).toBeLessThanOrEqual(INTERACTIONS_MAX);
  expect(await city.page(`/changes/${change.change}?format=json`)).toContain('"yes":10');
});

test('the form stands first and the whole page is short; it fits a hand, in the longer language', async () => {
  const city = await opened({ roster: ROSTER_OF_13 });
  const { page, screens } = await onPhone({ colorScheme: 'dark' });
  await page.goto(`${city.url}${await city.toClerk(await city.notify())}?lang=es`);
  // The fonts of a first visit can come too late to be used.
  await page.reload();
  await page.setViewportSize({ width: 360, height: 740 });
  // All answers in one line.
  expect((await page.locator('.row').first().boundingBox())?.height).toBeLessThan(80);
  await page.setViewportSize(PHONE);
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(3000);
  const [above, below] = await page.evaluate<readonly [number, number]>(`(() => {
    const [over, own] = [...document.querySelectorAll('.row')].map((row) => row.querySelector('input').getBoundingClientRect());
    const name = document.querySelectorAll('.row > legend')[1].getBoundingClientRect();
    return [name.top - over.bottom, own.top - name.bottom];
  })()`);
  // A name stands by its own answers.
  expect(above).toBeGreaterThan(2 * below);
  const about = page.getByText('De qué se trata');
  const form = await page.locator('form.card').first().boundingBox();
  expect((await about.boundingBox())?.y).toBeGreaterThan((form?.y ?? 0) + (form?.height ?? 0));
  const rare = page.locator('.row').first().locator('summary');
  await rare.click();
  const buttons = await page.locator('.row').first().locator('input').all();
  expect(buttons).toHaveLength(7);
  const boxes = await Promise.all([...buttons, rare].map((button) => button.boundingBox()));
  expect(Math.min(...boxes.flatMap((box) => (box === null ? [0] : [box.width, box.height])))).toBeGreaterThanOrEqual(44);
  expect(await page.locator('form.card :is(select:visible, script)').count()).toBe(0);
  await page.locator('[name=allPresent]').check();
  await screens();
});

test('from the mail to the receipt the mayor taps three times', async () => {
  const city = await opened({ roster: ROSTER_OF_13 });
  const change = await city.notify();
  expect((await city.certify(change, VOTES)).status).toBe(303);
  const mayor = `${city.url}${await city.toMayor(change)}`;
  const { page, open, go, screens, screensTo, taps } = await onPhone();
  await open(mayor);
  await go('button', /^I sign$/);
  expect(page.url()).toBe(`${mayor}/review`);
  expect(await page.locator('main form button:visible').allTextContents()).toEqual(['I sign', 'Change something']);
  expect(await screensTo('I sign')).toBe(1);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(
    /^As the mayor, on revision 1 of “.+”: I sign, for every agency, until March 3, 2027/,
  );
  await screens();
  await city.is('pending');
  await go('button', /^I sign$/);
  await page.waitForURL(mayor);
  await page.getByText('You signed').waitFor();
  expect(taps()).toBe(3);
});

test('both answers stand within two screens, and a refusal is taken back within two screens of its receipt', async () => {
  const city = await opened({ roster: ROSTER_OF_13 });
  const change = await city.notify();
  await city.certify(change, VOTES);
  const { page, go, screensTo } = await onPhone();
  await page.goto(`${city.url}${await city.toMayor(change)}`);
  expect(await screensTo('I refuse')).toBeLessThanOrEqual(2);
  for (const _ of ['asked', 'sent']) await go('button', 'I refuse');
  await page.getByText('You refused').waitFor();
  expect(await page.getByText('Decide now').count()).toBe(0);
  expect(await screensTo('Take it back')).toBeLessThanOrEqual(2);
});

test('the mayor ticks and signs two of three, in five taps', async () => {
  const city = await opened();
  const changes = await threeIn(city);
  for (const change of changes) await city.certify(change);
  const { page, does, go, screens, taps } = await onPhone();
  await page.goto(`${city.url}${await city.toMayor(changes[0])}/inbox`);
  await screens();
  expect(await page.getByRole('checkbox').count()).toBe(3);
  const label = page.getByRole('checkbox').first().locator('xpath=ancestor::label');
  expect((await label.boundingBox())?.height).toBeGreaterThanOrEqual(24);
  for (const name of [/Camera contract/, /Drone/]) await does(() => page.getByRole('checkbox', { name }).check());
  await does(() => page.getByRole('radio', { name: 'I sign' }).check());
  await go('button', 'Go on');
  await page
    .getByRole('heading', { level: 1, name: 'As the mayor, on 2 changes, “Camera contract” and “Drone”: I sign.' })
    .waitFor();
  await screens();
  await go('button', 'I sign');
  await page.getByRole('heading', { level: 1, name: '2 decisions are recorded' }).waitFor();
  await screens();
  expect(taps()).toBe(5);
  expect([await city.status('acme'), await city.status('acme.drone')]).toEqual(['enabled', 'enabled']);
});

test('the desk keeps its ticks from one part of the list to the next, ticks all, and certifies forty together', async () => {
  const city = await opened();
  for (let n = 10; n < 52; n += 1) await city.notify({ feature: `acme.f${n}`, title: `Feature ${n}` });
  const desk = `${city.url}${await city.toClerk(await city.notify({ feature: 'acme.f99' }))}/desk`;
  const { page, go } = await onPhone({ javaScriptEnabled: false });
  await page.goto(desk);
  const boxes = 'input[type=checkbox][name=change]';
  const ticked = () => page.locator('input[name=change]:checked').count();
  expect(await page.locator(boxes).count()).toBe(40);
  await page.getByText('43 things wait for you.').waitFor();
  await page.getByLabel('Feature 11').check();
  await go('button', 'Next');
  await page.getByLabel('Feature 50').check();
  await page.getByText('1 more is ticked on another part of this list.').waitFor();
  await go('button', /^Back$/);
  expect(await page.getByLabel('Feature 11').isChecked()).toBe(true);
  expect(await ticked()).toBe(1);
  await go('button', 'Certify one vote for those ticked');
  await page.getByText('One vote on 2 changes').waitFor();
  await page.goBack();
  await go('button', 'Tick all of these');
  expect(await ticked()).toBe(40);
  await page.goto(`${desk}?body=council&all=0`);
  await go('button', 'Certify one vote for those ticked');
  await page.getByText('One vote on 40 changes').waitFor();
  await page.getByLabel('All present voted yes').check();
  await page.getByLabel('File number').fill('26-0413');
  for (const name of ['Check the record', 'Certify for all of them']) await go('button', name);
  await page.getByText('Recorded under file').waitFor();
  expect([await page.locator(boxes).count(), await ticked()]).toEqual([3, 0]);
});

test('a council member votes from the mail in three taps, and then reads what was voted', async () => {
  const city = await opened({ policy: BALLOTS });
  const { page, open, go, screens, screenOf, taps } = await onPhone();
  await open(`${city.url}${await city.link('h1', 'council', await city.notify())}`);
  expect(await screenOf('FreeForm search for vehicles')).toBe(1);
  expect(await screens()).toBeLessThanOrEqual(4);
  await go('button', /^Yes$/);
  expect(await screenOf('Nothing is decided yet.')).toBe(1);
  await go('button', /^Yes$/);
  await page.getByText('You answered on').first().waitFor();
  expect([taps(), await screenOf('You answered on')]).toEqual([3, 1]);
});

test('a resident sees on the first screen how much is on, and in one tap why something is, who voted for it, and until when', async () => {
  const city = await opened();
  const change = await city.notify();
  await city.notify({ feature: 'acme.share', title: 'Search across all cities' });
  await city.approve(change);
  const { page, open, go, screens, screenOf, taps } = await onPhone();
  await open(`${city.url}/`);
  for (const headline of ['on', 'waiting', 'off']) expect(await screenOf(new RegExp(`^\\s*\\d+\\s*${headline}\\s*$`))).toBe(1);
  expect(await screenOf('FreeForm search for vehicles')).toBeLessThanOrEqual(2);
  expect(await screens()).toBeLessThanOrEqual(4);
  await go('link', 'FreeForm search for vehicles');
  await page.waitForURL(`${city.url}/features/acme`);
  expect(await screenOf('March 3, 2027')).toBe(1);
  expect(await screenOf('City Council')).toBeLessThanOrEqual(2);
  expect(await screens()).toBeLessThanOrEqual(5);
  expect(taps()).toBe(2);
});

test('the administrator of a small town sees with the first tap what to switch at the vendor, by whose decision', async () => {
  const city = await opened();
  await city.approve(await city.notify());
  const approved = { kind: 'switch-on', because: 'approved', by: null, change: 'acme/1' } as const;
  await putTask(city.ports.sideStore, task({ key: 'acme', vendor: 'acme', ...approved }));
  const { token } = await createToken(city.ports, { name: 'it', scopes: ['state:read'] });
  const { open, screens, screenOf, taps } = await onPhone({ extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  await open(`${city.url}/worklist`);
  expect(await screenOf('It may be switched on at the vendor')).toBe(1);
  expect(await screenOf('26-0412')).toBeLessThanOrEqual(2);
  expect(await screens()).toBeLessThanOrEqual(3);
  expect(taps()).toBe(1);
});
