import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { objections } from '../../support/judged.ts';
import { POLICIES, step } from '../feature/steps.ts';
import { Life } from './life.ts';

// Random lives of two features, as the gate's own rules decide them. ALDERGATE_PROPERTY_RUNS makes them more.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 150);
const STEPS = 60;
const PATIENCE_MS = 120_000 + RUNS * 400;

const lives = fc
  .record({
    steps: fc.array(step, { minLength: 12, maxLength: STEPS, size: 'max' }),
    policies: fc.shuffledSubarray([...POLICIES], { minLength: 2 }),
  })
  .map(({ steps, policies }) => {
    const life = new Life(policies);
    for (const each of steps) life.take(each);
    return life.log;
  });

test(
  'the judge objects to nothing that the gate decides',
  () => {
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(lives, (log) => {
        expect(objections(log.bytes)).toEqual([]);
        for (const { type } of log.commits.flatMap(({ events }) => events)) seen.add(type);
      }),
      { numRuns: RUNS },
    );
    // A property that never met them would prove nothing about them. The stories of test/domain/judge have the rarer events.
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'ChangeNotified',
        'ChangeRevised',
        'ChangeWithdrawn',
        'PolicyPinned',
        'VoteCertified',
        'SignatureGiven',
        'BallotCast',
        'ConfirmationGiven',
        'VetoOverridden',
        'ChangeVetoed',
        'ChangeRefused',
        'ChangeLapsed',
        'ChangeApproved',
        'ApprovalBegan',
        'ApprovalEnded',
        'RollbackConfirmed',
        'ApprovalRevoked',
        'FeatureRemoved',
        'ProposalAnswered',
        'PolicyAdopted',
      ]),
    );
  },
  PATIENCE_MS,
);
