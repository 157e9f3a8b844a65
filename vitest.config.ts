import { defineConfig } from 'vitest/config';

/** They end what hangs, and are many times what a slow machine needs: a test waits for what it expects, not for a time. */
const [SHORT_MS, LONG_MS] = [120_000, 600_000];
/** How long `expect.poll` waits for what has to come. */
const COMING_MS = 120_000;

/**
 * Two projects that differ in their patience only: what waits for a browser, a server process or thousands of steps gets longer.
 * Two workers: the smallest machine this has to be quick on has two cores.
 */
export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    globalSetup: ['test/support/temporaryFolder.ts'],
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    expect: { poll: { timeout: COMING_MS } },
    teardownTimeout: SHORT_MS,
    coverage: { provider: 'v8', include: ['domain/**/*.ts', 'functions/**/*.ts', 'infra/{cli,local}/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          setupFiles: ['test/support/propertySeed.ts'],
          include: ['test/{house,domain,golden,properties}/**/*.test.ts'],
          testTimeout: SHORT_MS,
          hookTimeout: SHORT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'patient',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{house,domain,golden,properties,bench,prove}/**', '**/node_modules/**'],
          testTimeout: LONG_MS,
          hookTimeout: LONG_MS,
        },
      },
    ],
  },
});
