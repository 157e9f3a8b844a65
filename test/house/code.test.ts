import { dirname, join } from 'node:path';
import { type ModuleItem, parseSync } from '@swc/core';
import { expect, test } from 'vitest';
import { projectFiles, sourceFiles, textOf } from '../support/projectFiles.ts';

const EXPORT = /^export (?:declare )?(?:async )?(?:abstract )?(?:const|function|class|interface|type|enum) (\w+)/gm;

/**
 * The judge states every rule of the domain a second time and shares none with the deciders, so it uses the same terms: a name
 * can stand once there and once in the rest of the domain.
 */
const inJudge = (path: string) => path.startsWith('domain/judge/');
const isSecondStatement = (paths: ReadonlySet<string>) =>
  paths.size === 2 && [...paths].every((path) => path.startsWith('domain/')) && [...paths].filter(inJudge).length === 1;

/** Lambda calls the export `handler` of each file in functions/handlers, so the name is not free. */
const GIVEN = new Set(['handler']);

test('no exported name stands for two things', () => {
  const files = sourceFiles().filter((path) => !path.startsWith('test/'));
  const places = new Map<string, Set<string>>();
  for (const path of files)
    for (const [, name = ''] of textOf(path).matchAll(EXPORT)) places.set(name, (places.get(name) ?? new Set()).add(path));
  const twice = [...places].filter(([name, paths]) => paths.size > 1 && !GIVEN.has(name) && !isSecondStatement(paths));
  expect(places.size).toBeGreaterThan(1_500);
  expect(twice.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toStrictEqual([]);
});

const FOLDERS = ['.ci', 'docs', 'domain', 'functions', 'infra', 'test'];
const LINES_MAX = 600;

const linesOf = (path: string) => textOf(path).trimEnd().split('\n').length;

test('the top level shows the concepts and nothing else', () => {
  const folders = projectFiles().flatMap((path) => (path.includes('/') ? path.split('/', 1) : []));
  expect(FOLDERS).toEqual(expect.arrayContaining([...new Set(folders)]));
});

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => linesOf(path) > LINES_MAX)).toEqual([]);
});

test('no line of a comment is longer than 140 characters', () => {
  const long = sourceFiles().flatMap((path) => textOf(path).match(/^ *(?:\/\*\*?|\*|\/\/) .{140,}/gm) ?? []);
  expect(long).toEqual([]);
});

