import { expect, test } from 'vitest';
import { added, movedElsewhere, rearranged } from './mutants/orders.ts';
import { type Mutant, Original } from './mutants/original.ts';
import { STORIES } from './stories.ts';

const LOGS = Object.values(STORIES).map((story) => new Original(story().commits));

const survivors = (
  mutantsOf: (original: Original) => Iterable<Mutant>,
): { readonly count: number; readonly alive: readonly string[] } => {
  let count = 0;
  const alive: string[] = [];
  for (const original of LOGS)
    for (const mutant of mutantsOf(original)) {
      count += 1;
      if (original.stands(mutant)) alive.push(mutant.what);
    }
  return { count, alive };
};

/** Events that follow from others, or from time, and are no person's act. */
const CONSEQUENCES = [
  'RequirementMet',
  'ChangeVetoed',
  'VetoOverridden',
  'ChangeRefused',
  'ChangeLapsed',
  'ChangeApproved',
  'ApprovalEnded',
  'FeatureRemoved',
  'RosterAdopted',
  'PolicyAdopted',
];

test('no omitted, doubled or reordered event goes unseen', () => {
  const { count, alive } = survivors(rearranged);
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

test('no event stands in another commit than its own, and a refused commit leaves no trace in the judge', () => {
  const { count, alive } = survivors(movedElsewhere);
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(2_500);
  const untouched = LOGS.flatMap((original) => original.areUntouched());
  expect(untouched.length).toBeGreaterThan(100);
  expect(untouched).not.toContain(false);
}, 300_000);

test('no consequence stands without its acts, wherever it is written and by whom', () => {
  const commits = LOGS.flatMap(({ log }) => log);
  const samples = CONSEQUENCES.map((type) => {
    const commit = commits.find(({ events }) => events.some((event) => event['type'] === type));
    const event = commit?.events.find((each) => each['type'] === type);
    if (commit === undefined || event === undefined) throw new Error(`no story has ${type}`);
    return { commit, event };
  });
  const { count, alive } = survivors((original) => added(original, samples));
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(3_000);
}, 300_000);
