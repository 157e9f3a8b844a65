import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { CITY } from './support/deployment.ts';
import { templates } from './support/templates.ts';

const isInstalled = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'cfn-lint')));
const missing = isInstalled ? undefined : 'AWS’s own linter of templates is missing: pip install cfn-lint';
if (missing !== undefined) console.warn(`SKIPPED: ${missing}`);

/** The CDK lets each function depend on its role, which the reference to the role does already. */
const BESIDE_THE_POINT = ['W3005'];

/** As few stages as have every kind of resource. */
const STAGES = {
  plain: {},
  furnished: { ...CITY, logKey: '2', busReaders: '222233334444', alarmEmail: 'it@city.example', itMail: 'it@city.example' },
};

describe.skipIf(missing !== undefined)(missing ?? 'AWS’s own linter', () => {
  test('finds nothing in any template', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aldergate-lint-'));
    const files = Object.entries(STAGES).flatMap(([stage, change]) =>
      Object.entries(templates(change)).flatMap(([name, template]: readonly [string, Template | boolean | undefined]) => {
        if (typeof template !== 'object') return [];
        const file = join(folder, `${stage}-${name}.json`);
        writeFileSync(file, JSON.stringify(template.toJSON()));
        return [file];
      }),
    );
    expect(files.length).toBeGreaterThanOrEqual(2 * 4);
    const options = ['--format', 'parseable', '--regions', 'us-west-2', 'us-east-1', '--ignore-checks', ...BESIDE_THE_POINT];
    const found = await promisify(execFile)('cfn-lint', [...options, '--', ...files]).catch(
      ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => ({ stdout: `${stdout}${stderr}` }),
    );
    expect(found.stdout).toBe('');
    rmSync(folder, { recursive: true });
  });
});
