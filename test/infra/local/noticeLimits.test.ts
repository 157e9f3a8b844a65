import { expect, test } from 'vitest';
import { searchNotice, servedPlace, settle } from './cityProcess.ts';

test('a running gate limits a vendor and a form as its settings say, and officials go on', async () => {
  const place = await servedPlace({ ALDERGATE_NOTICES_PER_HOUR: '2', ALDERGATE_NOTICE_BYTES_PER_DAY: '100000' });
  const city = await settle(place);
  const held = await city.hold(searchNotice('acme'));
  await city.hold(searchNotice('acme.lpr'));
  const refused = await city.notify(searchNotice('acme.other'));
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-policy')).toBe(
    '"notices";q=2;w=3600, "notice-bytes";q=100000;w=86400;qu="content-bytes"',
  );
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
  expect(await refused.json()).toMatchObject({ type: 'urn:aldergate:problem:too-many-notices' });

  const { url } = (await (await city.api('POST', '/v1/vendors/acme/forms', {})).json()) as { url: string };
  const form = (n: number, accept: string) =>
    fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: new URL(url).origin, 'content-type': 'application/x-www-form-urlencoded', accept },
      body: new URLSearchParams({
        nonce: `00000000-0000-4000-8000-00000000000${n}`,
        feature: `acme.form-${n}`,
        kind: 'update',
        title: 'Sent through the form',
        summary: 'Says what it does.',
      }),
    });
  for (const n of [1, 2]) expect((await form(n, 'application/json')).status).toBe(303);
  const over = await form(3, 'application/json');
  expect({ status: over.status, limit: over.headers.get('ratelimit')?.slice(0, 14) }).toEqual({
    status: 429,
    limit: '"notices";r=0;',
  });
  const page = await form(3, 'text/html');
  expect({ status: page.status, retry: page.headers.has('retry-after') }).toEqual({ status: 429, retry: true });
  expect(await page.text()).toContain('Please send it again later.');

  await city.approve(held);
  expect(await city.answer('acme')).toMatchObject({ value: true });
});
