import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEATURE_REJECTIONS } from '../../../domain/feature/commands.ts';

test('every reason to refuse a command of a feature has a specification', () => {
  const specifications = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('rejections'))
    .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
    .join('\n');
  expect(FEATURE_REJECTIONS.filter((code) => !specifications.includes(`'${code}'`))).toStrictEqual([]);
});
