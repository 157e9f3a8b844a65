import { beforeEach, describe, expect, test } from 'vitest';
import { readRosters } from '../../../../functions/gate/aggregates.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { renewalsAsked } from '../../../../functions/gate/links.ts';
import { orderRedaction } from '../../../../functions/gate/redactions.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { expectIn, expectNotIn } from '../../../support/texts.ts';
import { cityForEach, decision } from './support/city.ts';

let change: Received;
let mayor: string;
const other = { feature: 'acme.lpr', title: 'Plate readers' };

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  mayor = await city.toMayor(change);
});

const cutOff = async (reissued = false) =>
  expect(await cutOffLinksOf(city.ports, { holder: 'hm', by: null, reissued })).toMatchObject({ ok: true });
const revoke = async (by = mayor) => (await city.post(`${by}/revoke`, { reason: 'Not any more.' })).status;
const statusOf = async (path = mayor) => (await city.get(path)).status;
const lastEvent = async (key?: string) => (await city.events(key)).at(-1);

/** It decides nothing and still switches off, until its person has used a newer one or was given another address. */
describe('a link that was cut off', () => {
  beforeEach(async () => {
    await city.approve(change);
    await city.is('enabled');
    await cutOff();
  });

  test('shows that it was replaced, and only what switches off', async () => {
    expect(await statusOf()).toBe(200);
    const text = await city.page(mayor);
    expectIn(text, 'This link was replaced', 'It can only switch off.', `action="${mayor}/revoke"`);
    expectNotIn(text, 'name="decision"', `${mayor}/inbox`, `${mayor}/passkey`, 'You signed');
    for (const path of ['inbox', 'desk', 'passkey', `document/${'0'.repeat(64)}`])
      expect(await statusOf(`${mayor}/${path}`)).toBe(404);
  });

  test('decides nothing', async () => {
    const pending = await city.notify(other);
    const old = await city.toMayor(pending);
    await cutOff();
    await city.certify(pending);
    for (const said of ['approve', 'refuse'])
      expect((await city.post(old, decision(pending, { decision: said }))).status).toBe(404);
    expect((await city.post(`${old}/take-back`, { reason: 'No.' })).status).toBe(404);
    await city.shows(old, 'There is nothing that you can switch off with this link now.');
    await city.is('pending', 'acme.lpr');
  });

  test('switches off, and the event says by what link; afterwards its page is the receipt, and shows no more than the public sees', async () => {
    expect(await revoke()).toBe(303);
    await city.is('revoked');
    const event = await lastEvent();
    expect(event).toMatchObject({ type: 'ApprovalRevoked', holder: 'hm', byReplacedLink: true });
    await city.shows(mayor, 'You switched');
    expect(await revoke()).toBe(303);
    const commitment = event?.type === 'ApprovalRevoked' ? (event.reason ?? '') : '';
    const order = { key: 'acme', change: 1, revision: null, commitment, by: 'token:records', authority: 'Act', fileNumber: '1' };
    await orderRedaction(city.ports, { ...order, action: 'withhold', everywhere: false, reason: 'mistake' });
    await city.hides(mayor, 'Not any more.');
    await city.shows(await city.toMayor(change), 'Not any more.');
  });

  test('goes on although a newer link was opened, and although it was used itself', async () => {
    await city.page(await city.toMayor(change));
    expect(await statusOf()).toBe(200);
    expect(await revoke()).toBe(303);
    expect(await statusOf()).toBe(200);
    expect((await readRosters(city.ports)).links).toEqual({ hm: { generation: 2, floor: 1, revoked: true } });
  });

  test('is worth nothing once the person has decided by a newer one, on whatever change', async () => {
    await city.approve(await city.notify(other));
    expect([await statusOf(), await revoke()]).toEqual([404, 404]);
    await city.is('enabled');
  });

  test('that was replaced twice ends with a link between the two', async () => {
    const second = await city.toMayor(change);
    await cutOff();
    expect(await revoke(second)).toBe(303);
    expect([await statusOf(), await statusOf(second)]).toEqual([404, 200]);
  });

  test('goes on although an act by the newer one cannot be noted, which stands all the same', async () => {
    const newer = await city.toMayor(change);
    const { store } = city.ports;
    const append = store.append.bind(store);
    Object.assign(store, {
      append: (records: Parameters<typeof append>[0]) =>
        records[0]?.stream === 'roster' ? Promise.reject(new Error('full')) : append(records),
    });
    expect([await revoke(newer), await statusOf()]).toEqual([303, 200]);
  });

  test('contests maintenance', async () => {
    const feature = 'acme.maps';
    await city.approve(await city.notify({ feature }), { maintenance: 'yes' });
    const fix = { feature, kind: 'update', optOut: 'no', impact: UNCHANGED, effectiveAt: '2026-03-01T00:00:00Z' } as const;
    const old = await city.toMayor(await city.notify(fix));
    await cutOff();
    await city.shows(old, `action="${old}/contest"`);
    expect((await city.post(`${old}/contest`, { reason: 'It stores faces.' })).status).toBe(303);
    expect(await lastEvent(feature)).toMatchObject({ type: 'MaintenanceContested', byReplacedLink: true });
    await city.shows(old, 'It stores faces.');
  });
});

