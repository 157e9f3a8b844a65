import { describe, expect, test } from 'vitest';
import type { Sign } from '../../../domain/feature/commands.ts';
import { NO_TERMS, readTerms, type TermsInput } from '../../../domain/feature/terms.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { council, mayor, policy, roster, rule, signature, term, twoVetoes, withAuditor } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import {
  approved,
  certify,
  date,
  day,
  facts,
  feature,
  justBefore,
  notified,
  notify,
  override,
  refuse,
  sign,
  tell,
  tick,
  vetoed,
  wordsOf,
} from './support.ts';

const actOf = (
  { type, revision, digest, requirement, holder, terms, comment, decision }: Sign,
  pin = '1/everything-else',
): string => digestOf(canonical({ type, pin, revision, digest, requirement, holder, terms, comment, decision })).slice(7, 23);

const passed = () => notified().then(certify(day(10), 1));

const terms = (input: TermsInput, zone = 'UTC') => {
  const read = readTerms(input, zone);
  if ('pointer' in read) throw new Error(read.detail);
  return { terms: read.terms };
};

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
          replaces: null,
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

  test('waits for what comes before it', () => {
    notified()
      .refuses(sign(day(11), 1), 'not-yet')
      .refuses(refuse(day(11), 1), 'not-yet');
  });

  test('waits until the words were public for the notice of the rule', () => {
    const alone = { policy: { number: 1, policy: policy(rule([signature('mayor'), signature('auditor')], { notice: 'P7D' })) } };
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
    const gone = { roster: { number: 2, roster: roster({ mayor: null }) }, policy: { number: 1, policy: withAuditor } };
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

  test('cannot abstain', () => {
    passed().refuses(sign(day(11), 1, { decision: 'abstain' }), 'abstain-not-allowed', '/decision');
  });

  test('is given once', () => {
    const auditor = { policy: { number: 1, policy: withAuditor } };
    tell(notify(day(0), 1, auditor), certify(day(1), 1, auditor), sign(day(2), 1, auditor))
      .refuses(refuse(day(3), 1, auditor), 'already-decided')
      .refuses(sign(day(3), 1, { ...auditor, comment: wordsOf(7) }), 'already-decided');
  });

  test('by a person who signed in another seat already is refused', () => {
    const twice = {
      roster: { number: 2, roster: roster({ auditor: { id: 'mayor' } }) },
      policy: { number: 1, policy: withAuditor },
    };
    tell(notify(day(0), 1, twice), certify(day(1), 1, twice), sign(day(2), 1, twice)).refuses(
      sign(day(3), 1, { ...twice, requirement: 'auditor' }),
      'same-person',
    );
  });

  test('needs the documents that the rule asks for, unless it refuses', () => {
    const rules = {
      policy: { number: 1, policy: policy(rule([signature('mayor'), signature('auditor')], { documents: ['impact-report'] })) },
    };
    tell(notify(day(0), 1, rules))
      .refuses(sign(day(1), 1, rules), 'documents-missing')
      .yields(refuse(day(1), 1, rules), 'SignatureGiven', 'ChangeRefused');
  });
});

describe('a refusal', () => {
  test('that can be overturned is a veto', () => {
    passed()
      .goes(refuse(day(11), 1), 'SignatureGiven', 'ChangeVetoed')
      .is('vetoed', day(11));
    expect(vetoed().events.at(-1)).toStrictEqual({
      type: 'ChangeVetoed',
      v: 1,
      at: day(11),
      change: 1,
      requirement: 'mayor',
      by: 'holder',
      until: day(41),
    });
  });

  test('that cannot ends the change', () => {
    const auditor = { policy: { number: 1, policy: withAuditor } };
    tell(notify(day(0), 1, auditor), certify(day(1), 1, auditor), sign(day(2), 1, auditor))
      .goes(refuse(day(3), 1, { ...auditor, requirement: 'auditor', holder: 'auditor' }), 'SignatureGiven', 'ChangeRefused')
      .is('refused', day(3));
  });

  test('needs no terms', () => {
    const set = notified().then(certify(day(10), 1, terms({ audience: ['Police'] })));
    set.yields(refuse(day(11), 1), 'SignatureGiven', 'ChangeVetoed');
  });
});

describe('a deadline', () => {
  test('that passes never approves: it opens the override as a refusal would', () => {
    const story = passed();
    story
      .is('pending', justBefore(day(15)))
      .is('vetoed', day(15))
      .is('vetoed', justBefore(day(45)))
      .is('refused', day(45));
    story.yields(sign(justBefore(day(15)), 1), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    story
      .refuses(sign(day(15), 1), 'vetoed')
      .goes(tick(day(15)), 'ChangeVetoed')
      .yields(tick(day(45)), 'ChangeRefused');
  });

  test('without an override refuses', () => {
    const rules = {
      policy: { number: 1, policy: policy(rule([signature('auditor', { deadline: 'P3D' }), signature('mayor')])) },
    };
    tell(notify(day(0), 1, rules))
      .is('pending', justBefore(day(3)))
      .is('refused', day(3))
      .yields(tick(day(3)), 'ChangeRefused');
  });

  test('does not run before the words may be decided', () => {
    const rules = {
      policy: {
        number: 1,
        policy: policy(rule([signature('auditor', { deadline: 'P3D' }), signature('mayor')], { notice: 'P7D' })),
      },
    };
    tell(notify(day(0), 1, rules))
      .is('pending', justBefore(day(10)))
      .is('refused', day(10));
  });

  test('does not run while a veto of somebody else stands', () => {
    const rules = { policy: { number: 1, policy: twoVetoes } };
    // The auditor has ten days from day 1, of which one passes before the veto: nine are left when it is overturned on day 20.
    const story = tell(
      notify(day(0), 1, rules),
      certify(day(1), 1, rules),
      refuse(day(2), 1, rules),
      override(day(20), 1, rules),
    );
    story.is('pending', justBefore(day(29))).is('vetoed', day(29));
    story.then(sign(day(28), 1, { ...rules, requirement: 'auditor', holder: 'auditor' })).is('enabled', day(28));
  });

  test('after an override another veto can be overturned by its own number', () => {
    const rules = { policy: { number: 1, policy: twoVetoes } };
    tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(2), 1, rules), override(day(20), 1, rules))
      .then(refuse(day(21), 1, { ...rules, requirement: 'auditor', holder: 'auditor' }))
      .yields(override(day(22), 1, rules), 'VoteCertified', 'ChangeRefused')
      .yields(
        override(day(22), 1, {
          ...rules,
          votes: Object.fromEntries(roster().bodies['council']!.seats.map((seat) => [seat, 'yes'])),
        }),
        'VoteCertified',
        'VetoOverridden',
        'ChangeApproved',
      );
  });
});

