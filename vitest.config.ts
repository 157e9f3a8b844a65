import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They end what hangs, and are many times what a slow machine needs: a test waits for what it expects, not for a time. */
const [SHORT_MS, LONG_MS] = [120_000, 600_000];
/** How long `expect.poll` waits for what has to come. */
const COMING_MS = 120_000;

/**
 * What sets something for its whole process: a module that stands in for another, a clock, the variables of Lambda. Everything else
 * shares a process with files before and after it, which loads what they import once.
 */
const ALONE = ['test/functions/web/api/unsigned.test.ts', 'test/infra/aws/faults/*.test.ts'];

/** A world that takes a while to make, or a browser: begun last, one of them would run on alone while the other core has nothing to do. */
const LONG = /\/test\/(?:browser|infra\/aws)\//u;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Twice as many as the smallest machine this has to be quick on has cores: a server, a browser or a lapse of time is often waited for. */
export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    globalSetup: ['test/support/temporaryFolder.ts'],
    setupFiles: ['test/support/propertySeed.ts'],
    maxWorkers: 4,
    sequence: { sequencer: LongOnesFirst },
    restoreMocks: true,
    unstubEnvs: true,
    expect: { poll: { timeout: COMING_MS } },
    testTimeout: LONG_MS,
    hookTimeout: LONG_MS,
    teardownTimeout: SHORT_MS,
    coverage: { provider: 'v8', include: ['domain/**/*.ts', 'functions/**/*.ts', 'infra/{cli,local}/**/*.ts'] },
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, 'test/{bench,prove}/**', '**/node_modules/**'],
          isolate: false,
        },
      },
    ],
  },
});
