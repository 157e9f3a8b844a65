import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkImports } from '../support/importRules.ts';
import { textOf } from '../support/projectFiles.ts';

const FAULTS: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['domain-is-pure', 'domain/a.ts', 'node:fs'],
  ['domain-is-pure', 'domain/a.ts', '../functions/b.ts'],
  ['functions-know-no-setting', 'functions/web/api/a.ts', '../../../infra/local/b.ts'],
  ['platform-is-the-lowest-floor', 'functions/platform/a.ts', '../gate/b.ts'],
  ['gate-knows-no-floor-above', 'functions/gate/a.ts', '../register/b.ts'],
  ['gate-knows-no-floor-above', 'functions/gate/a.ts', '../log/sequencer/b.ts'],
  ['register-knows-no-floor-above', 'functions/register/a.ts', '../web/http/b.ts'],
  ['log-knows-no-reactions', 'functions/log/a.ts', '../reactions/notify/b.ts'],
  ['reactions-know-no-log', 'functions/reactions/notify/a.ts', '../../log/verify/b.ts'],
  ['web-knows-no-handlers', 'functions/web/api/a.ts', '../../handlers/runtime/b.ts'],
  ['handlers-know-no-handlers', 'functions/handlers/a.ts', './b.ts'],
  ['http-is-the-lowest-floor-of-web', 'functions/web/http/a.ts', '../site/b.ts'],
  ['routes-know-no-handlers', 'functions/web/routes/a.ts', '../api/b.ts'],
  ['log-of-web-knows-http-only', 'functions/web/log/a.ts', '../site/b.ts'],
  ['api-knows-no-site', 'functions/web/api/a.ts', '../site/b.ts'],
  ['site-knows-no-api', 'functions/web/site/a.ts', '../api/b.ts'],
  ['passkeys-know-no-api', 'functions/web/passkeys/a.ts', '../api/b.ts'],
  ['passkey-library-in-one-place', 'functions/log/verify/a.ts', '@simplewebauthn/server'],
  ['no-start-loads-what-few-need', 'functions/web/passkeys/a.ts', '@simplewebauthn/server'],
  ['kernel-knows-no-aggregate', 'domain/kernel/a.ts', '../policy/b.ts'],
  ['roster-knows-no-policy', 'domain/roster/a.ts', '../policy/b.ts'],
  ['policy-knows-no-feature', 'domain/policy/a.ts', '../feature/b.ts'],
  ['judge-shares-no-rule', 'domain/judge/a.ts', '../feature/decide.ts'],
  ['judge-shares-no-rule', 'domain/judge/a.ts', '../policy/threshold.ts'],
  ['judge-shares-no-rule', 'domain/judge/a.ts', '../roster/state.ts'],
  ['nothing-that-decides-knows-the-judge', 'domain/feature/a.ts', '../judge/b.ts'],
  ['vendors-and-log-know-the-kernel-only', 'domain/vendors/a.ts', '../policy/b.ts'],
  ['local-knows-no-cli', 'infra/local/a.ts', '../cli/b.ts'],
  ['settings-know-no-other-setting', 'infra/cli/a.ts', '../aws/b.ts'],
  ['product-knows-no-test', 'infra/local/a.ts', '../../test/b.ts'],
  ['resolvable-only', 'functions/a.ts', './nowhere.ts'],
];

describe('the rules find a planted fault', () => {
  let root = '';
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const plant = (files: Readonly<Record<string, string>>) => {
    root = mkdtempSync(join(tmpdir(), 'aldergate-imports-'));
    execFileSync('git', ['init', '--quiet', root]);
    for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };

  test('each of them among the others', async () => {
    // Each fault in a file of its own: `a.ts` and `b.ts` with its number in their names.
    const numbered = FAULTS.map(
      ([rule, from, to], n) => [rule, from.replace('a.ts', `a${n}.ts`), to.replace('b.ts', `b${n}.ts`)] as const,
    );
    const files = numbered.flatMap(([, from, to]) => {
      const importing = [from, `import { b } from '${to}';\nexport const a: number = b;\n`] as const;
      const isThere = to.startsWith('.') && !to.includes('nowhere');
      return isThere ? [importing, [join(dirname(from), to), 'export const b: number = 1;\n'] as const] : [importing];
    });
    plant(Object.fromEntries(files));
    const { violations, unread } = await checkImports(root);
    const found = new Set(violations.map((line) => line.split(' → ', 1)[0]));
    expect(numbered.filter(([rule, from]) => !found.has(`${rule}: ${from}`))).toEqual([]);
    expect(unread).toEqual([]);
  });

  test('a type alone counts as well', async () => {
    plant({
      'domain/a.ts': "import type { B } from '../functions/b.ts';\nexport const a = (b: B): B => b;\n",
      'functions/b.ts': 'export interface B { readonly c: number }\n',
    });
    expect((await checkImports(root)).violations).toEqual(['domain-is-pure: domain/a.ts → functions/b.ts']);
  });

  test('no-cycles', async () => {
    plant({
      'domain/a.ts': "import { b } from './b.ts';\nexport const a = (): number => b();\n",
      'domain/b.ts': "import { a } from './a.ts';\nexport const b = (): number => a();\n",
    });
    expect((await checkImports(root)).violations.join()).toContain('no-cycles');
  });

  test('a file that was not read is named', async () => {
    plant({
      'domain/a.ts': 'export const a = 1;\n',
      'coverage/x.ts': '',
      'test/bench/node_modules/x.ts': 'export const x = 1;\n',
    });
    expect((await checkImports(root)).unread).toEqual(['test/bench/node_modules/x.ts']);
  });
});

const loadedBy = (first: string): ReadonlySet<string> => {
  const loaded = new Set([first]);
  for (const path of loaded) {
    if (!path.endsWith('.ts')) continue;
    for (const [, from = ''] of textOf(path).matchAll(/^(?:(?:import|export) (?!type )|\} from )[^;]*?'([^'\n]+)';$/gm))
      loaded.add(from.startsWith('.') ? join(dirname(path), from) : from);
  }
  return loaded;
};

test('the server of one machine loads no AWS SDK, which costs a start a tenth of a second', () => {
  const loaded = [...loadedBy('infra/local/main.ts')];
  expect(loaded).toContain('functions/register/memoryIndex.ts');
  expect(loaded.filter((each) => each.startsWith('@aws-sdk/'))).toEqual([]);
});
