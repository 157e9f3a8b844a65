import { describe, expect, test } from 'vitest';
import { type Sign, togetherItem } from '../../../domain/feature/decide/sign.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { council, mayor, roster, signature, term, twoCertified, withAuditor } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { given } from '../../support/given.ts';
import { terms } from './readableTerms.ts';
import { APPROVES, approved, bound, feature, notified, officials, PASSES, passed, SIGNS, tell, under, vetoed } from './story.ts';
import {
  boardRoll,
  certify,
  correct,
  date,
  day,
  inForce,
  justBefore,
  notify,
  override,
  refuse,
  revise,
  rollOf,
  sign,
  tick,
  wordsOf,
} from './support.ts';

/** Computes the name of an act independently from the command's contents. */
const actOf = ({ type, revision, digest, requirement, holder, terms: on, comment, decision }: Sign) => {
  const contents = { type, pin: '1/everything-else', revision, digest, requirement, holder, terms: on, comment, decision };
  return digestOf(canonical(contents)).slice(7, 23);
};
const AUDITOR = { requirement: 'auditor', holder: 'auditor' };
const audited = under({ policy: inForce(withAuditor) });
const either = bound([signature('mayor'), signature('auditor')]);

describe('a signature', () => {
  test('is recorded whole, meets its requirement and approves what it was the last for', () => {
    const command = sign(day(11), 1, { comment: digestOf('a comment') });
    const common = { v: 1, at: day(11), change: 1 } as const;
    const words = { revision: 1, digest: wordsOf(1), terms: NO_TERMS };
    given(feature, ...passed().events)
      .when(command)
      .then(
        {
          type: 'SignatureGiven',
          ...common,
          ...words,
          requirement: 'mayor',
          act: actOf(command),
          comment: digestOf('a comment'),
          decision: 'approve',
          holder: 'mayor',
          seat: 'mayor',
          roster: 1,
        },
        { type: 'RequirementMet', ...common, requirement: 'mayor', opens: [] },
        {
          type: 'ChangeApproved',
          ...common,
          ...words,
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
      .refuses(sign(day(11), 1, { requirement: 'auditor' }), 'unknown-requirement')
      .refuses(sign(day(11), 1, { decision: 'abstain' }), 'abstain-not-allowed', '/decision');
    approved().refuses(refuse(day(12), 1), 'closed');
    under({ policy: null })
      .notified()
      .refuses(sign(day(1), 1), 'no-policy');
  });

  test('waits until the words were public for the notice of the rule', () => {
    under(bound([signature('mayor'), signature('auditor')], { notice: 'P7D' }))
      .notified()
      .refuses(sign(justBefore(day(7)), 1), 'too-early')
      .refuses(refuse(justBefore(day(7)), 1), 'too-early')
      .yields(sign(day(7), 1), ...SIGNS);
  });

  test('is given by who holds the seat now, and survives that they leave', () => {
    const gone = officials({ mayor: { to: date(10) } }, term('mayor', 'mayor', { id: 'successor', from: date(11) }));
    passed()
      .refuses(sign(day(11), 1, { holder: 'auditor' }), 'not-in-office')
      .refuses(sign(day(11), 1, { roster: null }), 'not-in-office')
      .refuses(sign(day(11), 1, gone), 'not-in-office')
      .yields(sign(day(10), 1, gone), ...APPROVES)
      .yields(sign(day(11), 1, { ...gone, holder: 'successor' }), ...APPROVES);
    audited
      .tell(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1))
      .yields(sign(day(3), 1, { ...AUDITOR, ...officials({ mayor: null }) }), ...APPROVES);
  });

  test('that refuses ends the change where no vote can overturn it', () => {
    under(either)
      .notified()
      .yields(refuse(day(1), 1), 'SignatureGiven', 'ChangeRefused');
  });

  test('is given once', () => {
    audited
      .tell(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1))
      .refuses(refuse(day(3), 1), 'already-decided')
      .refuses(sign(day(3), 1, { comment: wordsOf(7) }), 'already-decided');
  });

  test('that comes after two others opens after both, whichever of them comes first', () => {
    const rules = bound([council(), signature('auditor'), signature('mayor', { after: ['council', 'auditor'] })]);
    const start = under(rules).notified();
    start.then(certify(day(1), 1)).refuses(sign(day(2), 1), 'not-yet');
    start
      .then(sign(day(1), 1, AUDITOR))
      .refuses(sign(day(2), 1), 'not-yet')
      .then(certify(day(2), 1))
      .yields(sign(day(3), 1), ...APPROVES);
  });

  test('that comes first sets the terms of the certificate that follows', () => {
    const police = terms({ audience: ['Police'] });
    under(bound([council(), signature('auditor')]))
      .tell(notify(day(0), 1), sign(day(1), 1, { ...police, ...AUDITOR }))
      .refuses(certify(day(2), 1), 'other-terms')
      .refuses(certify(day(2), 1, terms({ audience: ['Fire'] })), 'other-terms')
      .goes(certify(day(2), 1, police), ...PASSES, 'ChangeApproved')
      .is('audience', day(2))
      .is('enabled', day(2), { agencies: ['Police'] });
  });
});

