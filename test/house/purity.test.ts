import { describe, expect, test } from 'vitest';
import { sourceFiles, textOf } from '../support/projectFiles.ts';

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

const withoutComments = (source: string): string =>
  source.replaceAll(/(?<text>'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*/g, '$<text>');

const impurities = (source: string): readonly string[] => {
  const code = withoutComments(source);
  const crypto = [...code.matchAll(CRYPTO_IMPORT)].flatMap(({ groups }) => groups?.what?.split(/[{},]/) ?? []);
  return [
    ...IMPURE.filter((pattern) => pattern.test(code)).map(String),
    ...crypto.map((name) => name.trim()).filter((name) => name !== '' && !CRYPTO_ALLOWED.includes(name)),
  ];
};

describe('the domain has no clock, no chance and no surroundings', () => {
  const files = sourceFiles().filter((path) => path.startsWith('domain/'));

  test('there are files to judge', () => expect(files.length).toBeGreaterThan(0));

  test.each(files)('%s', (path) => expect(impurities(textOf(path))).toEqual([]));
});

describe('the judge', () => {
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
  ])('finds fault with %s', (source) => expect(impurities(source)).not.toEqual([]));

  test.each([
    'const at = new Date(ms).toISOString();',
    'const at = Date.parse(text);',
    '// never Date.now() here',
    '/** Not `new Date()`: time is an argument. */',
    "import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';",
    "const url = 'https://example.org'; const next = 1;",
    'const processed = reprocess(event);',
  ])('has nothing against %s', (source) => expect(impurities(source)).toEqual([]));
});
