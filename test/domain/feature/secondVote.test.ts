import { describe, expect, test } from 'vitest';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { foldChange } from '../../../domain/feature/view.ts';
import { type notified, vetoed } from './story.ts';
import { correct, date, day, override, rollOf } from './support.ts';

/** Returns a requirement as readers see it after a story. */
const requirement = (story: ReturnType<typeof notified>, id: string) => {
  const view = story.events.reduce<ChangeView | undefined>(
    (known, event, index) => foldChange(known, event, index + 1),
    undefined,
  );
  const found = view?.requirements.find((each) => each.id === id);
  return [found?.status, found?.tally?.yes ?? null, found?.override?.tally.yes ?? null];
};

describe('what a reader sees of a council that votes twice', () => {
  test('a second vote that fell short stands apart, and the first result stands', () => {
    const failed = vetoed().then(override(day(20), 1, { votes: rollOf(8, 5) }));
    expect(requirement(failed, 'council')).toStrictEqual(['met', 7, 8]);
    expect(requirement(failed, 'mayor')).toStrictEqual(['refused', null, null]);
  });
  test('a correction mends the vote whose meeting it names', () => {
    const overturned = vetoed()
      .then(override(day(20), 1, { votes: rollOf(10, 3) }))
      .confirms(day(20), 1);
    const second = overturned.then(correct(day(21), 1, { meetingDate: date(20), votes: rollOf(9, 4) }));
    expect(requirement(second, 'council')).toStrictEqual(['met', 7, 9]);
    const first = overturned.then(correct(day(21), 1, { meetingDate: date(10), votes: rollOf(11, 1) }));
    expect(requirement(first, 'council')).toStrictEqual(['met', 11, 10]);
  });
});
