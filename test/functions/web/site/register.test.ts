import { beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../../functions/web/docs/app.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { expectIn } from '../../../support/texts.ts';
import { cityForAll, cityForTest, decision, ORIGIN, ROSTER } from './support/city.ts';
import { plainOf, readCsv, textOf } from './support/readers.ts';

interface List {
  readonly items: readonly { readonly key: string; readonly onFor: string[] | null; readonly pending: unknown[] }[];
  readonly next: string | null;
}

describe('a register', () => {
  const city = cityForAll();
  beforeAll(async () => {
    const camera = { kind: 'contract', title: 'Contract for cameras', summary: 'The terms.', endsAt: '2027-03-31' } as const;
    await city.approve(await city.notify(camera));
    const alerts = { title: 'Café alerts', summary: 'Calls officers.', kind: 'data-sharing' } as const;
    await city.certify(await city.notify({ feature: 'acme.alerts', ...alerts }));
    await city.notify({ feature: 'acme.search', title: 'FreeForm search', summary: 'Finds a vehicle.' });
    await city.notify({ feature: 'other.portal', title: 'A portal', summary: 'Publishes quarterly figures.' });
  });
  const list = (query: string) => city.json<List>(`/?format=json&${query}`);
  const keys = async (query: string) => (await list(query)).items.map(({ key }) => key);

  const [CONTRACT, ALERTS, SEARCH, PORTAL] = ['acme', 'acme.alerts', 'acme.search', 'other.portal'];
  test.each([
    ['q=search', [SEARCH]],
    ['q=SEARCH%20freeform', [SEARCH]],
    ['q=cafe', [ALERTS]],
    ['q=cameras', [CONTRACT, ALERTS, SEARCH]],
    ['q=nothing%20here', []],
    ['q=searches%20vehicles', [SEARCH]],
    ['q=camera', [CONTRACT, ALERTS, SEARCH]],
    ['q=portals%20quarterly', [PORTAL]],
    ['vendor=other', [PORTAL]],
    ['show=on', [CONTRACT]],
    ['show=off', []],
    ['show=waiting', [ALERTS, SEARCH, PORTAL]],
    ['show=vetoed', []],
    ['kind=contract', [CONTRACT]],
    ['kind=data-sharing', [ALERTS]],
    ['body=mayor', [ALERTS]],
    ['body=council', [SEARCH, PORTAL]],
    ['body=council&vendor=acme&q=free', [SEARCH]],
    ['status=pending&vendor=acme', [ALERTS, SEARCH]],
    ['status=pending', [ALERTS, SEARCH, PORTAL]],
    ['status=enabled&agency=police', [CONTRACT]],
    ['q=&vendor=&kind=&body=&show=all', [CONTRACT, ALERTS, SEARCH, PORTAL]],
  ])('%s', async (query, found) => {
    expect(await keys(query)).toEqual(found);
  });

  test('in one part has no paragraph for links to others', () => city.hides('/', '<p class="formats"></p>'));

  test.each([
    ['limit=x', 'text/html; charset=UTF-8'],
    ['format=json&limit=x', 'application/problem+json'],
    ['format=csv&limit=x', 'application/problem+json'],
  ])('a client that also accepts pages is refused %s as %s', async (query, type) => {
    const { headers } = await city.get(`/?${query}`, { accept: 'text/html, image/gif, *; q=.2' });
    expect(headers.get('content-type')).toBe(type);
  });

  test.each(['show=perhaps', 'vendor=A', 'kind=thing', 'limit=1001', 'limit=1&limit=2'])('%s is refused', async (query) => {
    expect((await city.get(`/?${query}`)).status).toBe(400);
  });

  test('shows how many were found, in the title of its page, too, or that nothing was', async () => {
    const page = await city.page('/?vendor=acme&show=waiting');
    expect(page).toMatch(/<title>2 entries found/);
    expect(page).toMatch(/<p role="status">Shown: 1 to 2 of 2<\/p>/);
    expect(page).toMatch(/<option value="acme" selected>Acme Cameras<\/option>/);
    await city.shows('/?q=zzz&show=on', 'Nothing matches.');
  });

  test('page by page has every entry once, though entries come and go in between', async () => {
    const first = await list('limit=2');
    await city.notify({ feature: 'acme.aaa', title: 'Sorts before what was shown' });
    const second = await list(`limit=2&cursor=${first.next}`);
    expect([...first.items, ...second.items].map(({ key }) => key)).toEqual([CONTRACT, ALERTS, SEARCH, PORTAL]);
    expect(second.next).toBeNull();
    for (const other of ['/?vendor=acme&', '/vendors/acme?format=json&', '/calendar?', '/on-without-permission?'])
      expect((await city.get(`${other}cursor=${first.next}`)).status, other).toBe(400);
    await city.shows(`/?limit=2&lang=en&cursor=${first.next}`, 'Shown: 4 to 5 of 5', 'Back to the first entries');
  });

  const PAGES = ['/', '/numbers', '/vendors/acme', '/features/acme', '/changes/acme/1', '/calendar', '/rules'];
  test.each(PAGES)('%s is data, too', async (path) => {
    const typeOf = async (format: string) => (await city.get(`${path}?format=${format}`)).headers.get('content-type');
    expect(await typeOf('csv')).toMatch(/^text\/csv/);
    expect(await typeOf('json')).toMatch(/^application\/json/);
  });

  test.each<[string, number]>([
    ['/nothing', 404],
    ['/changes/acme/99', 404],
    ['/changes/acme/0', 400],
    ['/features/ACME', 400],
    ['/features/acme?at=tomorrow', 400],
    ['/features/acme?at=2027-01-01T00:00:00Z', 400],
    ['/?format=xml', 400],
    ['/?limit=0', 400],
    ['/?cursor=!', 400],
    ['/vendors/A', 400],
    ['/dev/outbox', 404],
  ])('%s is not in order: %i, for people and programs', async (path, status) => {
    const page = await city.get(path);
    expect([page.status, page.headers.get('content-type')]).toEqual([status, expect.stringMatching(/^text\/html/)]);
    const problem = await city.get(path, { accept: 'application/json' });
    expect(problem.status).toBe(status);
    expect(await problem.json()).toMatchObject({ type: expect.stringContaining('urn:'), status });
  });

  test('another method gets the allowed ones', async () => {
    const answer = await city.app.request(`${ORIGIN}/rules`, { method: 'DELETE', headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test.each(['/', '/features/acme'])(
    'what is searched for on %s is answered in the language that its address asks for',
    async (path) => {
      const [form = ''] = /<form class="find" method="get"[\s\S]*?<\/form>/.exec(await city.page(`${path}?lang=es`)) ?? [];
      expect(form).toContain('<input type="hidden" name="lang" value="es">');
      await city.hides(path, 'name="lang"');
    },
  );

  test('the language: asked for, else the browser’s, else English', async () => {
    const lang = async (path: string, header?: string) =>
      /<html lang="(\w+)"/.exec(await city.page(path, header === undefined ? {} : { 'accept-language': header }))?.[1];
    expect(await lang('/')).toBe('en');
    expect(await lang('/', 'tlh, es-MX;q=0.8, en;q=0.2')).toBe('es');
    expect(await lang('/?lang=en', 'es')).toBe('en');
  });
});

test('before a policy is adopted the pages say so', async () => {
  const city = await cityForTest({ policy: null });
  const link = await city.toClerk(await city.notify());
  await city.shows('/', 'No rules have been adopted yet');
  await city.shows('/rules', 'nothing can be approved');
  await city.shows('/changes/acme/1', 'nothing can be approved');
  for (const page of ['/changes/acme/1', '/changes/acme/1/packet']) await city.hides(page, 'Then it is on', 'must approve');
  expect((await city.get(link)).status).toBe(200);
});

test('the rules say in the language of their reader what keeps a body from acting', async () => {
  const city = await cityForTest();
  await city.replaceHolders(
    ROSTER.holders.filter(({ body }) => body !== 'council'),
    'clerk',
    'mayor',
  );
  await city.says('/rules?lang=es', 'Ningún escaño del Concejo Municipal está ocupado.');
});

test('a feature of many changes lists the newest, and says where the older ones are', async () => {
  const city = await cityForTest();
  // All but the last have lapsed, whose window is over.
  for (let sent = 1; sent <= 110; sent += 1) {
    await city.notify({ title: `Search ${sent}` });
    if (sent % 10 === 0 && sent < 110) city.passDays(120);
  }
  const page = await city.page('/features/acme');
  const listed = [...page.matchAll(/href="\/changes\/acme\/(\d+)[^"]*">Change/g)].map(([, n]) => Number(n));
  expect(listed).toEqual(Array.from({ length: 100 }, (_, index) => 110 - index));
  expect(page).toContain('Older changes that are over are not in this list.');
  expect(page).toMatch(/from <a href="\/changes\/acme\/1[^"]*">acme\/1<\/a> on\./);
});

test('the register and the numbers count a change that waits also where its feature is on', async () => {
  const city = await cityForTest();
  await city.approve(await city.notify());
  await city.notify({ title: 'Another change' });
  city.passDays(2);
  for (const path of ['/', '/numbers']) await city.says(path, '1 change is waiting. It has waited for 2 days.');
});

test('the outbox shows the newest mail first, and is not called public', async () => {
  const city = await cityForTest();
  const mails = ['clerk', 'one', 'two', 'three'].map((to) => ({
    to: `${to}@city.example`,
    subject: 'Certify the vote',
    change: 'acme/1',
    revision: 1,
    links: to === 'three' ? [] : [`${ORIGIN}/d/x`],
  }));
  const app = siteApp({ ...city.deps, outbox: async () => mails });
  const page = await (await app.request(`${ORIGIN}/dev/outbox`)).text();
  expect([...page.matchAll(/To: (\w+)@city\.example/g)].map(([, to]) => to)).toEqual(['three', 'two', 'one', 'clerk']);
  expect(page).not.toContain('Everything on this page is public');
});

/** A contract for the police alone until a day, and a product under it that waits for the mayor without terms of its own. */
describe('what is stated', () => {
  const CONTACT = 'clerk@springfield.example';
  let mayor: string;
  let product: Awaited<ReturnType<typeof city.notify>>;
  const city = cityForAll();
  beforeAll(async () => {
    const contract = await city.notify({ kind: 'contract', title: 'Contract for cameras', endsAt: '2027-03-31' });
    await city.approve(contract, { audience: 'Police', until: '2026-05-18' });
    product = await city.notify({ feature: 'acme.lpr', title: 'Licence-plate readers' });
    await city.certify(product);
    mayor = await city.toMayor(product);
    await city.notify({ feature: 'other.portal', title: 'A portal' });
    const gone = await city.notify({ feature: 'other.gone', title: 'Taken back' });
    await city.certify(gone, { 'vote.district-1': 'no', 'vote.district-2': 'no' });
  });
  const at = async (path: string, own: object = { contact: CONTACT }, more: object = {}) => {
    const app = siteApp({
      ...city.deps,
      ports: { ...city.ports, city: { name: 'Springfield', contact: undefined, ...own } },
      ...more,
    });
    return app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } });
  };
  const pageAt = async (...args: Parameters<typeof at>) => (await at(...args)).text();

  test('what is signed is what takes effect: beside the button, with where each limit comes from, and on the receipt', async () => {
    const shown = await city.page(mayor);
    const form = textOf(shown.slice(shown.indexOf('id="decision"')));
    expectIn(form, 'Until the end of May 18, 2026 set by acme , above it', 'only for Police set by acme , above it');
    expect(textOf(shown)).not.toContain('No end date, every agency, no condition');
    await city.post(mayor, decision(product));
    const receipt = await city.text(mayor);
    expectIn(
      receipt,
      'It is on, only for Police , until the end of May 18, 2026, set by acme , above it.',
      'What takes effect Until the end of May 18, 2026 set by acme , above it',
    );
    expect(receipt).not.toContain('No end date');
  });

  test('every place counts the register alike: on, waiting and off add up to all features', async () => {
    const { items } = await city.json<List>('/?format=json');
    const on = items.filter(({ onFor }) => onFor === null || onFor.length > 0);
    const waiting = items.filter((item) => !on.includes(item) && item.pending.length > 0);
    const expected = { on: on.length, waiting: waiting.length, off: items.length - on.length - waiting.length };
    expect(expected).toStrictEqual({ on: 2, waiting: 1, off: 1 });
    for (const [path, words] of [
      ['/', /(\d+) on (\d+) waiting (\d+) off/],
      ['/numbers', / on (\d+) off, and a change waits (\d+) off, and no change waits (\d+) /],
    ] as const)
      expect(
        words
          .exec(await city.text(path))
          ?.slice(1)
          .map(Number),
      ).toStrictEqual([2, 1, 1]);
    expect(await city.json('/numbers?format=json')).toMatchObject(expected);
    const rows = readCsv(await city.page('/numbers?format=csv'));
    expect(rows.slice(1, 4)).toStrictEqual(Object.entries(expected).map(([name, n]) => [name, String(n)]));
    const [head = [], ...lines] = readCsv(await city.page('/?format=csv'));
    expect(lines.map((line) => [line[0], line[head.indexOf('onFor')]])).toStrictEqual([
      ['acme', 'Police'],
      ['acme.lpr', 'Police'],
      ['other.gone', ''],
      ['other.portal', ''],
    ]);
    for (const [show, n] of Object.entries(expected))
      expect((await city.json<List>(`/?format=json&show=${show}`)).items.length, show).toBe(n);
  });

  test('a CSV for a browser has the mark by which a spreadsheet reads UTF-8', async () => {
    const begins = async (accept: string) =>
      Buffer.from(await (await city.get('/numbers?format=csv', { accept })).arrayBuffer()).toString('utf8', 0, 6);
    expect([await begins('text/html,application/xhtml+xml'), await begins('*/*')]).toEqual(['\ufeff"wh', '"what"']);
  });

  test.each(['/', '/changes/acme/1/packet', '/nothing'])('%s names the city and whom to ask', async (path) => {
    const shown = await pageAt(path);
    expect(textOf(shown)).toMatch(/A page of Springfield \.\s+Time zone: [^.]+\.\s+Questions\? clerk@springfield\.example/);
    expect(shown).toContain(`<a href="mailto:${CONTACT}">`);
  });

  test('a dead link explains what to do, and does not call itself its reader’s own', async () => {
    const shown = await pageAt('/d/nothing');
    expect(textOf(shown)).toContain('Open the newest mail from Springfield .');
    expect(textOf(shown)).toContain(`Ask for a new link here: ${CONTACT}`);
    expect(shown).not.toContain('for you only');
    expect(textOf(await pageAt('/d/nothing', {}))).toContain('Ask the clerk of Springfield for a new link.');
  });

  test('browsers and crawlers find what they ask for', async () => {
    const ask = `<author><name>Springfield</name></author><subtitle>Questions? ${CONTACT}</subtitle>`;
    expect(await pageAt('/feed.atom')).toContain(ask);
    expect(await pageAt('/calendar.ics')).toContain('X-WR-CALNAME:Springfield: What closes when');
    expect((await city.get('/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
    expect(await city.page('/robots.txt')).toMatch(/^User-agent: \*\nDisallow: \/d\/\n.*Disallow: \/\*\?at=\n$/s);
    await city.shows('/', '<link rel="alternate" href="/feed.atom" type="application/atom+xml"');
    await city.hides(mayor, 'rel="alternate"');
  });

  test('nothing sends a reader to an unowned name in a registry', async () => {
    for (const path of ['/check', '/features/acme']) await city.hides(path, 'npx');
    const docs = docsApp({ ...city.deps, document: () => openApiDocument(ORIGIN) });
    for (const path of ['/docs', '/docs/fail-closed', '/docs/operators'])
      expect(await (await docs.request(`${ORIGIN}${path}`)).text(), path).not.toContain('npx aldergate');
    const verifier = { bytes: new TextEncoder().encode('// the verifier'), sha256: 'ab'.repeat(32) };
    const shown = await pageAt('/check', {}, { verifier: async () => verifier });
    expectIn(shown, '<a href="/aldergate-verify.mjs" download>', verifier.sha256);
    expect(textOf(shown)).toContain('So get it from someone else');
  });

  test('without styles no two links of the head run together', async () => {
    expect(plainOf(await pageAt('/rules'))).toContain(' Register Calendar The rules Español');
  });

  test('a city adds its words to what every gate says of accessibility and privacy; security.txt names its address', async () => {
    const own = { contact: `Clerk, ${CONTACT}`, privacy: 'See https://s.example/p' };
    expect(textOf(await pageAt('/accessibility', own))).toContain('WCAG 2.2, level AA.');
    const privacy = await pageAt('/privacy?lang=es', own);
    expectIn(privacy, 'no usan cookies', '<a href="https://s.example/p">');
    const security = '/.well-known/security.txt';
    expect(await pageAt(security, own)).toMatch(new RegExp(`^Contact: mailto:${CONTACT}\nExpires: 2026-08-30T00:00:00.000Z\n`));
    expect((await at(security, { contact: 'Call 555-0100' })).status).toBe(404);
  });
});