describe('several changes decided at once', () => {
  const item = (n: number) => togetherItem('acme', sign(day(11), n));
  const LIST = [item(1), item(2)];
  const waiting = () => tell(notify(day(0), 1), notify(day(1), 2), certify(day(10), 1), certify(day(10), 2));
  const together = (n: number, over: Partial<Sign> = {}): Sign => sign(day(11), n, { together: LIST, ...over });

  test('each carry the list, and are decided as they would be alone; alone there is none', () => {
    const story = waiting()
      .goes(together(1), ...APPROVES)
      .goes(together(2, { decision: 'refuse' }), 'SignatureGiven', 'ChangeVetoed');
    const signatures = story.events.filter(({ type }) => type === 'SignatureGiven');
    expect(signatures).toMatchObject([1, 2].map((change) => ({ change, together: LIST })));
    expect(approved().events.at(-3)).not.toHaveProperty('together');
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
    ['names another requirement', { together: [{ ...item(1), requirement: 'auditor' }] }],
    ['names other terms', { terms: { ...NO_TERMS, conditions: 'Kept for 21 days.' } }],
    ['names another message', { comment: digestOf('a comment') }],
  ])('are refused under a list that %s', (_, over) => void waiting().refuses(together(1, over), 'stale'));

  test('take back no refusal', () => {
    const back = { decision: 'take-back', comment: digestOf('a slip') } as const;
    const own = [{ ...item(1), comment: back.comment }];
    waiting()
      .then(refuse(day(11), 1))
      .refuses(sign(day(11, '12:30:00.000'), 1, { ...back, together: own }), 'stale');
  });
});

describe('a refusal is taken back', () => {
  const at = (time: string) => day(11, `${time}:00.000`);
  const soon = at('12:30');
  const back = (when: string, over: object = {}) =>
    sign(when, 1, { decision: 'take-back', comment: digestOf('a slip'), ...over });

  test('by who gave it: it waits for a decision again, the person can sign, and what was done before stays known', () => {
    vetoed()
      .yields(certify(day(10), 1))
      .goes(back(soon), 'SignatureGiven')
      .is('pending', soon)
      .yields(back(soon))
      .yields(certify(day(10), 1))
      .yields(notify(day(0), 1))
      .yields(refuse(at('12:40'), 1), 'SignatureGiven', 'ChangeVetoed')
      .goes(sign(day(12), 1), ...APPROVES)
      .is('enabled', day(12));
    vetoed()
      .then(back(soon), refuse(at('12:40'), 1))
      .goes(back(at('12:50')), 'SignatureGiven');
  });

  test('within 24 hours, and before a second vote is certified', () => {
    vetoed()
      .yields(back(justBefore(day(12))), 'SignatureGiven')
      .refuses(back(day(12)), 'too-late')
      .then(override(at('12:20'), 1))
      .refuses(back(soon), 'too-late');
  });

  test('with a reason, by the same person still in office, on the words it was on', () => {
    vetoed()
      .refuses(back(soon, { comment: null }), 'reason-missing', '/reason')
      .refuses(back(soon, { holder: 'district-1' }), 'not-in-office')
      .refuses(back(soon, { holder: 'successor', ...officials({ mayor: { id: 'successor' } }) }), 'nothing-to-take-back')
      .refuses(back(soon, { revision: 2 }), 'stale', '/revision')
      .then(revise(soon, 1, 2))
      .refuses(back(at('12:40'), { revision: 2, digest: wordsOf(1, 2) }), 'nothing-to-take-back');
  });

  test('only where it made a veto: not where silence refused, before any refusal, or where the change ended', () => {
    passed()
      .refuses(back(soon), 'nothing-to-take-back')
      .then(tick(day(15, '13:00:00.000')))
      .refuses(back(day(15, '14:00:00.000')), 'nothing-to-take-back');
    under(either)
      .tell(notify(day(0), 1), refuse(day(1), 1))
      .refuses(back(day(1, '13:00:00.000')), 'closed');
  });

  test('before its deadline, which runs on, and before the change would have lapsed meanwhile', () => {
    const late = passed().then(refuse(day(15, '11:00:00.000'), 1));
    const answered = late.refuses(back(day(15)), 'too-late').then(back(day(15, '11:30:00.000')));
    expect(answered.state.changes[0]?.requirements['mayor']).toMatchObject({ status: 'open', deadlineAt: day(15) });
    answered.is('pending', justBefore(day(15))).is('vetoed', day(15));
    under(bound([council(), mayor()], { window: 'P12D' }))
      .tell(notify(day(0), 1), certify(day(10), 1), refuse(at('20:00'), 1))
      .yields(back(justBefore(day(12))), 'SignatureGiven')
      .refuses(back(day(12)), 'too-late');
  });

  test('and the clocks of the others, who could not act meanwhile, end later by as much', () => {
    const beside = signature('auditor', { after: ['council'], deadline: 'P5D' });
    const { state } = under(bound([council(), mayor(), beside], { window: 'P90D' }))
      .vetoed()
      .then(back(soon));
    expect(state.changes[0]?.requirements['auditor']?.deadlineAt).toBe(day(15, '12:30:00.000'));
    expect(state.changes[0]?.closesAt).toBe(day(90));
  });
});

