import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const START = /node (--.+ infra\/local\/main\.ts)/;

const commandIn = (file: string): string | undefined => START.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1];

test('the systemd unit starts the server with the flags of npm start', () => {
  expect(commandIn('docs/aldergate.service')).toBeDefined();
  expect(commandIn('docs/aldergate.service')).toBe(commandIn('package.json'));
});
