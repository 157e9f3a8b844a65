import { beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../../functions/web/docs/app.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { type City, cityForAll, decision } from './support/city.ts';
import { readCsv, textOf } from './support/readers.ts';

/** A contract for the police alone until a day, and a product under it that waits for the mayor without terms of its own. */
let mayor: string;
let product: Awaited<ReturnType<City['notify']>>;
const TERMS = { audience: 'Police', until: '2026-05-18' };
const CONTACT = 'clerk@springfield.example';

const city = cityForAll();
beforeAll(async () => {
  const contract = await city.notify({ kind: 'contract', title: 'Contract for cameras', endsAt: '2027-03-31' });
  await city.approve(contract, TERMS);
  product = await city.notify({ feature: 'acme.lpr', title: 'Licence-plate readers' });
  await city.certify(product);
  mayor = await city.link('mayor', 'mayor', product);
  await city.notify({ feature: 'other.portal', title: 'A portal' });
  const gone = await city.notify({ feature: 'other.gone', title: 'Taken back' });
  await city.certify(gone, { 'vote.district-1': 'no', 'vote.district-2': 'no' });
});

const page = (path: string) => city.page(path);

describe('what is signed is what takes effect', () => {
  test('beside the button, with where each limit comes from', async () => {
    const shown = await page(mayor);
    const form = shown.slice(shown.indexOf('id="decision"'));
    expect(textOf(form)).toContain('Until the end of May 18, 2026 set by acme , above it');
    expect(textOf(form)).toContain('only for Police set by acme , above it');
    expect(textOf(shown)).not.toContain('No end date, every agency, no condition');
  });

  test('and on the receipt', async () => {
    await city.post(mayor, decision(product));
    const shown = textOf(await page(mayor));
    expect(shown).toContain('It is on, only for Police , until the end of May 18, 2026, when the approval of acme ends.');
    expect(shown).toContain('What takes effect Until the end of May 18, 2026 set by acme , above it');
    expect(shown).not.toContain('No end date');
  });
});

test('every place counts the register alike: on, waiting and off add up to all features', async () => {
  interface Item {
    readonly key: string;
    readonly onFor: readonly string[] | null;
    readonly pending: readonly unknown[];
  }
  const { items } = (await (await city.get('/?format=json')).json()) as { items: readonly Item[] };
  const on = items.filter(({ onFor }) => onFor === null || onFor.length > 0);
  const waiting = items.filter((item) => !on.includes(item) && item.pending.length > 0);
  const expected = { on: on.length, waiting: waiting.length, off: items.length - on.length - waiting.length };
  expect(expected).toStrictEqual({ on: 2, waiting: 1, off: 1 });

  const stated = async (path: string, words: RegExp) =>
    words
      .exec(textOf(await page(path)))
      ?.slice(1)
      .map(Number);
  expect(await stated('/', /(\d+) on (\d+) waiting (\d+) off/)).toStrictEqual([2, 1, 1]);
  expect(await stated('/numbers', / on (\d+) waiting (\d+) off (\d+) /)).toStrictEqual([2, 1, 1]);
  expect(await (await city.get('/numbers?format=json')).json()).toMatchObject(expected);
  const rows = readCsv(await city.page('/numbers?format=csv'));
  expect(rows.slice(1, 4)).toStrictEqual(Object.entries(expected).map(([name, n]) => [name, String(n)]));
  const [head = [], ...lines] = readCsv(await city.page('/?format=csv'));
  const onFor = lines.map((line) => [line[0], line[head.indexOf('onFor')]]);
  expect(onFor).toStrictEqual([
    ['acme', 'Police'],
    ['acme.lpr', 'Police'],
    ['other.gone', ''],
    ['other.portal', ''],
  ]);
  for (const [show, n] of Object.entries(expected)) {
    const found = (await (await city.get(`/?format=json&show=${show}`)).json()) as { items: readonly unknown[] };
    expect(found.items.length, show).toBe(n);
  }
});

describe('whose page it is', () => {
  const at = async (path: string, contact: string | undefined) => {
    const app = siteApp({ ...city.deps, ports: { ...city.ports, city: { name: 'Springfield', contact } } });
    return (await app.request(`https://gate.example${path}`, { headers: { accept: 'text/html' } })).text();
  };

  test.each(['/', '/changes/acme/1/packet', '/nothing'])('%s names the city and whom to ask', async (path) => {
    const shown = await at(path, CONTACT);
    expect(textOf(shown)).toMatch(/A page of Springfield \.\s+Time zone: [^.]+\.\s+Questions\? clerk@springfield\.example/);
    expect(shown).toContain(`<a href="mailto:${CONTACT}">`);
  });

  test('the feed is by the city', async () => {
    expect(await at('/feed.atom', CONTACT)).toContain('<author><name>Springfield</name></author>');
  });

  test('a dead link explains what to do, and does not call itself its reader’s own', async () => {
    const shown = await at('/d/nothing', CONTACT);
    expect(textOf(shown)).toContain('Open the newest mail from Springfield .');
    expect(textOf(shown)).toContain('Ask for a new link here: clerk@springfield.example');
    expect(shown).not.toContain('for you only');
    expect(textOf(await at('/d/nothing', undefined))).toContain('Ask the clerk of Springfield for a new link.');
  });

  test('browsers and crawlers find what they ask for', async () => {
    expect((await city.get('/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
    expect(await page('/robots.txt')).toMatch(/^User-agent: \*\nDisallow: \/d\/\n/);
    expect(await page('/')).toContain('<link rel="alternate" href="/feed.atom" type="application/atom+xml"');
    expect(await page(mayor)).not.toContain('rel="alternate"');
  });
});

test('nothing sends a reader to an unowned name in a registry', async () => {
  for (const path of ['/check', '/features/acme/proof']) expect(await page(path)).not.toContain('npx');
  const docs = docsApp({ ...city.deps, document: () => openApiDocument('https://gate.example') });
  for (const path of ['/docs', '/docs/fail-closed', '/docs/operators'])
    expect(await (await docs.request(`https://gate.example${path}`)).text(), path).not.toContain('npx aldergate');
  const bytes = new TextEncoder().encode('// the verifier');
  const app = siteApp({ ...city.deps, vkey: () => undefined, verifier: async () => ({ bytes, sha256: 'ab'.repeat(32) }) });
  const shown = await (await app.request('https://gate.example/check', { headers: { accept: 'text/html' } })).text();
  expect(shown).toContain('<a href="/aldergate-verify.mjs" download>');
  expect(shown).toContain('ab'.repeat(32));
  expect(textOf(shown)).toContain('So get it from someone else');
});

test('a city adds its words to what every gate says of accessibility and privacy; security.txt names its address', async () => {
  const app = siteApp({
    ...city.deps,
    ports: { ...city.ports, city: { name: 'S', contact: `Clerk, ${CONTACT}`, privacy: 'See https://s.example/p' } },
  });
  const get = async (path: string) =>
    (await app.request(`https://gate.example${path}`, { headers: { accept: 'text/html' } })).text();
  expect(textOf(await get('/accessibility'))).toContain('WCAG 2.2, level AA.');
  const privacy = await get('/privacy?lang=es');
  expect(privacy).toContain('no usan cookies');
  expect(privacy).toContain('<a href="https://s.example/p">');
  const text = await get('/.well-known/security.txt');
  expect(text).toMatch(new RegExp(`^Contact: mailto:${CONTACT}\nExpires: 2026-08-30T00:00:00.000Z\n`));
  const bare = siteApp({ ...city.deps, ports: { ...city.ports, city: { name: 'S', contact: 'Call 555-0100' } } });
  expect((await bare.request('https://gate.example/.well-known/security.txt')).status).toBe(404);
});
