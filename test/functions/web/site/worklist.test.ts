import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Evaluation } from '../../../../domain/feature/evaluate.ts';
import type { Notice } from '../../../../domain/feature/notice.ts';
import { endToken } from '../../../../functions/gate/tokens.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { judge } from '../../../../functions/web/site/official/worklist/tasks.ts';
import { type City, certificate, decision, openCity } from './support/city.ts';

let city: City;
let token: string;
beforeEach(async () => {
  city = await openCity();
  token = (await createToken(city.ports, { name: 'it', scopes: ['state:read'] })).token;
});
afterEach(() => city.close());

const approve = async (change: Partial<Notice> = {}, terms: Record<string, string> = {}) => {
  const received = await city.notify(change);
  const [clerk, mayor] = [await city.link('clerk', 'council', received), await city.link('mayor', 'mayor', received)];
  expect((await city.post(clerk, certificate(received, { meetingDate: city.now().slice(0, 10), ...terms }))).status).toBe(303);
  const page = await city.page(mayor);
  const until = /name="until" value="([^"]+)"/.exec(page)?.[1];
  expect((await city.post(mayor, decision(received, { ...terms, ...(until !== undefined && { until }) }))).status).toBe(303);
  return { received, clerk, mayor };
};

interface Told {
  readonly items: readonly {
    action: string;
    urgent: boolean;
    key: string;
    status: string;
    by: { name: string; fileNumber: string | null }[];
  }[];
  readonly settled: number;
}
const worklist = async (): Promise<Told> =>
  (await (await city.get('/worklist?format=json', { authorization: `Bearer ${token}` })).json()) as Told;
const brief = async (): Promise<readonly string[]> =>
  (await worklist()).items.map(({ action, urgent, key, status }) => `${action}${urgent ? '!' : ''} ${key} ${status}`);

describe('what is to be done', () => {
  test('what was approved may go on, with whose decision', async () => {
    await approve();
    const { items } = await worklist();
    expect(items).toMatchObject([
      {
        action: 'on',
        key: 'acme',
        status: 'enabled',
        by: [{ name: 'City Council', fileNumber: '26-0412' }, { name: 'The Mayor' }],
      },
    ]);
  });

  test('what ended comes first, then what may go on', async () => {
    await approve();
    const lpr = await approve({ feature: 'acme.lpr' });
    await approve({ feature: 'acme.zoom' });
    await city.notify({ feature: 'acme.share' });
    city.passDays(1);
    await city.post(`${lpr.mayor}/revoke`, { reason: 'x' });
    expect(await brief()).toEqual(['off acme.lpr revoked', 'on acme enabled', 'on acme.zoom enabled']);
  });
});

describe('as CSV and as a page', () => {
  test('a command to copy that ticks off what is done', async () => {
    await approve();
    const page = await city.page('/worklist', { authorization: `Bearer ${token}` });
    expect(page).toContain('&quot;features&quot;: {&quot;acme&quot;: true}');
    expect(page.indexOf('Switch off first')).toBeLessThan(page.indexOf('May go on'));
    expect(page).not.toContain(token);
  });
});

describe('a list that is longer than a page', () => {
  const asked = async (query: string) => city.get(`/worklist?${query}`, { authorization: `Bearer ${token}` });

  test('JSON leads on, from what must be off to what may be on, each task once; CSV names the next part in a header', async () => {
    await approve();
    await approve({ feature: 'acme.zoom' });
    for (const name of ['a', 'b', 'c']) await approve({ feature: `acme.${name}` });
    const whole = await brief();
    expect(whole).toEqual(['acme', 'acme.a', 'acme.b', 'acme.c', 'acme.zoom'].map((key) => `on ${key} enabled`));
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const page = (await (await asked(`format=json&limit=2${cursor}`)).json()) as Told & { readonly next: string | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      found.push(...page.items.map(({ key }) => key));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(found).toEqual(whole.map((line) => line.split(' ')[1]));
    const first = await asked('format=csv&limit=4');
    const [, next = ''] = /^<(\/worklist\?[^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    const rest = await city.get(next, { authorization: `Bearer ${token}` });
    expect((await rest.text()).split('\r\n')).toHaveLength(3);
    expect(rest.headers.get('link')).toBeNull();
    expect((await asked('format=json&cursor=!')).status).toBe(400);
    expect((await asked('format=json&limit=0')).status).toBe(400);
  });

  test('the page goes on by its own form, which takes the token again', async () => {
    const names = Array.from({ length: 51 }, (_, n) => `acme.s${String(n).padStart(2, '0')}`);
    await approve();
    for (const feature of names) await approve({ feature });
    const page = await (await asked('')).text();
    expect(names.filter((key) => page.includes(`<code>${key}</code>`))).toEqual(names.slice(0, 49));
    const [, cursor = ''] = /<input type="hidden" name="cursor" value="([^"]+)">/.exec(page) ?? [];
    const rest = await (await city.post('/worklist', { token, cursor }, { accept: 'text/html' })).text();
    expect(names.filter((key) => rest.includes(`<code>${key}</code>`))).toEqual(names.slice(49));
    expect(rest).not.toContain('name="cursor"');
    const strange = await city.post('/worklist', { token, cursor, limit: '5' });
    expect([strange.status, await strange.json()]).toMatchObject([422, { errors: [{ pointer: '/limit' }] }]);
  });
});

describe('who may see it', () => {
  const signIn = (sent: string, headers: Record<string, string> = {}) =>
    city.post('/worklist', { token: sent }, { accept: 'text/html', ...headers });

  test('a browser is asked for a token, which is in no address, no cookie and on no page', async () => {
    const asked = await city.get('/worklist');
    expect([asked.status, asked.headers.get('www-authenticate')?.startsWith('Bearer')]).toEqual([401, true]);
    const form = await asked.text();
    expect(form).toMatch(/<input type="password" id="token" name="token" required/);
    expect(form).not.toContain('This token');
    const shown = await signIn(token);
    expect(shown.status).toBe(200);
    expect(shown.headers.get('set-cookie')).toBeNull();
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(shown.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(await shown.text()).not.toContain(token);
  });

  test('a token that is missing, misspelt, of another scope or revoked', async () => {
    const other = await createToken(city.ports, { name: 'probe', scopes: ['observe'] });
    expect([(await signIn('')).status, (await signIn('ald_x')).status, (await signIn(other.token)).status]).toEqual([
      401, 401, 403,
    ]);
    expect(await (await signIn(other.token)).text()).toContain('This token may not read the state.');
    expect((await city.get('/worklist?format=json', { accept: 'application/json' })).status).toBe(401);
    const ended = await createToken(city.ports, { name: 'gone', scopes: ['state:read'] });
    await endToken(city.ports, ended.id);
    expect((await city.get('/worklist?format=json', { 'x-api-key': ended.token, accept: 'application/json' })).status).toBe(401);
  });
});

describe('what was allowed and ended', () => {
  const since = '2026-03-08T12:00:00.000Z';
  const evaluation = { variant: 'revoked' } as Evaluation;
  const seenOff = (observedAt: string) => ({ on: false, observedAt, source: 'round' });
  test.each([
    ['nobody looked', null, 'off'],
    ['seen off before it ended', seenOff('2026-03-08T11:59:59.999Z'), 'off'],
    ['seen off in the very instant', seenOff(since), 'settled'],
    ['seen on', { ...seenOff(since), on: true }, 'off-urgent'],
  ] as const)('%s', (_, seen, verdict) => {
    expect(judge({ evaluation, seen, since, lostAncestor: false })).toBe(verdict);
  });
});
