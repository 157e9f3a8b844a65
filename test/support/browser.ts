import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { type BrowserBinary, bundledChromium } from './bundledChromium.ts';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The sandbox does not start as root. Without GPU and without its software stand-in there is no graphics process whose late start
 * fails a screenshot (one in eighty did). The rest keeps the browser from talking to anyone but the page under test.
 */
export const launchArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-software-rasterizer',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Finds the browser for the tests: the one that `CHROMIUM_PATH` names, otherwise on Linux x64 the one in the npm package,
 * otherwise an installed one. Throws an error that names what to install if there is none.
 */
export const findBrowser = async (): Promise<BrowserBinary> => {
  const { CHROMIUM_PATH: chosen } = process.env;
  if (chosen !== undefined && chosen !== '') return { path: chosen, env: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return bundledChromium();
  const path = INSTALLED.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error('no Chromium or Chrome in the usual places');
  return { path, env: {} };
};

let kept: Promise<Browser> | undefined;

/** The browser of this process, which ends with it: open a context of it, and close that. */
export const sharedBrowser = (): Promise<Browser> => {
  kept ??= launchBrowser();
  return kept;
};

/** Starts a headless browser; the caller closes it. About 2 s the first time after `npm ci`, 0.3 s from then on. */
export const launchBrowser = async (): Promise<Browser> => {
  const { path, env } = await findBrowser();
  return chromium.launch({ executablePath: path, headless: true, args: [...launchArguments], env: { ...process.env, ...env } });
};
