import { readFileSync } from 'node:fs';
import * as z from 'zod';

const File = z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) });
const Report = z.object({ testResults: z.array(File) });

// Usage: countTests.ts <exit codes of the checks and of each run of tests, with commas> <each run's JSON report of vitest>
const [codes = '', ...reports] = process.argv.slice(2);
const [checks = 1, ...runs] = codes.split(',').map(Number);

/** Returns nothing if the report is missing or incomplete. The exit codes then show the failure. */
const readReport = (report: string) => {
  try {
    return Report.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults;
  } catch {
    return [];
  }
};

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts the tests of a run. Neither an error outside of all tests nor a run that never began may pass for a success. */
const countOf = (report: string, exitCode: number): Count => {
  const files = readReport(report);
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (status: string) => statuses.filter((found) => found === status).length;
  // A file that could not even be loaded has no test that failed, yet it failed.
  const unloadable = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const failed = count('failed') + unloadable.length;
  const isUnsaid = failed === 0 && (exitCode !== 0 || statuses.length === 0);
  return {
    passed: count('passed'),
    failed: failed + (isUnsaid ? 1 : 0),
    skipped: statuses.length - count('passed') - count('failed'),
  };
};

const counts = reports.map((report, index) => countOf(report, runs[index] ?? 1));
const sum = (of: keyof Count) => counts.reduce((total, count) => total + count[of], 0);
const failed = sum('failed') + (checks === 0 ? 0 : 1) + (counts.length === 0 ? 1 : 0);

if (sum('skipped') > 0) console.log(`${sum('skipped')} not run, for want of a tool: see above`);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