const IMPURE = [
  /\bDate\.now\b/,
  /\bnew Date\b(?!\s*\(\s*[^)\s])/,
  /(?<!new )\bDate\(/,
  /\bTemporal\.Now\b/,
  /\bMath\.random\b/,
  /\brandom(?:UUID|Bytes|Int)\b/,
  /\bgetRandomValues\b/,
  /\bprocess\b(?=[.[])/,
  /\bperformance\.now\b/,
  /\bset(?:Timeout|Interval|Immediate)\(/,
  /\bfetch\(/,
  /\bconsole\./,
  /\bimport\.meta\b/,
  /\bimport\(/,
  /\bglobalThis\b/,
  /\bIntl\.DateTimeFormat\(\s*\)/,
];
const CRYPTO_ALLOWED = [
  'createHash',
  'hash',
  'createHmac',
  'createSecretKey',
  'timingSafeEqual',
  'verify',
  'createPublicKey',
  'type KeyObject',
  'KeyObject',
];
const CRYPTO_IMPORT = /import (?:type )?(?<what>[^;]*?) from '(?:node:)?crypto'/g;

const withoutComments = (source: string) =>
  source.replaceAll(/(?<text>'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*/g, '$<text>');

const impurities = (source: string): readonly string[] => {
  const code = withoutComments(source);
  const crypto = [...code.matchAll(CRYPTO_IMPORT)].flatMap(({ groups }) => groups?.what?.split(/[{},]/) ?? []);
  return [
    ...IMPURE.filter((pattern) => pattern.test(code)).map(String),
    ...crypto.map((name) => name.trim()).filter((name) => name !== '' && !CRYPTO_ALLOWED.includes(name)),
  ];
};

test('the domain has no clock, no chance and no surroundings', () => {
  const files = sourceFiles().filter((path) => path.startsWith('domain/'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((path) => impurities(textOf(path)).length > 0)).toEqual([]);
});

test.each([
  'const at = Date.now();',
  'const at = new Date();',
  'const at = new Date;',
  'const at = Date();',
  'const id = crypto.randomUUID();',
  'const chance = Math.random() < 0.5;',
  'const zone = process.env.TZ;',
  "import { createHash, sign } from 'node:crypto';",
  "import * as crypto from 'node:crypto';",
  "const page = await fetch('https://example.org');",
])('a clock, chance or surroundings are found in %s', (source) => expect(impurities(source)).not.toEqual([]));

test.each([
  'const at = new Date(ms).toISOString();',
  '// never Date.now() here',
  '/** Not `new Date()`: time is an argument. */',
  "import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';",
  "const url = 'https://example.org'; const processed = reprocess(event);",
])('none are found in %s', (source) => expect(impurities(source)).toEqual([]));

// `sideEffects: false` in package.json lets a bundle leave out each module of which it uses no export. That is right only while no module
// is imported for what it does when it is loaded.

const STATEMENTS_WITHOUT_EFFECT = new Set([
  'ImportDeclaration',
  'ExportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclaration',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
]);

const itemsOf = (source: string): readonly ModuleItem[] => parseSync(source, { syntax: 'typescript', target: 'es2024' }).body;

const hasEffect = (item: ModuleItem) => {
  if (item.type === 'IfStatement') return !(item.test.type === 'MemberExpression' && item.test.object.type === 'MetaProperty');
  const declared = item.type === 'ExportDeclaration' ? item.declaration : item;
  if (declared.type === 'VariableDeclaration') return declared.declarations.some(({ init }) => init?.type === 'AwaitExpression');
  if (declared.type === 'ClassDeclaration') return declared.body.some(({ type }) => type === 'StaticBlock');
  return !STATEMENTS_WITHOUT_EFFECT.has(item.type);
};

const importedForEffect = (items: readonly ModuleItem[]): readonly string[] =>
  items.flatMap((item) => (item.type === 'ImportDeclaration' && item.specifiers.length === 0 ? [item.source.value] : []));

const takenFrom = (items: readonly ModuleItem[]): readonly string[] =>
  items.flatMap((item) => {
    if (item.type === 'ImportDeclaration') return item.typeOnly ? [] : [item.source.value];
    return item.type === 'ExportNamedDeclaration' || item.type === 'ExportAllDeclaration' ? [item.source?.value ?? ''] : [];
  });

test.each([
  'start();',
  'await start();',
  'if (ready) start();',
  'globalThis.ready = true;',
  'for (const each of all) each();',
  'const started = await start();',
  'export const started = await start();',
  'class Started { static { start(); } }',
])('an effect is found in %s', (source) => expect(itemsOf(source).some(hasEffect)).toBe(true));

test.each([
  'const known = new Map();',
  'if (import.meta.main) start();',
  'export class Fine { go() { start(); } }',
  "import * as z from 'zod';",
])('none is found in %s', (source) => expect(itemsOf(source).some(hasEffect)).toBe(false));

test('no module is imported for what it does when it is loaded', () => {
  const files = sourceFiles().filter((path) => !path.startsWith('test/'));
  const modules = files.map((path) => ({ path, items: itemsOf(textOf(path)) }));
  expect(modules.flatMap(({ path, items }) => importedForEffect(items).map((source) => `${path}: ${source}`))).toEqual([]);
  const programs = new Set(modules.flatMap(({ path, items }) => (items.some(hasEffect) ? [path] : [])));
  expect(programs).toContain('infra/local/main.ts');
  const used = modules.flatMap(({ path, items }) =>
    takenFrom(items).flatMap((source) => (programs.has(join(dirname(path), source)) ? [`${path}: ${source}`] : [])),
  );
  expect(used, 'a module with an effect is a program, which no other imports').toEqual([]);
});
