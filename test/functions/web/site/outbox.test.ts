import { expect, test } from 'vitest';
import { siteApp } from '../../../../functions/web/site/app.ts';
import type { OutboxMail } from '../../../../functions/web/site/deps.ts';
import { openCity } from './support/city.ts';

const mail = (to: string, links: readonly string[] = [], change = 'acme/1'): OutboxMail => ({
  to: `${to}@city.example`,
  subject: links.length === 0 ? 'For your information' : 'Certify the vote',
  change,
  revision: 1,
  links,
});

test('the outbox shows the newest mail first, and is not called public', async () => {
  const city = await openCity();
  const mails = [mail('clerk', ['https://gate.example/d/x']), mail('one'), mail('two'), mail('three', [], 'acme/2')];
  const app = siteApp({ ...city.deps, outbox: async () => mails });
  const page = await (await app.request('https://gate.example/dev/outbox')).text();
  const places = ['three@', 'two@', 'one@', 'clerk@'].map((to) => page.indexOf(`To: ${to}city.example`));
  expect(places).toStrictEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(page).not.toContain('Everything on this page is public');
  await city.close();
});
