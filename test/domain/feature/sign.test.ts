import { describe, expect, test } from 'vitest';
import type { Sign } from '../../../domain/feature/commands.ts';
import { togetherItem } from '../../../domain/feature/decisionToSign.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { council, policy, roster, rule, signature, term, withAuditor } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { terms } from './readableTerms.ts';
import { approved, feature, passed, tell } from './story.ts';
import { certify, date, day, inForce, justBefore, notify, refuse, sign, wordsOf } from './support.ts';

/** Computes the name of an act independently from the command's contents. */
const actOf = (
  { type, revision, digest, requirement, holder, terms, comment, decision }: Sign,
  pin = '1/everything-else',
): string => digestOf(canonical({ type, pin, revision, digest, requirement, holder, terms, comment, decision })).slice(7, 23);

describe('a signature', () => {
  test('is recorded whole, meets its requirement and approves what it was the last for', () => {
    const command = sign(day(11), 1, { comment: digestOf('a comment') });
    given(feature, ...passed().events)
      .when(command)
      .then(
        {
          type: 'SignatureGiven',
          v: 1,
          at: day(11),
          change: 1,
          revision: 1,
          digest: wordsOf(1),
          requirement: 'mayor',
          act: actOf(command),
          comment: digestOf('a comment'),
          decision: 'approve',
          holder: 'mayor',
          seat: 'mayor',
          roster: 1,
          terms: NO_TERMS,
        },
        { type: 'RequirementMet', v: 1, at: day(11), change: 1, requirement: 'mayor', opens: [] },
        {
          type: 'ChangeApproved',
          v: 1,
          at: day(11),
          change: 1,
          revision: 1,
          digest: wordsOf(1),
          terms: NO_TERMS,
          validUntil: '2027-03-12T12:00:00.000Z',
          becomes: 'in-force',
          replaces: [],
        },
      );
  });

  test('of a change that does not exist, is closed, or has other words by now is refused', () => {
    passed()
      .refuses(sign(day(11), 2), 'unknown-change')
      .refuses(sign(day(11), 1, { revision: 2 }), 'stale', '/revision')
      .refuses(sign(day(11), 1, { digest: wordsOf(9) }), 'stale', '/digest')
      .refuses(sign(day(11), 1, { requirement: 'council' }), 'unknown-requirement')
      .refuses(sign(day(11), 1, { requirement: 'auditor' }), 'unknown-requirement');
    approved().refuses(refuse(day(12), 1), 'closed');
    tell(notify(day(0), 1, { policy: null })).refuses(sign(day(1), 1, { policy: null }), 'no-policy');
  });

  test('waits until the words were public for the notice of the rule', () => {
    const alone = { policy: inForce(policy(rule([signature('mayor'), signature('auditor')], { notice: 'P7D' }))) };
    tell(notify(day(0), 1, alone))
      .refuses(sign(justBefore(day(7)), 1, alone), 'too-early')
      .refuses(refuse(justBefore(day(7)), 1, alone), 'too-early')
      .yields(sign(day(7), 1, alone), 'SignatureGiven', 'RequirementMet');
  });

  test('is given by who holds the seat now', () => {
    const gone = {
      roster: {
        number: 2,
        roster: roster({ mayor: { to: date(10) } }, term('mayor', 'mayor', { id: 'successor', from: date(11) })),
      },
    };
    passed()
      .refuses(sign(day(11), 1, { holder: 'auditor' }), 'not-in-office')
      .refuses(sign(day(11), 1, { roster: null }), 'not-in-office')
      .refuses(sign(day(11), 1, gone), 'not-in-office')
      .yields(sign(day(10), 1, gone), 'SignatureGiven', 'RequirementMet', 'ChangeApproved')
      .yields(sign(day(11), 1, { ...gone, holder: 'successor' }), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });

  test('survives that its holder leaves', () => {
    const gone = { roster: { number: 2, roster: roster({ mayor: null }) }, policy: inForce(withAuditor) };
    tell(
      notify(day(0), 1, gone),
      certify(day(1), 1, gone),
      sign(day(2), 1, { ...gone, roster: { number: 1, roster: roster() } }),
    ).yields(
      sign(day(3), 1, { ...gone, requirement: 'auditor', holder: 'auditor' }),
      'SignatureGiven',
      'RequirementMet',
      'ChangeApproved',
    );
  });

  test('that refuses ends the change where no vote can overturn it, once', () => {
    const two = { policy: inForce(policy(rule([signature('mayor'), signature('auditor')]))) };
    tell(notify(day(0), 1, two)).yields(refuse(day(1), 1, two), 'SignatureGiven', 'ChangeRefused');
  });

  test('cannot abstain', () => {
    passed().refuses(sign(day(11), 1, { decision: 'abstain' }), 'abstain-not-allowed', '/decision');
  });

  test('is given once', () => {
    const auditor = { policy: inForce(withAuditor) };
    tell(notify(day(0), 1, auditor), certify(day(1), 1, auditor), sign(day(2), 1, auditor))
      .refuses(refuse(day(3), 1, auditor), 'already-decided')
      .refuses(sign(day(3), 1, { ...auditor, comment: wordsOf(7) }), 'already-decided');
  });

  test('by a person who signed in another seat already is refused', () => {
    const twice = {
      roster: { number: 2, roster: roster({ auditor: { id: 'mayor' } }) },
      policy: inForce(withAuditor),
    };
    tell(notify(day(0), 1, twice), certify(day(1), 1, twice), sign(day(2), 1, twice)).refuses(
      sign(day(3), 1, { ...twice, requirement: 'auditor' }),
      'same-person',
    );
  });
});

const item = (n: number) => togetherItem({ key: 'acme', n, revision: 1, digest: wordsOf(n), terms: NO_TERMS, comment: null });
const LIST = [item(1), item(2)];
const waiting = () => tell(notify(day(0), 1), notify(day(1), 2), certify(day(10), 1), certify(day(10), 2));
const together = (n: number, over: Partial<Sign> = {}): Sign => sign(day(11), n, { together: LIST, ...over });

test('each of several changes decided at once carries the list, and is decided as it would be alone', () => {
  const story = waiting()
    .goes(together(1), 'SignatureGiven', 'RequirementMet', 'ChangeApproved')
    .goes(together(2, { decision: 'refuse' }), 'SignatureGiven', 'ChangeVetoed');
  const signatures = story.events.filter(({ type }) => type === 'SignatureGiven');
  expect(signatures).toMatchObject([
    { change: 1, together: LIST },
    { change: 2, together: LIST },
  ]);
  expect(
    waiting()
      .then(sign(day(11), 1))
      .events.at(-3),
  ).not.toHaveProperty('together');
});

test('the same again, alone or together, records nothing', () => {
  waiting()
    .then(together(1))
    .goes(together(1))
    .goes(sign(day(11), 1));
  waiting()
    .then(sign(day(11), 1))
    .goes(together(1));
});

test.each<[string, Partial<Sign>]>([
  ['does not name the change', { together: [item(2)] }],
  ['names it twice', { together: [item(1), item(1)] }],
  ['names other words', { together: [{ ...item(1), digest: wordsOf(2) }] }],
  ['names other terms', { terms: { ...NO_TERMS, conditions: 'Kept for 21 days.' } }],
  ['names another message', { comment: digestOf('a comment') }],
])('a list that %s is refused', (_, over) => {
  waiting().refuses(together(1, over), 'stale');
});

test('a refusal is taken back by itself', () => {
  const back = { decision: 'take-back', comment: digestOf('a slip') } as const;
  const own = [{ ...item(1), comment: back.comment }];
  waiting()
    .then(refuse(day(11), 1))
    .refuses(sign(day(11, '12:30:00.000'), 1, { ...back, together: own }), 'stale');
});

const bound = (...require: Parameters<typeof rule>[0]) => ({
  policy: inForce(policy(rule(require, { window: 'P90D' }))),
});

describe('a requirement that comes after two others', () => {
  const rules = bound(council(), signature('auditor'), signature('mayor', { after: ['council', 'auditor'] }));
  const bySigner = (holder: string) => ({ ...rules, requirement: holder, holder });

  test('opens after both, whichever of them comes first', () => {
    const start = tell(notify(day(0), 1, rules));
    start.then(certify(day(1), 1, rules)).refuses(sign(day(2), 1, bySigner('mayor')), 'not-yet');
    start.then(sign(day(1), 1, bySigner('auditor'))).refuses(sign(day(2), 1, bySigner('mayor')), 'not-yet');
    start
      .then(sign(day(1), 1, bySigner('auditor')), certify(day(2), 1, rules))
      .yields(sign(day(3), 1, bySigner('mayor')), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });
});

describe('terms that a signature sets, because it comes first', () => {
  const rules = bound(council(), signature('auditor'));
  const police = terms({ audience: ['Police'] });
  const signed = () =>
    tell(notify(day(0), 1, rules), sign(day(1), 1, { ...rules, ...police, requirement: 'auditor', holder: 'auditor' }));

  test('bind the certificate that follows', () => {
    signed()
      .refuses(certify(day(2), 1, rules), 'other-terms')
      .refuses(certify(day(2), 1, { ...rules, ...terms({ audience: ['Fire'] }) }), 'other-terms')
      .goes(certify(day(2), 1, { ...rules, ...police }), 'VoteCertified', 'RequirementMet', 'ChangeApproved')
      .is('audience', day(2))
      .is('enabled', day(2), { agencies: ['Police'] });
  });
});
