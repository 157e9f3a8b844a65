import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { placeName } from '../../../../domain/redaction/decide.ts';
import { orderRedaction, readRedactions } from '../../../../functions/gate/redactions.ts';
import { hidingBytes, placesOf } from '../../../../functions/register/documents.ts';
import { type City, openCity, POLICY } from './support/city.ts';

// What an operator withholds while it is decided about: hidden from the public at the place that the order names, never from those who decide.

const WORDS = 'Searches run on image content, not on plates.';
const REPORT = Buffer.from('What the cameras change.');
const report = digestOf(REPORT);
const NOTE = 'Withheld from the public by Records Act, file 26-0017, since March 3, 2026.';

let city: City;
beforeEach(async () => {
  const [all] = POLICY.rules;
  const rules = [{ ...all, id: 'asking', when: { key: ['acme.**'] }, documents: ['impact-report'] }, all];
  city = await openCity({ policy: { ...POLICY, rules } });
});
afterEach(() => city.close());

const text = async (path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, '');

const withhold = (key: string, commitment: string, { change = 1, revision = null as number | null, everywhere = false } = {}) => {
  const order = { key, change, revision, commitment, by: 'token:records', authority: 'Records Act', fileNumber: '26-0017' };
  return orderRedaction(city.ports, { ...order, action: 'withhold', everywhere, reason: 'confidential' });
};

describe('an open notice', () => {
  test('is withheld from the public, and stays on the pages of those who decide, marked as withheld', async () => {
    const change = await city.notify();
    const links = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
    for (const path of ['/changes/acme/1', '/packet?change=acme/1', ...links]) expect(await text(path)).toContain(WORDS);
    expect(await withhold('acme', change.digest)).toMatchObject({ ok: true });
    for (const path of ['/changes/acme/1', '/packet?change=acme/1', '/changes/acme/1?format=json', '/changes/acme/1?revision=1'])
      expect(await text(path)).not.toContain(WORDS);
    for (const path of ['/changes/acme/1', '/packet?change=acme/1', ...links]) expect(await text(path)).toContain(NOTE);
    for (const path of links) expect(await text(path)).toContain(WORDS);
    expect(await hidingBytes(city.ports, 'notice', change.digest)).toMatchObject({ fileNumber: '26-0017' });
  });

  test('of an earlier revision is compared with the next one for those who decide alone', async () => {
    const first = await city.notify();
    const next = await city.notify({ description: 'Searches run on faces.', revises: 1 });
    expect(await withhold('acme', first.digest, { revision: 1 })).toMatchObject({ ok: true });
    const mayor = await city.link('mayor', 'mayor', next);
    expect(await text(mayor)).toContain('not on plates');
    expect(await text(mayor)).toContain(NOTE);
    expect(await text('/changes/acme/1')).toContain('Searches run on faces.');
    expect(await text('/changes/acme/1')).not.toContain('not on plates');
  });

  test('sent again word for word as another change is hidden only where the order says', async () => {
    const first = await city.notify();
    await city.notify({ description: 'Other words.', revises: 1 });
    const again = await city.notify();
    expect(again.digest).toBe(first.digest);
    await withhold('acme', first.digest);
    expect(await hidingBytes(city.ports, 'notice', first.digest)).toBe(undefined);
    const other = again.change;
    expect(await text('/changes/acme/1')).not.toContain('not on plates');
    expect(await text(`/changes/${other}`)).toContain(WORDS);
    const orders = await readRedactions(city.ports.store, first.digest);
    const places = await placesOf(city.ports, 'notice', orders, first.digest);
    expect(places.map(placeName)).toStrictEqual(['acme/1/1', `${other}/1`]);
    await withhold('acme', first.digest, { everywhere: true });
    expect(await text(`/changes/${other}`)).not.toContain(WORDS);
    expect(await hidingBytes(city.ports, 'notice', first.digest)).toMatchObject({ everywhere: true });
  });
});

describe('a document that two changes have', () => {
  beforeEach(async () => {
    for (const feature of ['acme.lpr', 'acme.maps']) {
      await city.notify({ feature });
      await city.attach(feature, REPORT);
    }
  });

  test('is hidden at one of them alone: the other shows it, and its bytes stay public', async () => {
    expect(await withhold('acme.lpr', report)).toMatchObject({ ok: true });
    expect(await text('/changes/acme.lpr/1')).toContain(NOTE);
    expect(await text('/changes/acme.maps/1')).not.toContain(NOTE);
    expect(await city.page('/changes/acme.maps/1')).toContain(`href="/log/document/${report.slice(7)}"`);
    expect(await hidingBytes(city.ports, 'document', report)).toBe(undefined);
    await withhold('acme.maps', report, { revision: 1 });
    expect(await hidingBytes(city.ports, 'document', report)).toMatchObject({ key: 'acme.lpr' });
  });

  test('is given to an official by the link to its change, and by no other', async () => {
    const change = { change: 'acme.lpr/1', revision: 1 } as Parameters<City['link']>[2];
    const mayor = await city.link('mayor', 'mayor', change);
    const other = await city.link('mayor', 'mayor', await city.notify({ feature: 'acme.faces' }));
    await withhold('acme.lpr', report, { everywhere: true });
    const page = await city.page(mayor);
    expect(page).toContain(`href="${mayor}/document/${report.slice(7)}"`);
    expect(page.replaceAll(/<[^>]+>/g, '')).toContain(NOTE);
    const given = await city.get(`${mayor}/document/${report.slice(7)}`);
    expect([given.status, Buffer.from(await given.arrayBuffer())]).toStrictEqual([200, REPORT]);
    expect(given.headers.get('content-disposition')).toBe('attachment');
    expect(given.headers.get('cache-control')).toBe('no-store');
    expect((await city.get(`${other}/document/${report.slice(7)}`)).status).toBe(404);
    expect((await city.get(`${mayor}/document/${'0'.repeat(64)}`)).status).toBe(404);
  });
});
