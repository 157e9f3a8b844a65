import { beforeEach, describe, expect, test } from 'vitest';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import { readRosters } from '../../../../functions/gate/aggregates.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { orderRedaction } from '../../../../functions/gate/redactions.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { cityForEach, decision } from './support/city.ts';

// A link that was cut off decides nothing and still switches off, until its person has used a newer one or was given another address.

let change: Received;
let mayor: string;
const other = { feature: 'acme.lpr', title: 'Plate readers' };

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  mayor = await city.link('mayor', 'mayor', change);
  await city.approve(change);
  expect(await city.status()).toBe('enabled');
});

const cutOff = async (): Promise<void> =>
  expect(await cutOffLinksOf(city.ports, { holder: 'hm', by: null, reissued: false })).toMatchObject({ ok: true });
const revoke = async (by = mayor): Promise<number> => (await city.post(`${by}/revoke`, { reason: 'Not any more.' })).status;
const page = async (path = mayor) => {
  const answer = await city.get(path);
  return { status: answer.status, text: await answer.text() };
};
const lastEvent = async (key?: string) => (await city.events(key)).at(-1);

describe('a link that was cut off', () => {
  beforeEach(cutOff);

  test('shows that it was replaced, and only what switches off', async () => {
    const { status, text } = await page();
    expect(status).toBe(200);
    expect(text).toContain('This link was replaced');
    expect(text).toContain('It can only switch off.');
    expect(text).toContain(`action="${mayor}/revoke"`);
    for (const hidden of ['name="decision"', `${mayor}/inbox`, `${mayor}/passkey`, 'You signed'])
      expect(text).not.toContain(hidden);
  });

  test('opens nothing else', async () => {
    for (const path of ['inbox', 'desk', 'passkey', `document/${'0'.repeat(64)}`])
      expect((await page(`${mayor}/${path}`)).status).toBe(404);
  });

  test('decides nothing', async () => {
    const pending = await city.notify(other);
    const old = await city.link('mayor', 'mayor', pending);
    await cutOff();
    await city.certify(pending);
    for (const said of ['approve', 'refuse'])
      expect((await city.post(old, decision(pending, { decision: said }))).status).toBe(404);
    expect((await city.post(`${old}/take-back`, { reason: 'No.' })).status).toBe(404);
    expect((await page(old)).text).toContain('There is nothing that you can switch off by this link now.');
    expect(await city.status('acme.lpr')).toBe('pending');
  });

  test('switches off, and the event says by what link; afterwards its page is the receipt', async () => {
    expect(await revoke()).toBe(303);
    expect(await city.status()).toBe('revoked');
    expect(await lastEvent()).toMatchObject({ type: 'ApprovalRevoked', holder: 'hm', byReplacedLink: true });
    expect((await page()).text).toContain('You switched');
    expect(await revoke()).toBe(303);
  });

  test('shows no more than the public sees', async () => {
    expect(await revoke()).toBe(303);
    const event = await lastEvent();
    const commitment = event?.type === 'ApprovalRevoked' ? (event.reason ?? '') : '';
    const order = { key: 'acme', change: 1, revision: null, commitment, by: 'token:records', authority: 'Act', fileNumber: '1' };
    await orderRedaction(city.ports, { ...order, action: 'withhold', everywhere: false, reason: 'mistake' });
    expect((await page()).text).not.toContain('Not any more.');
    expect((await page(await city.link('mayor', 'mayor', change))).text).toContain('Not any more.');
  });

  test('goes on although a newer link was opened, and although it was used itself', async () => {
    await page(await city.link('mayor', 'mayor', change));
    expect((await page()).status).toBe(200);
    expect(await revoke()).toBe(303);
    expect((await page()).status).toBe(200);
    expect((await readRosters(city.ports)).links).toEqual({ hm: { generation: 2, floor: 1, revoked: true } });
  });

  test('is worth nothing once the person has decided by a newer one, on whatever change', async () => {
    const pending = await city.notify(other);
    await city.approve(pending);
    expect((await page()).status).toBe(404);
    expect(await revoke()).toBe(404);
    expect(await city.status()).toBe('enabled');
  });

  test('that was replaced twice ends with a link between the two', async () => {
    const second = await city.link('mayor', 'mayor', change);
    await cutOff();
    expect(await revoke(second)).toBe(303);
    expect((await page()).status).toBe(404);
    expect((await page(second)).status).toBe(200);
  });
});

test('an act that cannot be noted stands all the same: the older link goes on', async () => {
  await cutOff();
  const newer = await city.link('mayor', 'mayor', change);
  const { store } = city.ports;
  const append = store.append.bind(store);
  Object.assign(store, {
    append: (record: Parameters<typeof append>[0]) =>
      record.stream === 'roster' ? Promise.reject(new Error('full')) : append(record),
  });
  expect(await revoke(newer)).toBe(303);
  expect((await page()).status).toBe(200);
});

test('maintenance is contested by a link that was cut off', async () => {
  const maintained = await city.notify({ feature: 'acme.maps' });
  await city.approve(maintained, { maintenance: 'yes' });
  const impact = Object.fromEntries(IMPACTS.map((each) => [each, 'unchanged' as const]));
  const update = await city.notify({
    feature: 'acme.maps',
    kind: 'update',
    optOut: 'no',
    impact,
    effectiveAt: '2026-03-01T00:00:00Z',
  });
  const old = await city.link('mayor', 'mayor', update);
  await cutOff();
  expect((await page(old)).text).toContain(`action="${old}/contest"`);
  expect((await city.post(`${old}/contest`, { reason: 'It stores faces.' })).status).toBe(303);
  expect(await lastEvent('acme.maps')).toMatchObject({ type: 'MaintenanceContested', byReplacedLink: true });
  expect((await page(old)).text).toContain('It stores faces.');
});
