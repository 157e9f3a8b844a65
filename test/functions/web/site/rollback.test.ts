import { beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { cityForAll, PEOPLE } from './support/city.ts';

const CONFIRM = { decision: 'confirm', reason: 'City IT looked on site: the old version runs.' };

/** A feature that is on, and an update that the vendor forced on the city, had in effect and took back a week later. */
let forced: Received;
let mayor: string;
const city = cityForAll();
beforeAll(async () => {
  const first = await city.notify({ title: 'Licence-plate readers' });
  await city.approve(first);
  forced = await city.notify({ kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-03-10T00:00:00Z' });
  mayor = await city.link('mayor', 'mayor', first);
  city.passDays(14);
});

const page = (path: string) => city.page(path);
const linkTo = (person: keyof typeof PEOPLE): Promise<string> =>
  city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key: 'acme', n: 2, revision: 1 });

describe('a forced update that took effect and was taken back', () => {
  test('leaves the feature off, and nothing can be confirmed before the vendor took it back', async () => {
    expect(await city.status()).toBe('outdated');
    const early = await linkTo('clerk');
    expect(await page(early)).not.toContain('<textarea');
    expect((await city.post(early, CONFIRM)).status).toBe(409);
    await city.withdraw(forced);
    expect(await city.status()).toBe('outdated');
  });

  test('waits in the inbox of each person in office in a body that decides, not of an adviser', async () => {
    expect(await page(`${mayor}/inbox`)).toContain('Has the vendor undone this change?');
    const made = await city.post(`${mayor}/inbox`, { rollback: 'acme/2' });
    expect(made.status).toBe(303);
    expect(await page(made.headers.get('location') ?? '')).toContain('Has the vendor undone this change?');
    const chair = await linkTo('chair');
    expect(await page(chair)).toContain('Only people in office in a body that approves or certifies can confirm it.');
    expect((await city.post(chair, CONFIRM)).status).toBe(409);
  });

  test.each([
    ['no reason', { decision: 'confirm', reason: ' ' }],
    ['no decision', { reason: 'x' }],
    ['another decision', { decision: 'approve', reason: 'x' }],
    ['a refusal, which there is none of', { decision: 'refuse', reason: 'x' }],
    ['an unknown field', { ...CONFIRM, more: 'y' }],
  ])('422 for %s', async (_, fields) => {
    expect((await city.post(await linkTo('clerk'), fields)).status).toBe(422);
  });

  test('one person is not enough, twice or in both languages; the second of another body switches it on', async () => {
    const clerk = await linkTo('clerk');
    expect(await page(clerk)).toContain('<textarea');
    expect((await city.post(clerk, CONFIRM)).status).toBe(303);
    expect((await city.post(clerk, CONFIRM)).status).toBe(303);
    expect((await city.post(clerk, { ...CONFIRM, reason: 'Once more.' })).status).toBe(303);
    expect(await city.status()).toBe('outdated');
    expect(await page(clerk)).toContain('You have confirmed this.');
    const shown = await page('/changes/acme/2');
    expect(shown).toContain('until two people from two bodies confirm that the change is undone');
    expect(shown).toContain('City IT looked on site: the old version runs.');
    const member = await linkTo('h1');
    expect((await city.post(member, { ...CONFIRM, reason: 'I saw it.' })).status).toBe(303);
    expect(await city.status()).toBe('enabled');
    expect(await page(member)).toContain('Two people have confirmed that this change is undone.');
    expect(await page('/changes/acme/2')).toContain('Two people have confirmed that this change is undone.');
    expect(await page(`${mayor}/inbox`)).not.toContain('Has the vendor undone this change?');
    expect((await city.post(await linkTo('mayor'), CONFIRM)).status).toBe(409);
  });
});
