import { beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { cityForAll, decision } from './support/city.ts';

/** A change that the council passed and the mayor has just refused. */
let change: Received;
let mayor: string;
let chair: string;
const city = cityForAll();
beforeAll(async () => {
  change = await city.notify();
  mayor = await city.link('mayor', 'mayor', change);
  chair = await city.link('chair', 'board', change);
  await city.certify(change);
  expect((await city.post(mayor, decision(change, { decision: 'refuse' }))).status).toBe(303);
});

const page = (path: string) => city.page(path);

describe('a refusal given by mistake', () => {
  test('can be taken back on the page of its receipt, in both languages, by that person alone', async () => {
    expect(await city.status()).toBe('vetoed');
    expect(await page(mayor)).toMatch(/<form class="card" method="post" action="\/d\/[^"]+\/take-back"/);
    expect(await page(mayor)).toContain('You can take it back until');
    expect(await page(chair)).not.toContain('/take-back"');
    expect((await city.post(`${chair}/take-back`, { reason: 'x' })).status).toBe(409);
  });

  test.each([
    ['no reason', { reason: ' ' }, 422],
    ['a reason that is too long', { reason: 'x'.repeat(5001) }, 422],
    ['an unknown field', { reason: 'x', more: 'y' }, 422],
  ])('%s: nothing happens', async (_, fields, status) => {
    expect((await city.post(`${mayor}/take-back`, fields)).status).toBe(status);
    expect(await city.status()).toBe('vetoed');
  });

  test('waits for a decision again once it is taken back, publicly and with the reason', async () => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await city.post(`${mayor}/take-back`, { reason: 'I clicked the wrong button.' });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, mayor]);
    }
    expect(await city.status()).toBe('pending');
    const text = await page('/changes/acme/1');
    expect(text).toContain('The Mayor took the refusal back');
    expect(text).toContain('I clicked the wrong button.');
    expect(await page('/features/acme')).toContain('took the refusal of change 1 back.');
    expect(await page(mayor)).toContain('You took back your refusal of “');
    expect((await city.post(mayor, decision(change))).status).toBe(303);
    expect(await city.status()).toBe('enabled');
  });
});