describe('distinct persons', () => {
  const acting = under(officials({ mayor: { id: 'district-1' } }));
  const clerkly = under(officials({ mayor: { id: 'clerk' } }));
  const anyOrder = bound([council(), mayor({ after: [] })]);
  const voting = (vote: string) => ({ votes: rollOf(8, 2, { 'district-1': vote }) });
  const asMayor = (on: number, holder: string) => sign(day(on), 1, { holder });

  test('an acting mayor who voted cannot sign; one who stayed away can', () => {
    acting.passed().refuses(asMayor(11, 'district-1'), 'same-person');
    for (const vote of ['absent', 'excused', 'recused'])
      acting.tell(notify(day(0), 1), certify(day(10), 1, voting(vote))).yields(asMayor(11, 'district-1'), ...APPROVES);
  });

  test('a mayor who signed first cannot have voted in the roll, nor certify it as clerk', () => {
    under({ ...anyOrder, ...officials({ mayor: { id: 'district-1' } }) })
      .tell(notify(day(0), 1), asMayor(1, 'district-1'))
      .refuses(certify(day(2), 1), 'same-person', '/vote.district-1')
      .yields(certify(day(2), 1, voting('recused')), ...PASSES, 'ChangeApproved');
    under({ ...anyOrder, ...officials({ mayor: { id: 'clerk' } }) })
      .tell(notify(day(0), 1), asMayor(1, 'clerk'))
      .refuses(certify(day(2), 1), 'same-person');
  });

  test('a clerk who holds a seat of the body cannot certify a vote they took part in', () => {
    under(officials({ 'district-1': { id: 'clerk' } }))
      .notified()
      .refuses(certify(day(10), 1), 'same-person')
      .yields(certify(day(10), 1, voting('recused')), ...PASSES);
  });

  test('a clerk who certified cannot sign, also after another one certified again', () => {
    clerkly
      .passed()
      .refuses(asMayor(11, 'clerk'), 'same-person')
      .then(correct(day(11), 1, { holder: 'deputy-clerk', meetingDate: date(10) }))
      .refuses(asMayor(12, 'clerk'), 'same-person');
  });

  test('nor after as many others have as are remembered: no further one certifies what carries; what switches off, every one', () => {
    const clerks = ['clerk', 'deputy-clerk', 'clerk-3', 'clerk-4', 'clerk-5'] as const;
    const office = { name: 'City Clerk', seats: [...clerks] };
    const base = roster({ mayor: { id: 'clerk' } });
    const holders = [...base.holders, ...clerks.slice(2).map((seat) => term('clerk', seat))];
    const many = under({ roster: { number: 1, roster: { bodies: { ...base.bodies, clerk: office }, holders } } });
    const by = (holder: string, yes = 8) => correct(day(11), 1, { holder, meetingDate: date(10), votes: rollOf(yes) });
    many
      .passed()
      .then(by('deputy-clerk', 9), by('clerk-3', 10), by('clerk-4', 11))
      .refuses(by('clerk-5', 12), 'same-person')
      .yields(by('clerk', 12), 'VoteCertified')
      .yields(by('clerk-5', 6), 'VoteCertified', 'ChangeRefused')
      .refuses(asMayor(12, 'clerk'), 'same-person');
  });

  test('one clerk may certify the votes of two bodies, and no person votes in two', () => {
    const board = (votes: Record<string, string>) => certify(day(2), 1, { requirement: 'board', votes });
    const both = { policy: inForce(twoCertified) };
    under(both)
      .tell(notify(day(0), 1), certify(day(1), 1))
      .yields(board(boardRoll(2, 1)), ...PASSES);
    under({ ...both, ...officials({ 'board-1': { id: 'district-1' } }) })
      .tell(notify(day(0), 1), certify(day(1), 1))
      .refuses(board(boardRoll(2)), 'same-person', '/vote.board-1')
      .yields(board({ 'board-1': 'recused', 'board-2': 'yes', 'board-3': 'yes' }), ...PASSES);
  });

  test('nobody signs in a second seat', () => {
    under({ policy: inForce(withAuditor), ...officials({ auditor: { id: 'mayor' } }) })
      .tell(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1))
      .refuses(sign(day(3), 1, { requirement: 'auditor' }), 'same-person');
  });

  test('who entered the notice fills no requirement of it, also in another seat', () => {
    const entered = (person: string) => ({ provenance: enteredBy(person, day(0)) });
    notified(entered('clerk')).refuses(certify(day(10), 1), 'same-person');
    notified(entered('district-4')).refuses(certify(day(10), 1), 'same-person', '/vote.district-4');
    notified(entered('mayor'))
      .then(certify(day(10), 1))
      .refuses(sign(day(11), 1), 'same-person');
    under(officials({ mayor: { id: 'deputy' } }))
      .notified(entered('deputy'))
      .then(certify(day(10), 1))
      .refuses(asMayor(11, 'deputy'), 'same-person');
  });
});
