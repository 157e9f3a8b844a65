import { beforeEach, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { renewalsAsked } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { cityForEach } from './support/city.ts';

// A link that does nothing any more leads to new ones by mail, and says of no address whether it was ever a link.

const HTML = { accept: 'text/html' };
let change: Received;
let mayor: string;

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  mayor = await city.link('mayor', 'mayor', change);
});

const cutOff = (reissued: boolean) => cutOffLinksOf(city.ports, { holder: 'hm', by: null, reissued });
const asked = async () => (await renewalsAsked(city.ports.sideStore)).map(({ target }) => target.holder);
const offers = async (path = mayor) => (await city.page(path, HTML)).includes(`action="${path}/renew"`);

/** Cuts the links of the mayor off, and uses a newer one. */
const endOld = async (): Promise<void> => {
  await cutOff(true);
  await city.approve(change);
};

test('every link gives the same answer; only a link that was mailed asks', async () => {
  const unknown = `/d/${'x'.repeat(43)}`;
  const answerTo = async (link: string) => {
    const answer = await city.post(`${link}/renew`, {});
    return { status: answer.status, to: answer.headers.get('location')?.replace(link, ''), text: await answer.text() };
  };
  const same = { status: 303, to: '/renew', text: '' };
  expect(await answerTo(unknown)).toEqual(same);
  expect(await answerTo('/d/nothing')).toEqual(same);
  expect(await asked()).toEqual([]);
  await cutOff(false);
  expect(await answerTo(mayor)).toEqual(same);
  expect(await asked()).toEqual([]);
  await cutOff(true);
  expect(await answerTo(mayor)).toEqual(same);
  expect(await asked()).toEqual(['hm']);
  const told = (await city.page(`${unknown}/renew`, HTML)).replaceAll(unknown, mayor);
  expect(told).toBe(await city.page(`${mayor}/renew`, HTML));
  expect(told).toContain('Look into your mail');
});

test('a dead link offers it, to a browser alone, and none that was never made', async () => {
  await endOld();
  expect((await city.get(mayor, HTML)).status).toBe(404);
  expect(await offers()).toBe(true);
  expect(await (await city.get(mayor, { accept: 'application/json' })).json()).toMatchObject({ status: 404 });
  expect(await offers(`/d/${'x'.repeat(43)}`)).toBe(false);
});

test('a link that was cut off offers it, unless all were revoked', async () => {
  await cutOff(true);
  expect(await offers()).toBe(true);
  await cutOff(false);
  expect(await offers()).toBe(false);
});

test('a link that decides offers nothing; one for earlier words, or for a change that ended, does', async () => {
  expect(await offers()).toBe(false);
  const revised = await city.notify({ revises: 1 });
  expect(await offers()).toBe(true);
  const newer = await city.link('mayor', 'mayor', revised);
  expect(await offers(newer)).toBe(false);
  await city.certify(revised);
  await city.sign(revised, { decision: 'refuse' });
  city.passDays(400);
  expect(await offers(newer)).toBe(true);
});

test('a field that is sent along counts for nothing', async () => {
  await endOld();
  const answer = await city.post(`${mayor}/renew`, { to: 'me@other.example' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${mayor}/renew`]);
  expect(await asked()).toEqual(['hm']);
});
