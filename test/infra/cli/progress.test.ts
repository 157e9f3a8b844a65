import { expect, test, vi } from 'vitest';
import { progressOn } from '../../../infra/cli/usage.ts';

const written = (isTTY: boolean): string => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(500);
  let text = '';
  const write = (chunk: string): boolean => {
    text += chunk;
    return true;
  };
  const stderr = { isTTY, write } as unknown as NodeJS.WriteStream;
  const shown = progressOn(stderr, 'import');
  now.mockReturnValue(1_400);
  shown.tick(1, 4);
  now.mockReturnValue(1_600);
  shown.tick(3, 4);
  shown.end();
  return text;
};

test('a terminal sees after a second how far a command is, and at its end nothing of it', () => {
  expect(written(true)).toBe('\rimport: 3 of 4 (75 %)\u001b[K\r\u001b[K');
});

test('a program is written to equally, however long a command takes', () => {
  expect(written(false)).toBe('');
});
