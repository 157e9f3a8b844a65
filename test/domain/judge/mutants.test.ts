import { expect, test } from 'vitest';
import { added, type Mutant, rearranged, stands } from './mutants.ts';
import { STORIES } from './stories.ts';

const LOGS = Object.values(STORIES).map((story) => story().commits);

const survivors = (mutants: Iterable<Mutant>): { readonly count: number; readonly alive: readonly string[] } => {
  let count = 0;
  const alive: string[] = [];
  for (const { what, log } of mutants) {
    count += 1;
    if (stands(log)) alive.push(what);
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
  'ApprovalExpired',
  'ApprovalLost',
  'FeatureRemoved',
  'RosterAdopted',
  'PolicyAdopted',
];

test('no omitted, doubled or reordered event goes unseen', () => {
  const { count, alive } = survivors(LOGS.flatMap((log) => [...rearranged(log)]));
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

test('no consequence stands without its acts, wherever it is written and by whom', () => {
  const samples = CONSEQUENCES.map((type) => {
    const commit = LOGS.flat().find(({ events }) => events.some((event) => event['type'] === type));
    const event = commit?.events.find((each) => each['type'] === type);
    if (commit === undefined || event === undefined) throw new Error(`no story has ${type}`);
    return { commit, event };
  });
  const { count, alive } = survivors(LOGS.flatMap((log) => [...added(log, samples)]));
  expect(alive).toEqual([]);
  expect(count).toBeGreaterThan(3_000);
}, 120_000);
