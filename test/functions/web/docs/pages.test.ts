import { describe, expect, test, vi } from 'vitest';
import { eventSchemas } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../../functions/web/docs/app.ts';
import { PAGES } from '../../../../functions/web/docs/pages.ts';
import { TAGS } from '../../../../functions/web/routes/route.ts';
import { STYLE } from '../../../../functions/web/site/assets.ts';

const URL_OF_GATE = 'https://gate.example';
/** With the stylesheet; the longest texts are the Spanish ones. */
const WEIGHT_MAX = 60 * 1024;
const document = openApiDocument(URL_OF_GATE);
const ports = {
  url: URL_OF_GATE,
  zone: 'America/Denver',
  clock: () => '2026-03-02T12:00:00.000Z',
  city: { name: 'Springfield', contact: undefined },
};
const app = docsApp({ ports, logger: () => {}, document: () => document });
const paths = PAGES.map((page) => (page === '' ? '/docs' : `/docs/${page}`));

const page = async (path: string, init?: RequestInit) => {
  const response = await app.request(`${URL_OF_GATE}${path}`, { headers: { accept: 'text/html' }, ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const skeleton = (text: string) => [...text.matchAll(/<(\/?[a-z0-9]+)/g)].map(([, tag = '']) => tag);

describe.each(paths)('%s', (path) => {
  // Its headers are looked at with those of all pages in test/browser/matrix.test.ts.
  test('is small and careful', async () => {
    const { status, text } = await page(path);
    expect(status).toBe(200);
    const { text: longest } = await page(`${path}?lang=es`);
    expect(Buffer.byteLength(longest) + Buffer.byteLength(STYLE)).toBeLessThan(WEIGHT_MAX);
    expect(text).not.toMatch(/<script|style=|undefined/i);
  });

  test('has the same content in Spanish', async () => {
    const [english, spanish] = [await page(`${path}?lang=en`), await page(`${path}?lang=es`)];
    expect(spanish.headers.get('content-language')).toBe('es');
    const plain = (text: string) => skeleton(text.replaceAll(/<span lang="en">(.*?)<\/span>/g, '$1'));
    expect(plain(spanish.text)).toStrictEqual(plain(english.text));
  });
});

test('every operation of the description stands on one page, with all that it may answer', async () => {
  const texts = await Promise.all(TAGS.map(async (group) => (await page(`/docs/${group}`)).text));
  const operations = Object.values(document['paths'] as Record<string, Record<string, { operationId: string }>>).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(operations.length).toBeGreaterThan(20);
  for (const id of operations) {
    const [text = '', ...more] = texts.filter((each) => each.includes(`<h2 id="${id}">`));
    expect(more, id).toEqual([]);
    const section = text.slice(text.indexOf(`<h2 id="${id}">`)).split('</section>')[0] ?? '';
    const [, home = '', shape] = /: <a href="(?:\/docs\/(\w+))?#(\w+)">/.exec(section) ?? [];
    const where = home === '' ? text : (texts[(TAGS as readonly string[]).indexOf(home)] ?? '');
    const shown = shape === undefined ? section : where.slice(where.indexOf(`<h2 id="${shape}">`));
    expect(shown, id).toMatch(/<pre class="program"[^>]*><code>\{|<li><code>200<\/code>/);
  }
});

test('a link to a shape leads to a heading of the page or of another one, and no large shape stands on two', async () => {
  const texts = new Map(
    await Promise.all(TAGS.map(async (group) => [group as string, (await page(`/docs/${group}?lang=en`)).text] as const)),
  );
  const away: string[] = [];
  for (const [group, text] of texts)
    for (const [, home = group, id = ''] of text.matchAll(/<a href="(?:\/docs\/(\w+)\?lang=en)?#([^"]+)"/g)) {
      if (home !== group) away.push(`${group} ${id}`);
      if (id !== 'main') expect(texts.get(home), `${group} ${id}`).toContain(`<h2 id="${id}">`);
    }
  expect(away).toEqual(expect.arrayContaining(['vendors Change', 'observations Change']));
  expect([...texts.values()].filter((text) => text.includes('withdrawn') && text.includes('<h2 id="Change">'))).toHaveLength(1);
});

test('a page that is not there is a problem, as a page for people', async () => {
  expect((await page('/docs/nothing')).text).toContain('<h1>');
  expect((await page('/docs/nothing')).status).toBe(404);
  const problem = await page('/docs/nothing', { headers: { accept: 'application/json' } });
  expect([problem.status, problem.headers.get('content-type')]).toStrictEqual([404, 'application/problem+json']);
});

test('the schema of events is served whole', async () => {
  const response = await app.request(`${URL_OF_GATE}/events.schema.json`);
  expect(response.status).toBe(200);
  expect(await response.json()).toStrictEqual(JSON.parse(JSON.stringify(eventSchemas())));
});

test('only what shows the description makes it, and once', async () => {
  const made = vi.fn(() => document);
  const counted = docsApp({ ports, logger: () => {}, document: made });
  for (const path of ['/docs', '/docs/fail-closed']) expect((await counted.request(path)).status).toBe(200);
  expect(made).not.toHaveBeenCalled();
  for (const path of ['/docs/it', '/openapi.json', '/docs/vendors']) await counted.request(path, { method: 'HEAD' });
  expect(made).toHaveBeenCalledOnce();
});

test('the description itself is read with GET and HEAD', async () => {
  expect(await (await app.request(`${URL_OF_GATE}/openapi.json`)).json()).toStrictEqual(JSON.parse(JSON.stringify(document)));
  const head = await app.request(`${URL_OF_GATE}/openapi.json`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toStrictEqual([200, '']);
  const wrong = await app.request(`${URL_OF_GATE}/openapi.json`, { method: 'POST' });
  expect([wrong.status, wrong.headers.get('allow')]).toStrictEqual([405, 'GET, HEAD']);
});
