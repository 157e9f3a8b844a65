import { dirname, join } from 'node:path';
import { type ModuleItem, parseSync } from '@swc/core';
import { expect, test } from 'vitest';
import { sourceFiles, textOf } from '../support/projectFiles.ts';

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

const hasEffect = (item: ModuleItem): boolean => {
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
