import { beforeAll, describe, expect, test } from 'vitest';
import { cityForAll } from './support/city.ts';

const city = cityForAll();
beforeAll(async () => {
  const contract = await city.notify({
    kind: 'contract',
    title: 'Contract for cameras',
    summary: 'The terms.',
    endsAt: '2027-03-31',
  });
  await city.approve(contract);
  const alerts = await city.notify({
    feature: 'acme.alerts',
    title: 'Café alerts',
    summary: 'Calls officers.',
    kind: 'data-sharing',
  });
  await city.certify(alerts);
  await city.notify({ feature: 'acme.search', title: 'FreeForm search', summary: 'Finds a vehicle.' });
  await city.notify({ feature: 'other.portal', title: 'A portal', summary: 'Publishes quarterly figures.' });
});

interface List {
  readonly items: readonly { readonly key: string; readonly status: string }[];
  readonly next: string | null;
}

const list = async (query: string): Promise<List> => (await (await city.get(`/?format=json&${query}`)).json()) as List;
const keys = async (query: string): Promise<readonly string[]> => (await list(query)).items.map(({ key }) => key);

describe('search and filters', () => {
  test.each([
    ['q=search', ['acme.search']],
    ['q=SEARCH%20freeform', ['acme.search']],
    ['q=cafe', ['acme.alerts']],
    ['q=cameras', ['acme', 'acme.alerts', 'acme.search']],
    ['q=nothing%20here', []],
    ['q=searches%20vehicles', ['acme.search']],
    ['q=camera', ['acme', 'acme.alerts', 'acme.search']],
    ['q=portals%20quarterly', ['other.portal']],
    ['vendor=other', ['other.portal']],
    ['show=on', ['acme']],
    ['show=off', []],
    ['show=waiting', ['acme.alerts', 'acme.search', 'other.portal']],
    ['show=vetoed', []],
    ['kind=contract', ['acme']],
    ['kind=data-sharing', ['acme.alerts']],
    ['body=mayor', ['acme.alerts']],
    ['body=council', ['acme.search', 'other.portal']],
    ['body=council&vendor=acme&q=free', ['acme.search']],
    ['status=pending&vendor=acme', ['acme.alerts', 'acme.search']],
    ['status=pending', ['acme.alerts', 'acme.search', 'other.portal']],
    ['status=enabled&agency=police', ['acme']],
    ['q=&vendor=&kind=&body=&show=all', ['acme', 'acme.alerts', 'acme.search', 'other.portal']],
  ])('%s', async (query, found) => {
    expect(await keys(query)).toEqual(found);
  });

  test.each(['show=perhaps', 'vendor=A', 'kind=thing', 'limit=1001', 'limit=x'])('%s is refused', async (query) => {
    expect((await city.get(`/?${query}`)).status).toBe(400);
  });

  test('the page shows how many were found, in its title, too', async () => {
    const page = await city.page('/?vendor=acme&show=waiting');
    expect(page).toMatch(/<title>2 entries found/);
    expect(page).toMatch(/<p role="status">Shown: 1 to 2 of 2<\/p>/);
    expect(page).toMatch(/<option value="acme" selected>Acme Cameras<\/option>/);
  });

  test('nothing found', async () => {
    expect(await city.page('/?q=zzz&show=on')).toContain('Nothing matches.');
  });
});

test('pages of a page: every entry once, though entries come and go in between', async () => {
  const first = await list('limit=2');
  await city.notify({ feature: 'acme.aaa', title: 'Sorts before what was shown' });
  const second = await list(`limit=2&cursor=${first.next}`);
  expect([first.items, second.items].map((items) => items.map(({ key }) => key))).toEqual([
    ['acme', 'acme.alerts'],
    ['acme.search', 'other.portal'],
  ]);
  expect(second.next).toBeNull();
  const page = await city.page(`/?limit=2&cursor=${first.next}`);
  expect(page).toContain('Shown: 4 to 5 of 5');
  expect(page).toContain('Back to the first entries');
});

test('the numbers are tables with a bar in each row, which is as long as its count', async () => {
  const page = await city.page('/numbers');
  expect(page.match(/<svg[^>]* aria-hidden="true"/g)).toHaveLength(3 + 4 + 5 + 5 + 12);
  expect(page).toMatch(/waiting<\/th><td>4<\/td><td><svg.*<rect class="wait" x="0" width="320"/);
  expect(page).toContain('Nothing is known to be on without permission.');
});

test('a vendor: its tree, its notices and how they came', async () => {
  const unsigned = { key: null, scheme: null, message: null };
  await city.notify({ feature: 'acme.sent' }, { ...unsigned, channel: 'form', key: 'form-1' });
  await city.notify({ feature: 'acme.heard' }, { ...unsigned, channel: 'telephone', by: 'token:it', heardAt: city.now() });
  const page = await city.page('/vendors/acme');
  expect(page).toContain('<h1><bdi lang="und" dir="auto">Acme Cameras</bdi></h1>');
  expect(page).toContain('href="/changes/acme.search/1"');
  expect(page).not.toContain('other.portal');
  expect(page).toContain('signed (v1a)');
  const counts = /<dl class="nums">.*?<\/dl>/
    .exec(page)?.[0]
    .replaceAll(/<[^>]*>/g, ' ')
    .match(/\d+/g);
  expect(counts).toEqual(['4', '1', '1', '0', '0']);
  expect(page).toContain('href="/feed.atom"');
  expect((await city.get('/vendors/nobody')).status).toBe(200);
});

test.each(['/', '/numbers', '/vendors/acme', '/features/acme', '/changes/acme/1', '/calendar', '/rules', '/features/acme/proof'])(
  '%s is data, too',
  async (path) => {
    expect((await city.get(`${path}?format=csv`)).headers.get('content-type')).toMatch(/^text\/csv/);
    if (path !== '/features/acme/proof')
      expect((await city.get(`${path}?format=json`)).headers.get('content-type')).toMatch(/^application\/json/);
  },
);