describe('terms', () => {
  const set = (input: TermsInput, zone?: string) => notified().then(certify(day(10), 1, terms(input, zone)));

  test('are set by the first decision, and a later one on others is refused', () => {
    set({ audience: ['Police'], conditions: 'Keep it for 30 days.' })
      .refuses(sign(day(11), 1), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police'] })), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police', 'Fire'], conditions: 'Keep it for 30 days.' })), 'other-terms')
      .yields(
        sign(day(11), 1, terms({ audience: ['Police'], conditions: 'Keep it for 30 days.' })),
        'SignatureGiven',
        'RequirementMet',
        'ChangeApproved',
      );
    passed().refuses(sign(day(11), 1, terms({ until: '2026-12-31' })), 'other-terms');
  });

  test.each<[string, TermsInput, TermsInput]>([
    ['white space around them', { conditions: '  Keep it.\n' }, { conditions: 'Keep it.' }],
    ['how lines end', { conditions: 'One.\r\nTwo.' }, { conditions: 'One.\nTwo.' }],
    ['how accents are composed', { conditions: 'Cafe\u0301' }, { conditions: 'Caf\u00e9' }],
    ['the order and repetition of agencies', { audience: ['Police', 'Fire', 'Police'] }, { audience: ['Fire', 'Police'] }],
    ['blank fields', { until: '', audience: [''], conditions: ' ' }, {}],
    ['a date and the instant in which it ends', { until: '2026-12-31' }, { until: '2027-01-01T00:00:00Z' }],
    ['the offset of an instant', { until: '2026-12-31T17:00:00-07:00' }, { until: '2027-01-01T00:00:00.000Z' }],
  ])('are the same whatever %s', (_, one, other) => {
    set(one).yields(sign(day(11), 1, terms(other)), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });

  test('end with a day of the city', () => {
    expect(terms({ until: '2026-12-31' }, 'America/Denver').terms.until).toBe('2027-01-01T07:00:00.000Z');
  });

  test.each<[string, TermsInput, string]>([
    ['a date that is none', { until: '2026-02-30' }, '/until'],
    ['too long conditions', { conditions: 'x'.repeat(2001) }, '/conditions'],
    ['too many agencies', { audience: Array.from({ length: 41 }, (_, index) => `Agency ${index}`) }, '/audience'],
    ['terms too long together', { conditions: '界'.repeat(2000) }, '/conditions'],
    ['an agency with a control character', { audience: ['Po\u0007lice'] }, '/audience'],
  ])('with %s cannot be read', (_, input, pointer) => {
    expect(readTerms(input, 'UTC')).toMatchObject({ pointer, detail: expect.stringMatching(/\S/) });
  });

  test('that are over when the last one signs approve nothing', () => {
    const until = terms({ until: day(12) });
    const ending = notified().then(certify(day(10), 1, until));
    ending.refuses(sign(day(12), 1, until), 'until-passed', '/until');
    ending
      .then(sign(justBefore(day(12)), 1, until))
      .is('enabled', justBefore(day(12)))
      .is('expired', day(12));
  });
});

describe('the end of an approval', () => {
  const valid = (input: TermsInput, endsAt: string | null, term?: string) => {
    const rules = { policy: { number: 1, policy: policy(rule([council(), mayor()], term === undefined ? {} : { term })) } };
    const story = tell(
      notify(day(0), 1, { ...rules, notice: facts({ endsAt }) }),
      certify(day(10), 1, { ...rules, ...terms(input) }),
      sign(day(11), 1, { ...rules, ...terms(input) }),
    );
    return { story, until: story.state.changes[0]?.approved?.validUntil };
  };

  test.each<[string, TermsInput, string | null, string | undefined, string | null]>([
    ['the notice', { until: day(50) }, day(40), 'P2M', day(40)],
    ['the terms', { until: day(30) }, day(40), 'P2M', day(30)],
    ['the rule', { until: day(90) }, day(80), 'P1M', day(42)],
    ['nothing', {}, null, undefined, null],
  ])('is the earliest of what sets one: %s', (_, input, endsAt, term, until) => {
    expect(valid(input, endsAt, term).until).toBe(until);
  });

  test('is off at the very instant, with no clock', () => {
    valid({}, day(40))
      .story.is('enabled', justBefore(day(40)))
      .is('expired', day(40))
      .yields(tick(day(40)), 'ApprovalExpired');
  });

  test('is already over when the notice ended before it was approved', () => {
    valid({}, day(5)).story.is('expired', day(11));
  });
});
