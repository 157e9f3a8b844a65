import { expect, test } from 'vitest';
import { objections } from '../../support/judged.ts';
import { STORIES } from './stories.ts';

test.each(Object.entries(STORIES))('the judge objects to nothing in the story %s', (_, story) => {
  expect(objections(story().bytes)).toEqual([]);
});
