import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeViolations } from './axe.ts';
import { launchBrowser } from './browser.ts';

const PAGES: Record<string, string> = {
  '/': '<main><h1>Before</h1><form action="/after"><button>Go on</button></form></main>',
  '/after': '<main><h1>After</h1><p>Done.</p></main>',
  '/faulty': '<main><h1>Faulty</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input type="text"></main>',
};

describe('the browser of the tests', () => {
  let browser: Browser;
  let server: Server;
  let address = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const body = PAGES[new URL(request.url ?? '/', 'http://localhost').pathname] ?? '';
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('content-security-policy', "default-src 'none'; img-src data:");
      response.end(`<!doctype html><html lang="en"><title>A page</title>${body}</html>`);
    }).listen(0, '127.0.0.1');
    browser = await launchBrowser();
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const openPage = async (path: string) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${address}${path}`);
    return page;
  };

  test('opens a page, draws it and follows a click', async () => {
    const page = await openPage('/');
    const before = await page.screenshot();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/after*');
    expect(await page.getByRole('heading').textContent()).toBe('After');
    expect((await page.screenshot()).equals(before)).toBe(false);
  });

  test('axe accepts a good page and names what is wrong with a bad one', async () => {
    expect(await axeViolations(await openPage('/'))).toEqual([]);
    const found = await axeViolations(await openPage('/faulty'));
    expect(new Set(found.map((line) => line.split(' ', 1)[0]))).toEqual(new Set(['image-alt', 'label']));
    expect(found).toHaveLength(2);
  });
});
