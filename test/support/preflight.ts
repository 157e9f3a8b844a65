import { launchBrowser } from './browser.ts';

const HINT =
  'install Chromium or Chrome (Debian: apt-get install -y --no-install-recommends chromium) or name one in CHROMIUM_PATH';

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');

// Reports a browser that cannot start in one line, before a hundred tests report it in a thousand.
try {
  await (await launchBrowser()).close();
} catch (error) {
  console.error(`Missing: a browser that starts (${firstLine(error)}); ${HINT}.`);
  process.exitCode = 1;
}
