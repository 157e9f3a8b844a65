import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { featureStream, prefixesOf } from '../../../domain/feature/keys.ts';
import { consented } from '../../support/consent.ts';
import { objections } from '../../support/judged.ts';
import { against } from '../feature/against.ts';
import { assertUntil, KEYS, POLICIES, steps, wait } from '../feature/steps.ts';
import { Life } from './life.ts';

// Random lives of two features, as the gate's own rules decide them. ALDERGATE_PROPERTY_RUNS makes them more.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 35);
const STEPS = 60;
const PATIENCE_MS = 120_000 + RUNS * 400;

const lives = fc
  .record({
    steps: steps(STEPS),
    policies: fc.shuffledSubarray([...POLICIES], { minLength: 2 }),
  })
  .map(({ steps: list, policies }) => {
    const life = new Life(policies);
    for (const each of list) life.take(each);
    return life;
  });

/** Returns what speaks against each yes of a log, now and later: approvals that the judge lets stand may still not be in force. */
const wrongYes = ({ log, books }: Life): readonly string[] =>
  KEYS.flatMap((key) => {
    const now = log.commits.at(-1)?.at ?? '';
    const states = prefixesOf(key).map((prefix) => log.feature(prefix));
    return [now, ...[40, 43, 46, 49].map((ahead) => wait(now, ahead, states))].flatMap((t) => {
      const heads = states.map(headWith);
      if (!evaluate(key, heads, { agencies: ['Police'] }, t).enabled) return [];
      const asked = prefixesOf(key).map((prefix, index) => {
        const commits = log.commits.filter(({ stream }) => stream === featureStream(prefix));
        const events = commits.flatMap(({ events: made }) => made as unknown as readonly FeatureEvent[]);
        const shown = evaluate(prefix, heads.slice(0, index + 1), { agencies: ['Police'] }, t);
        return { key: prefix, happened: consented(events, books).happened, answer: shown };
      });
      return against(asked, t);
    });
  });

/** A property that never met them would prove nothing about them. The stories of test/domain/judge have the rarer events. */
const KINDS = [
  'ChangeNotified',
  'ChangeRevised',
  'ChangeWithdrawn',
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
];

test(
  'the judge objects to nothing that the gate decides, and what is then on has nothing against it',
  () => {
    const missing = new Set<unknown>(KINDS);
    const property = fc.property(lives, (life) => {
      const { log } = life;
      expect(objections(log.bytes)).toEqual([]);
      expect(wrongYes(life)).toEqual([]);
      for (const { type } of log.commits.flatMap(({ events }) => events)) missing.delete(type);
    });
    assertUntil(() => missing.size === 0, property, RUNS);
    expect([...missing]).toEqual([]);
  },
  PATIENCE_MS,
);
