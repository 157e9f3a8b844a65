import { beforeEach, describe, expect, test } from 'vitest';
import { makeVendorForm, revokeVendorForms } from '../../../../functions/gate/vendors.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { expectIn } from '../../../support/texts.ts';
import { certificate, cityForEach, decision, FILLED } from './support/city.ts';
import { textOf } from './support/readers.ts';

let path: string;
const city = cityForEach();
beforeEach(async () => {
  const made = await makeVendorForm(city.ports, 'acme', 'P30D');
  path = `/n/${made?.token ?? ''}`;
});

const send = async (over: Record<string, string> = {}, headers: Record<string, string> = {}) => {
  const answer = await city.post(path, { ...FILLED, ...over }, headers);
  await catchUp(city.ports, 'acme.lpr');
  return answer;
};
const UNSIGNED = 'Sent through the form link, not signed';

describe('a vendor that cannot sign', () => {
  test('sends a notice that is held like any other and marked as unsigned everywhere', async () => {
    const sent = await send();
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `${path}?change=acme.lpr/1`]);
    await city.shows(sent.headers.get('location') ?? '', UNSIGNED);
    const told = await city.json<{ digest: string }>('/changes/acme.lpr/1?format=json');
    expect(told).toMatchObject({
      status: 'pending',
      notice: {
        title: FILLED.title,
        optOut: 'yes',
        optOutBy: '2026-05-20T06:00:00.000Z',
        optOutHow: 'In the console, under Features.',
        withoutAction: 'on',
        impact: { purpose: 'changed', sharing: 'unchanged', cost: 'unknown' },
        documents: [{ title: 'Release note', kind: 'release-note', url: 'https://vendor.example/notes' }],
      },
      provenance: { channel: 'form', by: 'vendor:acme', scheme: null },
    });
    const received = { change: 'acme.lpr/1', revision: 1, digest: told.digest } as Parameters<typeof certificate>[0];
    const { clerk, mayor } = await city.linksTo(received);
    for (const shown of ['/changes/acme.lpr/1', clerk, '/vendors/acme']) await city.shows(shown, UNSIGNED);
    await city.shows('/changes/acme.lpr/1', FILLED.optOutHow);
    await city.shows('/changes/acme.lpr/1/packet', 'through the form link, not signed');
    expect((await city.post(clerk, certificate(received))).status).toBe(303);
    expect((await city.post(mayor, decision(received))).status).toBe(303);
    await city.is('blocked', 'acme.lpr');
  });

  test('sent twice, or filled in twice with the same words, it is one notice; with other words it is another', async () => {
    await send();
    const before = city.writes.commits;
    expect((await send()).status).toBe(303);
    expect(city.writes.commits).toBe(before);
    const same = await send({ nonce: '00000000-0000-4000-8000-000000000002' });
    expect(same.headers.get('location')).toBe(`${path}?change=acme.lpr/1`);
    const other = await send({ nonce: '00000000-0000-4000-8000-000000000003', title: 'New words' });
    expect(other.headers.get('location')).toBe(`${path}?change=acme.lpr/2`);
    expect((await send({ title: 'Other words' })).status).toBe(409);
  });

  test('a new revision of an open notice, without naming the feature again', async () => {
    await send();
    await city.shows(path, '<option value="acme.lpr/1">acme.lpr/1: FreeForm search for vehicles</option>');
    const revised = await send({
      revises: 'acme.lpr/1',
      feature: '',
      summary: 'Other words.',
      nonce: FILLED.nonce.replace(/1$/, '3'),
    });
    expect(revised.headers.get('location')).toBe(`${path}?change=acme.lpr/1`);
    expect(await city.json('/changes/acme.lpr/1?format=json')).toMatchObject({ revision: 2 });
  });

  test('checks its answers as everyone will see them, and changes them, before anything is sent', async () => {
    const said = { 'impact.retention': 'changed', 'impact.retention.from': '30 days.', 'impact.retention.to': '<One year>.' };
    const before = city.writes.commits;
    const check = await send({ ...said, step: 'check' }, { accept: 'text/html' });
    const page = await check.text();
    expect([check.status, city.writes.commits]).toEqual([200, before]);
    expect(page).toContain('Nothing has been sent yet.');
    const shown = textOf(page);
    expectIn(
      shown,
      'How long it is kept changes Before: 30 days. New: <One year>',
      'The city can say no until the end of May 19, 2026',
    );
    const kept = Object.fromEntries(
      [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(kept).toMatchObject({ title: FILLED.title, 'impact.retention.to': '&lt;One year&gt;.', nonce: FILLED.nonce });
    expect(page.split('<main')[1]).not.toContain('value="check"');
    const form = await (await send({ ...said, step: 'change' }, { accept: 'text/html' })).text();
    expect(form).toContain('value="30 days."');
    expect((await send({ step: 'check', title: '' }, { accept: 'text/html' })).status).toBe(422);
    expect((await send(said)).status).toBe(303);
    expect(await city.json('/changes/acme.lpr/1?format=json')).toMatchObject({
      notice: { impact: { retention: { effect: 'changed', from: '30 days.', to: '<One year>.' }, purpose: 'changed' } },
    });
  });
});

test('what was typed stands in the form, as text', async () => {
  const page = await (await send({ kind: '', title: '"><script>alert(1)</script>' }, { accept: 'text/html' })).text();
  expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  expect(page).not.toContain('<script');
  expect(page).toContain('<a href="#n-kind">Choose what kind');
});

describe('the link', () => {
  test('ends by itself, and when the city ends it; an unknown one opens nothing', async () => {
    expect((await city.get('/n/nothing')).status).toBe(404);
    expect((await city.get(`/n/${'A'.repeat(43)}`)).status).toBe(404);
    expect(await revokeVendorForms(city.ports, 'acme')).toBe(1);
    expect([(await city.get(path)).status, (await send()).status]).toEqual([404, 404]);
    const made = await makeVendorForm(city.ports, 'acme', 'P30D');
    path = `/n/${made?.token ?? ''}`;
    expect((await city.get(path)).status).toBe(200);
    city.passDays(30);
    expect([(await city.get(path)).status, (await send()).status]).toEqual([404, 404]);
  });

  test('shows nothing of another vendor’s changes', async () => {
    const other = await makeVendorForm(city.ports, 'other', 'P30D');
    await send();
    await city.hides(`/n/${other?.token}?change=acme.lpr/1`, 'FreeForm');
  });
});
