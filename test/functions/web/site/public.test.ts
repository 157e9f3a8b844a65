import { beforeAll, describe, expect, test } from 'vitest';
import { cityForAll, openCity } from './support/city.ts';

const city = cityForAll();
beforeAll(async () => {
  const change = await city.notify();
  await city.approve(change);
  await city.notify({ feature: 'acme.search' });
});

describe('data beside the pages', () => {
  test('the register shows what holds, confirmed', async () => {
    const list = (await (await city.get('/?format=json')).json()) as {
      items: { key: string; enabled: boolean; status: string }[];
      next: null;
    };
    expect(list.items.map(({ key, enabled, status }) => [key, enabled, status])).toEqual([
      ['acme', true, 'enabled'],
      ['acme.search', false, 'pending'],
    ]);
    expect(list.next).toBeNull();
  });
  test.each(['/features/acme.search', '/features/acme.search/proof'])(
    '%s as CSV has the title that the register has',
    async (path) => {
      const title = async (table: string) =>
        (await city.page(table))
          .split('\r\n')
          .find((row) => row.startsWith('"acme.search"'))
          ?.split(',')[1];
      expect(await title(`${path}?format=csv`)).toBe(await title('/?format=csv'));
      expect(await title(`${path}?format=csv`)).not.toBe('""');
    },
  );
});

describe('addresses that are not in order', () => {
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
  ])('%s', async (path, status) => {
    const page = await city.get(path);
    expect(page.status).toBe(status);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const problem = await city.get(path, { accept: 'application/json' });
    expect(problem.status).toBe(status);
    expect(await problem.json()).toMatchObject({ type: expect.stringContaining('urn:'), status });
  });
  test('another method gets the allowed ones', async () => {
    const answer = await city.app.request('https://gate.example/rules', { method: 'DELETE', headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

test.each(['/', '/features/acme', '/features/acme/proof'])(
  'what is searched for on %s is answered in the language that its address asks for',
  async (path) => {
    const [form = ''] = /<form class="find" method="get"[\s\S]*?<\/form>/.exec(await city.page(`${path}?lang=es`)) ?? [];
    expect(form).toContain('<input type="hidden" name="lang" value="es">');
    expect(await city.page(path)).not.toContain('name="lang"');
  },
);

test('before a policy is adopted the pages say so', async () => {
  const bare = await openCity({ policy: null });
  const change = await bare.notify();
  const link = await bare.link('clerk', 'council', change);
  expect(await (await bare.get('/')).text()).toContain('No rules have been adopted yet');
  expect(await (await bare.get('/rules')).text()).toContain('nothing can be approved');
  expect(await (await bare.get('/changes/acme/1')).text()).toContain('this cannot be approved');
  expect((await bare.get(link)).status).toBe(200);
  await bare.close();
});

test('the language: asked for, else the browser’s, else English', async () => {
  const lang = async (path: string, header?: string) =>
    /<html lang="(\w+)"/.exec(await city.page(path, header === undefined ? {} : { 'accept-language': header }))?.[1];
  expect(await lang('/')).toBe('en');
  expect(await lang('/', 'fr, es-MX;q=0.8, en;q=0.2')).toBe('es');
  expect(await lang('/?lang=en', 'es')).toBe('en');
});

test('a feature of many changes lists the newest, and says where the older ones are', async () => {
  const own = await openCity();
  // All but the last have lapsed, whose window is over.
  for (let sent = 1; sent <= 110; sent += 1) {
    await own.notify({ title: `Search ${sent}` });
    if (sent % 10 === 0 && sent < 110) own.passDays(120);
  }
  const page = await (await own.get('/features/acme')).text();
  const listed = [...page.matchAll(/href="\/changes\/acme\/(\d+)[^"]*">Change/g)].map(([, n]) => Number(n));
  expect(listed).toEqual(Array.from({ length: 100 }, (_, index) => 110 - index));
  expect(page).toContain('Older changes that are over are not in this list.');
  expect(page).toMatch(/from <a href="\/changes\/acme\/1[^"]*">acme\/1<\/a> on\./);
  expect(await (await own.get('/features/acme/1')).text()).not.toContain('Older changes');
  await own.close();
});
