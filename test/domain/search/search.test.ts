import { describe, expect, test } from 'vitest';
import { featureDecider } from '../../../domain/feature/decide.ts';
import { evaluate } from '../../../domain/feature/evaluate.ts';
import { MUTANTS, placesOf, rulesOf } from './mutants.ts';
import { brokenPromises } from './promises.ts';
import { type Rules, search } from './search.ts';
import {
  ARRIVALS,
  CONTESTS,
  OPT_OUTS,
  type Op,
  OUTLASTED,
  PLAIN,
  REMOVALS,
  REMOVED_AGAIN,
  REVISED_OPT_OUTS,
  REVISIONS,
  type World,
} from './world.ts';

// Every order of commands on two changes of one feature, by two bodies, breadth first. ALDERGATE_SEARCH_STATES makes it deeper, and
// searches small worlds to their end.
const { ALDERGATE_SEARCH_STATES: deep } = process.env;
const STATES_MAX = Number(deep ?? 400);
const DEPTH_MAX = 12;
const PATIENCE_MS = 120_000 + STATES_MAX * 10;

const EVERYTHING: readonly Op[] = [
  'notify',
  'withdraw',
  'certify',
  'override',
  'correct',
  'sign',
  'take-back',
  'attach',
  'confirm',
  'revoke',
  'contest',
  'tick',
];

const WORLDS: Readonly<Record<string, World>> = {
  'everything at once': { ...PLAIN, changes: 2, revisions: 2, ops: EVERYTHING },
  'words that come and go': { ...PLAIN, changes: 2, revisions: 2, ops: ['notify', 'certify', 'sign', 'withdraw'] },
  'a veto and what follows': { ...PLAIN, ops: EVERYTHING },
  'a veto with a first and a last day for the second vote': {
    ...PLAIN,
    policy: 'timed',
    ops: ['notify', 'certify', 'override', 'correct', 'sign', 'take-back', 'confirm'],
  },
  'every certificate confirmed': { ...PLAIN, policy: 'confirmed', ops: EVERYTHING },
  maintenance: { ...PLAIN, changes: 2, maintenance: true, ops: ['notify', 'certify', 'sign', 'contest', 'revoke'] },
  'a document that the rule asks for': {
    ...PLAIN,
    policy: 'documented',
    revisions: 2,
    ops: ['notify', 'attach', 'certify', 'sign', 'take-back', 'override', 'confirm'],
  },
  'a rule that one person fills': { ...PLAIN, policy: 'alone', changes: 2, ops: EVERYTHING },
  'an override that nobody confirms': { ...PLAIN, policy: 'unconfirmed', ops: EVERYTHING },
};

/** Worlds that are small enough to be searched to their end; for that they have thousands of states. */
const WHOLE: Readonly<Record<string, World>> = {
  'any order of arrival, approval and end': ARRIVALS,
  'revisions too': REVISIONS,
  'removals too': REMOVALS,
  'removals before and after an approval': REMOVED_AGAIN,
  'removals before words take effect': OUTLASTED,
  'contested and refused maintenance': CONTESTS,
};

/** Worlds that are searched far, but not to their end: what an opt-out and its confirmation leave behind makes them large. */
const LARGE: Readonly<Record<string, World>> = {
  'silence, and opt-outs in time and late': OPT_OUTS,
  'opt-outs that a revision voids': REVISED_OPT_OUTS,
};
/** Twice as far as the most hidden fault that they have shown. */
const LARGE_STATES_MAX = 600_000;

const TODAY: Rules = { featureDecider, evaluate, broken: brokenPromises };

test.each(Object.entries(WORLDS))(
  'nobody approves alone, and no yes is on words that are not the last: %s',
  (name, world) => {
    const found = search(TODAY, world, { depth: DEPTH_MAX, statesMax: STATES_MAX });
    expect(found.fault).toBeNull();
    expect(found.states).toBeGreaterThan(300);
    // A search that never sees a yes says nothing about it; a rule that one person fills never gives one.
    if (world.policy === 'alone') expect(found).toMatchObject({ approvals: 0, on: 0 });
    else expect(Math.min(found.approvals, found.on), name).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);

test.each(Object.entries(WHOLE))(
  'on is what arrived last and was approved: %s',
  (_, world) => {
    const found = search(TODAY, world, { depth: 40, statesMax: deep === undefined ? STATES_MAX : 200_000 });
    expect(found.fault).toBeNull();
    expect(found.isWhole).toBe(deep !== undefined);
    expect(Math.min(found.approvals, found.on)).toBeGreaterThan(40);
  },
  PATIENCE_MS * 4,
);

test.each(Object.entries(LARGE))(
  'on is what arrived last and was approved, as far as it was searched: %s',
  (_, world) => {
    const found = search(TODAY, world, { depth: 40, statesMax: deep === undefined ? STATES_MAX : LARGE_STATES_MAX });
    expect(found.fault).toBeNull();
    expect(Math.min(found.approvals, found.on)).toBeGreaterThan(40);
  },
  PATIENCE_MS * 4,
);

test('each planted defect has its one place in the rules', async () => {
  for (const mutant of MUTANTS) expect(await placesOf(mutant), mutant.what).toBe(1);
});

describe('a search finds the defect when', () => {
  const planted = MUTANTS.filter((_, index) => deep !== undefined || index % 4 === 0);
  test.each(planted.map((mutant) => [mutant.what, mutant] as const))(
    '%s',
    async (_, mutant) => {
      const found = search(await rulesOf(mutant), mutant.world, { depth: DEPTH_MAX, statesMax: 20_000 });
      expect(found.fault).not.toBeNull();
    },
    PATIENCE_MS,
  );
});
