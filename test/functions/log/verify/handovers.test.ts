import { expect, test } from 'vitest';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { followHandovers } from '../../../../functions/log/verify/handover.ts';
import { logKey, ORIGIN, otherLogKey, testKey } from '../../../domain/log/support/keys.ts';

const [first, second, third, stranger] = [logKey, otherLogKey, testKey(ORIGIN, 1, 5), testKey(ORIGIN, 1, 7)].map(
  ({ key }) => key,
);
if (first === undefined || second === undefined || third === undefined || stranger === undefined) throw new Error('no keys');
const handover = (by: typeof first, key: typeof first, until: string) => ({
  by: formatVerifierKey(by),
  key: formatVerifierKey(key),
  until,
});

test('a pinned key is followed from one handover to the next, and counted until its own ended', () => {
  const life = [handover(first, second, '2026-05-31T00:00:00.000Z'), handover(second, third, '2026-08-31T00:00:00.000Z')];
  expect(followHandovers(first, life)).toStrictEqual({ key: third, until: '2026-05-31T00:00:00.000Z' });
  expect(followHandovers(second, life)).toStrictEqual({ key: third, until: '2026-08-31T00:00:00.000Z' });
});

test('what another key handed over leads nowhere from the pinned one', () => {
  expect(followHandovers(first, [handover(stranger, third, '2026-05-31T00:00:00.000Z')])).toStrictEqual({
    key: first,
    until: undefined,
  });
  expect(followHandovers(third, [handover(first, second, '2026-05-31T00:00:00.000Z')])).toStrictEqual({
    key: third,
    until: undefined,
  });
});
