import { readFileSync } from 'node:fs';
import * as z from 'zod';

const File = z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) });
const Report = z.object({ testResults: z.array(File) });

// Usage: countTests.ts <vitest's JSON report> <exit code of the checks> <exit code of the tests>
const [report = '', ...exitCodes] = process.argv.slice(2);
const [checks = 1, tests = 1] = exitCodes.map(Number);

/** Returns nothing if the report is missing or incomplete. The exit codes then show the failure. */
const readReport = (): z.infer<typeof Report>['testResults'] => {
  try {
    return Report.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults;
  } catch {
    return [];
  }
};

const files = readReport();
const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
const count = (status: string): number => statuses.filter((found) => found === status).length;

const passed = count('passed');
const skipped = statuses.length - passed - count('failed');
// A file that could not even be loaded has no test that failed, yet it failed.
const unloadable = files.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
);
const failedTests = count('failed') + unloadable.length;
// Neither an error outside of all tests nor a run that never began may pass for a success.
const failed =
  failedTests +
  (tests !== 0 && failedTests === 0 ? 1 : 0) +
  (checks === 0 ? 0 : 1) +
  (statuses.length === 0 && tests === 0 ? 1 : 0);

if (skipped > 0) console.log(`${skipped} not run, for want of a tool: see above`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
