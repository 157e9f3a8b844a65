import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { freePort } from '../../infra/demo/city.ts';
import { everyPage } from '../browser/matrix/pages.ts';
import { findBrowser, launchArguments } from '../support/browser.ts';

/** Lighthouse stands in the package of the benchmarks, so that nobody else has to install it: `npm ci --prefix test/bench`. */
const BENCH = join(import.meta.dirname, '../bench/package.json');

const Result = z.object({
  lhr: z.object({
    categories: z.record(z.string(), z.object({ score: z.number() })),
    audits: z.record(z.string(), z.object({ title: z.string(), score: z.number().nullable() })),
  }),
});

type Lighthouse = (url: string, flags: object) => Promise<unknown>;

const loadLighthouse = async () => {
  try {
    const path = createRequire(BENCH).resolve('lighthouse');
    return (await import(pathToFileURL(path).href)).default as Lighthouse;
  } catch (error) {
    throw new Error('Lighthouse is not installed: npm ci --prefix test/bench', { cause: error });
  }
};

let browser: Browser;
let port: number;
let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  port = await freePort();
  const { path, env } = await findBrowser();
  const args = [...launchArguments, `--remote-debugging-port=${port}`];
  const launched = chromium.launch({ executablePath: path, headless: true, args, env: { ...process.env, ...env } });
  [browser, installation] = await Promise.all([launched, everyPage()]);
});
afterAll(async () => {
  await browser?.close();
  await installation?.close();
});

test.each(['register', 'feature on', 'change waiting', 'to sign', 'to certify', 'calendar', 'check'])(
  '%s is as good as a page can be',
  async (name) => {
    const address = installation.pages.find((page) => page.name === name)?.address ?? '';
    const lighthouse = await loadLighthouse();
    const onlyCategories = ['performance', 'accessibility', 'best-practices'];
    const run = async () =>
      Result.parse(await lighthouse(address, { port, output: 'json', logLevel: 'error', onlyCategories })).lhr;
    // A page without scripts blocks nothing; what a busy machine adds to its time is not the page's. The best of three counts.
    let lhr = await run();
    for (let time = 1; time < 3 && (lhr.categories['performance']?.score ?? 0) < 0.95; time += 1) lhr = await run();
    const short = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 0.9);
    const told = short.map(({ title, score }) => `${title}: ${score}`).join('\n');
    console.log(name, Object.fromEntries(Object.entries(lhr.categories).map(([category, { score }]) => [category, score])), told);
    expect(lhr.categories['accessibility']?.score, told).toBe(1);
    expect(lhr.categories['best-practices']?.score, told).toBe(1);
    expect(lhr.categories['performance']?.score, told).toBeGreaterThanOrEqual(0.95);
  },
);
