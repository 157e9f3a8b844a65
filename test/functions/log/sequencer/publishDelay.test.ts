import { expect, test } from 'vitest';
import { encodeCommit } from '../../../../domain/kernel/commit.ts';
import { publishDelay } from '../../../../functions/log/sequencer/sequence.ts';

const NOW = Date.parse('2026-03-02T12:00:10.000Z');
const commit = (at: string) => ({
  bytes: encodeCommit({
    stream: 'feature/acme',
    version: 1,
    id: '00000000-0000-4000-8000-000000000000',
    commandId: 'a command',
    at,
    actor: 'clock',
    prev: null,
    events: [{ type: 'ChangeLapsed', v: 1, at, change: 1 }],
  }),
});

test('the delay is that of the commit that waited longest', () => {
  const commits = ['2026-03-02T12:00:09.500Z', '2026-03-02T12:00:02.000Z', '2026-03-02T12:00:08.000Z'].map(commit);
  expect(publishDelay(commits, NOW)).toBe(8);
});

test('a commit of a clock that is ahead took no time', () => {
  expect(publishDelay([commit('2026-03-02T12:01:00.000Z')], NOW)).toBe(0);
});
