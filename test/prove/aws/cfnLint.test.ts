import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CONTEXTS, stacksOf, templates } from '../../infra/aws/support/templates.ts';

const isInstalled = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'cfn-lint')));
const missing = isInstalled ? undefined : 'AWS’s own linter of templates is missing: pip install cfn-lint';
if (missing !== undefined) console.warn(`SKIPPED: ${missing}`);

/** The CDK lets each function depend on its role, which the reference to the role does already. */
const BESIDE_THE_POINT = ['W3005'];

describe.skipIf(missing !== undefined)(missing ?? 'AWS’s own linter', () => {
  test('finds nothing in any template', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aldergate-lint-'));
    const files = Object.values(CONTEXTS).flatMap((change, stage) =>
      [...stacksOf(templates(change))].flatMap(([name, template]) => {
        // A lean stage has no firewall: that stack is empty and not deployed.
        if (Object.keys(template.Resources).length === 0) return [];
        const file = join(folder, `${stage}-${name}.json`);
        writeFileSync(file, JSON.stringify(template));
        return [file];
      }),
    );
    expect(files.length).toBeGreaterThanOrEqual(Object.keys(CONTEXTS).length * 3);
    const options = ['--format', 'parseable', '--regions', 'us-west-2', 'us-east-1', '--ignore-checks', ...BESIDE_THE_POINT];
    const found = await promisify(execFile)('cfn-lint', [...options, '--', ...files]).catch(
      ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => ({ stdout: `${stdout}${stderr}` }),
    );
    expect(found.stdout).toBe('');
    rmSync(folder, { recursive: true });
  });
});
