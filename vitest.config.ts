import { defineConfig } from 'vitest/config';

const SHORT_MS = 20_000;
const BROWSER_MS = 90_000;

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
          testTimeout: BROWSER_MS,
          hookTimeout: BROWSER_MS,
        },
      },
    ],
  },
});
