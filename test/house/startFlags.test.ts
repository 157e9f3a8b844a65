import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

/** Returns what a text sets for V8 and for the allocator, in alphabetical order. */
const optionsIn = (text: string): readonly string[] => (text.match(/--[a-z-]+=\d+(?=.* infra)|MALLOC_[A-Z_]+=\d+/g) ?? []).sort();

test('the systemd unit starts the server with the flags and the settings of npm start', () => {
  const options = optionsIn(textOf('package.json'));
  expect(options).toHaveLength(4);
  expect(optionsIn(textOf('docs/aldergate.service'))).toEqual(options);
  // Each in a place where only who can alter the program, or is it, can write.
  expect(textOf('package.json')).toContain('NODE_COMPILE_CACHE=node_modules/.cache/compiled ');
  expect(textOf('docs/aldergate.service')).toContain('NODE_COMPILE_CACHE=/var/cache/aldergate\nCacheDirectory=aldergate\n');
});