/** A link that does nothing any more leads to new ones by mail, and says of no address whether it was ever a link. */
describe('new links', () => {
  const asked = async () => (await renewalsAsked(city.ports.sideStore)).map(({ target }) => target.holder);
  const offers = async (path = mayor) => (await city.page(path)).includes(`action="${path}/renew"`);
  const unknown = `/d/${'x'.repeat(43)}`;
  const renew = async (link: string, fields: Record<string, string> = {}) => {
    const answer = await city.post(`${link}/renew`, fields);
    return [answer.status, answer.headers.get('location')?.replace(link, ''), await answer.text()];
  };
  const SAME = [303, '/renew', ''];

  test('are asked for by every link with the same answer; only by one that was mailed they are', async () => {
    for (const link of [unknown, '/d/nothing', '/d/%0D%0AX%3A%20y', '/d/%2F%2Fevil.example%3F'])
      expect(await renew(link)).toEqual(SAME);
    await cutOff(false);
    expect(await renew(mayor)).toEqual(SAME);
    expect(await asked()).toEqual([]);
    await cutOff(true);
    // A field that is sent along counts for nothing.
    expect(await renew(mayor, { to: 'me@other.example' })).toEqual(SAME);
    expect(await asked()).toEqual(['hm']);
    const told = (await city.page(`${unknown}/renew`)).replaceAll(unknown, mayor);
    expect(told).toBe(await city.page(`${mayor}/renew`));
    expect(told).toContain('Check your mail');
  });

  test('are offered by a dead link, to a browser alone, and by none that was never made', async () => {
    await cutOff(true);
    await city.approve(change);
    expect([await statusOf(), await offers()]).toEqual([404, true]);
    const program = await city.get(mayor, { accept: 'application/json' });
    expect(await program.json()).toMatchObject({ status: 404 });
    expect(await offers(unknown)).toBe(false);
  });

  test('are offered by a link that was cut off, unless all were revoked', async () => {
    await cutOff(true);
    expect(await offers()).toBe(true);
    await cutOff(false);
    expect(await offers()).toBe(false);
  });

  test('are not offered by a link that decides, but by one for earlier words, or for a change that ended', async () => {
    expect(await offers()).toBe(false);
    const revised = await city.notify({ revises: 1 });
    expect(await offers()).toBe(true);
    const newer = await city.toMayor(revised);
    expect(await offers(newer)).toBe(false);
    await city.certify(revised);
    await city.refuse(revised);
    city.passDays(400);
    expect(await offers(newer)).toBe(true);
  });
});
