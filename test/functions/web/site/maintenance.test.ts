import { beforeAll, describe, expect, test } from 'vitest';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForAll } from './support/city.ts';

const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged' as const]));

/** A feature approved on terms that allow maintenance, and a signed update of it that changes nothing. */
let contestedUpdate: Received;
let mayor: string;
let chair: string;
const city = cityForAll();
beforeAll(async () => {
  const first = await city.notify({ title: 'Licence-plate readers' });
  const terms = { maintenance: 'yes' };
  await city.approve(first, terms);
  const update = await city.notify({
    kind: 'update',
    title: 'A small fix',
    optOut: 'no',
    impact: UNCHANGED,
    effectiveAt: '2026-03-01T00:00:00Z',
  });
  contestedUpdate = update;
  mayor = await city.link('mayor', 'mayor', update);
  chair = await city.link('chair', 'board', update);
});

const page = (path: string) => city.page(path);

describe('an update that came as maintenance', () => {
  test('leaves the approved words in force, and its pages say so', async () => {
    expect(await city.status()).toBe('enabled');
    const shown = await page('/changes/acme/2');
    expect(shown).toContain('It came as a small fix: signed');
    expect(shown).not.toContain('The feature is off.');
    expect(await page('/features/acme')).toContain('Signed updates that change nothing need no new vote.');
    expect(await page(mayor)).toMatch(/<form class="card" method="post" action="\/d\/[^"]+\/contest"/);
  });

  test('is contested by who had to approve it, not by an adviser', async () => {
    expect(await page(chair)).not.toContain('/contest"');
    expect((await city.post(`${chair}/contest`, { reason: 'No.' })).status).toBe(409);
    expect(await city.status()).toBe('enabled');
  });

  test.each([
    ['an unknown field', { reason: 'x', more: 'y' }],
    ['no reason', { reason: ' ' }],
    ['a reason that is too long', { reason: 'x'.repeat(5001) }],
  ])('422 for %s', async (_, fields) => {
    expect((await city.post(`${mayor}/contest`, fields)).status).toBe(422);
    expect(await city.status()).toBe('enabled');
  });

  test('counts as a change once it is contested, publicly and with the reason', async () => {
    const answer = await city.post(`${mayor}/contest`, { reason: 'It stores faces.' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, mayor]);
    expect(await city.status()).toBe('outdated');
    const shown = await page('/changes/acme/2');
    expect(shown).toContain('<b>The feature is off.</b> The vendor changed it');
    expect(shown).toContain('Or the vendor takes it back, and two people from two bodies confirm that it is undone.');
    expect(await page('/changes/acme/1')).not.toContain('The feature is off.');
    expect(shown).toContain('The Mayor objected on');
    expect(shown).toContain('It stores faces.');
    expect(await page(mayor)).not.toContain('/contest"');
  });

  test('the same form once more changes nothing', async () => {
    const before = city.writes.commits;
    expect((await city.post(`${mayor}/contest`, { reason: 'It stores faces.' })).status).toBe(303);
    expect(city.writes.commits).toBe(before);
  });

  test('was wrong, on the page of its vendor, once a body has refused it', async () => {
    const counts = async () => (await page('/vendors/acme')).match(/found to be more than that<\/dt><dd>(\d)/)?.[1];
    expect(await counts()).toBe('0');
    const vote = certificate(contestedUpdate, { 'vote.district-1': 'no', 'vote.district-2': 'no' });
    expect((await city.post(await city.link('clerk', 'council', contestedUpdate), vote)).status).toBe(303);
    expect(await counts()).toBe('1');
    expect(await page('/vendors/acme')).toMatch(/acme\/2<\/code> · sent as a small fix, found to be more/);
    expect(await page('/changes/acme/2')).toMatch(/<b>The feature is off\.<\/b> [^<]* once a later change is approved\./);
  });
});
