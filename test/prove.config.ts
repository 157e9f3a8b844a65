import { defineConfig } from 'vitest/config';

const HOUR_MS = 3_600_000;

/** The long proofs, one at a time: they measure and race, so nothing else may compete for the machine. */
export default defineConfig({
  test: {
    environment: 'node',
    root: new URL('..', import.meta.url).pathname,
    include: ['test/prove/**/*.test.ts'],
    pool: 'forks',
    globalSetup: ['test/support/temporaryFolder.ts'],
    maxWorkers: 1,
    fileParallelism: false,
    restoreMocks: true,
    unstubEnvs: true,
    expect: { poll: { timeout: 120_000 } },
    testTimeout: HOUR_MS,
    hookTimeout: HOUR_MS,
  },
});
