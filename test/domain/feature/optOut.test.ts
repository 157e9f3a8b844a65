import { describe, expect, test } from 'vitest';
import { afterCommit, emptyRecord } from '../../../domain/derived/fold.ts';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import { dayToOptOutBy } from '../../../domain/feature/optOut.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { terms } from './readableTerms.ts';
import { approved, type Story, tell, viewOf } from './story.ts';
import {
  adoption,
  certify,
  confirmRollback,
  contest,
  day,
  facts,
  justBefore,
  notify,
  optOut,
  revise,
  revoke,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

// How long approved words stay true under one announced change, test/properties/optOut.test.ts asks of every combination of what the
// notice says and what the city does. Here is each rule once, what is recorded, and what is refused.

type Facts = Parameters<typeof facts>[0];
const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const BY_MAYOR = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const REFUSED = { votes: rollOf(0, 13) };
const FIRST = { change: 1, digest: wordsOf(1) };
const SECOND = { revision: 2, digest: wordsOf(2, 2) };
const SILENT: Facts = { kind: 'update', optOut: 'yes', effectiveAt: day(25) };
const update = (over: Facts = {}) => notify(day(20), 2, { notice: facts({ ...SILENT, ...over }) });
const announced = (over?: Facts) => approved().then(update(over));
const confirms = (at: string, over = {}) => confirmRollback(at, { of: 'opt-out', ...over });
const answer = ({ state }: Story, at: string) => evaluate('acme', [headWith(state)], {}, at);

describe('silence is not opting out', () => {
  test('a change that takes effect unless the city opts out makes the approved words untrue on its day, at once if that has passed', () => {
    announced({ withoutAction: 'on' })
      .is('enabled', justBefore(day(25)))
      .is('outdated', day(25))
      .is('outdated', day(200));
    announced({ effectiveAt: day(3) }).is('outdated', day(20));
  });

  test('new terms that bind the city unless it declines them are such a change', () => {
    const terms = announced({ kind: 'terms' }).is('outdated', day(25));
    terms.then(withdraw(day(24), 2)).is('enabled', day(25));
    terms.then(optOut(day(24))).is('enabled', day(25));
  });

  test('makes no maintenance of what terms allow, until somebody contests it', () => {
    const maintained = { terms: { ...NO_TERMS, maintenance: true } };
    tell(notify(day(0), 1), ...adoption(1, maintained), update())
      .is('enabled', day(30))
      .then(contest(day(31), 2))
      .is('outdated', day(31));
  });
});

test('an update is to be opted out of before its day, too; where there is no choice, by the day that the vendor names', () => {
  const days = { optOutBy: day(30), effectiveAt: day(25) };
  const kinds = ['update', 'terms', 'contract'] as const;
  expect(kinds.map((kind) => dayToOptOutBy({ kind, ...days }))).toEqual([day(25), day(25), day(30)]);
});

describe('an opt-out', () => {
  test('recorded in time leaves the approved words true, whatever becomes of the change', () => {
    const story = announced().goes(optOut(day(24)), 'OptOutRecorded');
    expect(story.events.at(-1)).toStrictEqual({
      type: 'OptOutRecorded',
      v: 1,
      at: day(24),
      change: 2,
      revision: 1,
      digest: wordsOf(2),
      note: optOut(day(24)).note,
      evidence: null,
      person: 'ida',
      act: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    story.is('enabled', day(25)).is('enabled', day(200));
    story.then(certify(day(30), 2, REFUSED)).is('enabled', day(31));
    story.then(...adoption(2, {}, 20)).is('enabled', day(31));
    expect(story.status(2, day(30))).toBe('pending');
  });

  test('of approved words has them count as arrived when they came, and wait for their start', () => {
    const story = announced({ effectiveAt: day(60) }).then(...adoption(2, {}, 20), optOut(day(35)));
    expect([day(59), day(60)].map((at) => answer(story, at).change)).toStrictEqual([1, 2]);
    for (const words of [facts(), facts({ optOut: 'no', effectiveAt: day(40) })]) {
      const both = story.then(notify(day(36), 3, { notice: words }), ...adoption(3, {}, 36));
      expect(both.events.findLast(({ type }) => type === 'ChangeApproved')).toMatchObject({
        change: 3,
        becomes: 'in-force',
        replaces: [1, 2],
      });
      both.is('enabled', day(60));
      expect(answer(both, day(60)).change).toBe(3);
    }
    const held = announced({ effectiveAt: day(50) }).then(...adoption(2, terms({ from: day(90) }), 20), optOut(day(40)));
    expect([day(50), day(90)].map((at) => answer(held, at).change)).toStrictEqual([1, 2]);
  });

  test('of words that wait keeps them from taking the place of later ones in force, with which they end', () => {
    const update = { notice: facts({ optOut: 'no', effectiveAt: day(40) }) };
    const both = announced({ effectiveAt: day(60) }).then(
      ...adoption(2, {}, 20),
      notify(day(36), 3, update),
      ...adoption(3, terms({ until: day(80) }), 36),
    );
    expect([day(59), day(60)].map((at) => answer(both, at).change)).toStrictEqual([3, 2]);
    const told = both.then(optOut(day(50))).is('enabled', justBefore(day(80)));
    expect([day(59), day(60)].map((at) => answer(told, at).change)).toStrictEqual([3, 3]);
    expect(answer(told, day(60))).toMatchObject({ effectiveUntil: day(80), limitedBy: { change: 'acme/3', by: 'decision' } });
    const over = told.is('expired', day(80)).goes(tick(day(81)), 'ApprovalEnded');
    expect(over.events.at(-1)).toMatchObject({ change: 3, at: day(80), because: 'end', ends: [2] });
    expect([2, 3].map((n) => over.status(n, day(81)))).toStrictEqual(['expired', 'expired']);
    const removal = { notice: facts({ kind: 'removal', effectiveAt: day(70) }) };
    const removed = told.then(notify(day(55), 4, removal)).is('removed', day(70));
    expect([2, 3].map((n) => removed.status(n, day(71)))).toStrictEqual(['removed', 'removed']);
  });

  test('is void once the words are revised', () => {
    announced()
      .then(optOut(day(21)), revise(day(22), 2, 2, { notice: facts({ effectiveAt: day(26) }) }))
      .is('outdated', day(26))
      .refuses(optOut(day(23)), 'stale', '/revision')
      .then(optOut(day(23), SECOND))
      .is('enabled', day(30));
  });

  test('twice is once; another needs the evidence that the first lacks', () => {
    const once = announced().then(optOut(day(21)));
    once.yields(optOut(day(21))).refuses(optOut(day(22), { note: wordsOf(9) }), 'already-decided');
    const proven = once.goes(optOut(day(26), PROOF), 'OptOutRecorded').is('enabled', day(26));
    proven.refuses(optOut(day(27), { ...PROOF, note: wordsOf(9) }), 'already-decided');
  });

  test.each<[string, Story, ReturnType<typeof optOut>, 'no-opt-out' | 'unknown-change' | 'stale' | 'closed']>([
    ['words that cannot be held back', announced({ optOut: 'no' }), optOut(day(21)), 'no-opt-out'],
    ['a contract', announced({ kind: 'contract', endsAt: day(600) }), optOut(day(21)), 'no-opt-out'],
    ['terms of which the vendor does not say so', announced({ kind: 'terms', optOut: 'unknown' }), optOut(day(21)), 'no-opt-out'],
    ['the city’s own rules', tell(notify(day(0), 1, { key: 'aldergate.policy' })), optOut(day(1), FIRST), 'no-opt-out'],
    ['nothing', approved(), optOut(day(21), { change: 3 }), 'unknown-change'],
    ['other words', announced(), optOut(day(21), { digest: wordsOf(1) }), 'stale'],
    ['what was withdrawn', announced().then(withdraw(day(21), 2)), optOut(day(22)), 'closed'],
    ['what was withdrawn after it ran', announced().then(withdraw(day(26), 2)), optOut(day(27)), 'closed'],
  ])('of %s is refused', (_, story, command, code) => void story.refuses(command, code));

  test('is refused once the words of a closed change can make nothing untrue, whatever was recorded since', () => {
    const silent = { notice: facts(SILENT) };
    const replaced = tell(notify(day(0), 1, silent), notify(day(1), 2, silent), ...adoption(2), ...adoption(1, {}, 2));
    expect(replaced.status(1, day(14))).toBe('replaced');
    replaced.yields(optOut(day(24), FIRST), 'OptOutRecorded').refuses(optOut(day(25), FIRST), 'closed');
  });

  test('and once they no longer count they never do again: a later withdrawal is of nothing', () => {
    const silent = { notice: facts({ ...SILENT, effectiveAt: day(20) }) };
    tell(notify(day(0), 1, silent), notify(day(1), 2, silent), certify(day(10), 1, REFUSED), ...adoption(2))
      .then(optOut(day(21), { ...FIRST, ...PROOF }), revoke(day(22), 2))
      .refuses(withdraw(day(23), 1), 'closed');
  });
});

describe('an opt-out that was recorded late', () => {
  const late = () => announced().then(optOut(day(26), PROOF));

  test('restores once two persons of two bodies confirm that it was made in time', () => {
    const one = late()
      .is('outdated', day(26))
      .goes(confirms(day(27)), 'RollbackConfirmed')
      .is('outdated', day(27));
    expect(one.events.at(-1)).toMatchObject({ of: 'opt-out', holder: 'clerk', complete: false, digest: wordsOf(2) });
    one
      .yields(confirms(day(28)))
      .then(confirms(day(27), { holder: 'deputy-clerk', seat: 'deputy-clerk' }))
      .is('outdated', day(28));
    const two = one.goes(confirms(day(28), BY_MAYOR), 'RollbackConfirmed').is('enabled', day(28));
    expect(two.events.at(-1)).toMatchObject({ of: 'opt-out', complete: true });
    expect(two.status(2, day(28))).toBe('pending');
    two.refuses(confirms(day(29), { holder: 'district-1', body: 'council', seat: 'district-1' }), 'nothing-to-confirm');
  });

  test('is confirmed on the words that were shown, by who sits there', () => {
    late()
      .refuses(confirmRollback(day(27)), 'nothing-to-confirm')
      .refuses(confirms(day(27), { digest: wordsOf(1) }), 'stale', '/digest')
      .refuses(confirms(day(27), { ...BY_MAYOR, holder: 'clerk' }), 'not-in-office');
  });

  test('can be confirmed after the change closed, and not while nothing shows it', () => {
    announced()
      .then(optOut(day(26)))
      .refuses(confirms(day(27)), 'nothing-to-confirm');
    announced()
      .then(certify(day(30), 2, REFUSED), optOut(day(31), PROOF), confirms(day(32)), confirms(day(33), BY_MAYOR))
      .is('enabled', day(33));
  });

  test('is a matter of the rollback once the vendor took the change back', () => {
    const story = late().then(confirms(day(27)), withdraw(day(28), 2));
    story.refuses(confirms(day(29), BY_MAYOR), 'nothing-to-confirm');
    const one = story.then(confirmRollback(day(29), BY_MAYOR)).is('outdated', day(29));
    one.then(confirmRollback(day(30))).is('enabled', day(30));
  });
});

describe('the day on which approved words become untrue is foretold', () => {
  const foretold = (story: Story, at: string) => {
    const { validUntil, effectiveUntil, limitedBy } = answer(story, at);
    return { validUntil, effectiveUntil, limitedBy };
  };
  const until = (at: string, by: 'outdated' | 'next') => ({
    validUntil: at,
    effectiveUntil: at,
    limitedBy: { change: 'acme/2', by },
  });

  test('from the arrival until an opt-out; of words that are approved the next approval begins', () => {
    expect(foretold(announced(), day(20))).toStrictEqual(until(day(25), 'outdated'));
    expect(foretold(announced().then(optOut(day(21))), day(21))).toStrictEqual(foretold(approved(), day(20)));
    expect(foretold(announced(), day(25))).toStrictEqual({ validUntil: null, effectiveUntil: null, limitedBy: null });
    const next = announced({ effectiveAt: day(60) }).then(...adoption(2, {}, 20));
    expect(foretold(next, day(40))).toStrictEqual(until(day(60), 'next'));
  });

  test('for every key beneath', () => {
    const beneath = headWith(tell(notify(day(0), 1, { key: 'acme.lpr' }), ...adoption(1)).state);
    const found = evaluate('acme.lpr', [headWith(announced().state), beneath], {}, day(21));
    expect(found).toMatchObject({ ...until(day(25), 'outdated'), validUntil: '2027-03-12T12:00:00.000Z' });
  });
});

describe('whether a record is in time, by the state, the page of the change, and the numbers', () => {
  /** Announced on day 0 for day 25, to be opted out of by day 22. */
  const standings = (over: Facts, ...records: readonly ReturnType<typeof optOut>[]) => {
    const story = tell(notify(day(0), 1, { notice: facts({ ...SILENT, optOutBy: day(22), ...over }) }), ...records);
    const change = findChange(story.state, 1);
    const empty = emptyRecord('acme', { sequence: 0, at: day(0), zone: 'UTC' });
    const counts = afterCommit(empty, 1, story.events).changes[0]?.optedOut?.counts;
    return [change?.optOut?.stands, viewOf(story)?.optOut?.standing, counts];
  };
  const onDay = (n: number, over: Parameters<typeof optOut>[1] = {}) => optOut(day(n), { ...FIRST, ...over });
  const IN_TIME = ['counts', 'counts', true];
  const LATE = ['late', 'late', false];
  const CLAIMED = ['claimed', 'claimed', false];
  const WHATEVER = { optOut: 'unknown' } as const;
  const PAST = { effectiveAt: '2026-01-05T12:00:00.000Z', optOutBy: null };

  test.each<[string, Facts, ReturnType<typeof onDay>[], unknown[]]>([
    ['before the day that the vendor names', WHATEVER, [onDay(21)], IN_TIME],
    ['on it', WHATEVER, [onDay(22)], LATE],
    ['of words that the vendor leaves off', { withoutAction: 'off' }, [onDay(22)], LATE],
    ['before the effect, the first of the two', { ...WHATEVER, optOutBy: day(28) }, [onDay(24)], IN_TIME],
    ['after the effect, and before a day that lies after it', { optOutBy: day(28) }, [onDay(26)], CLAIMED],
    ['after the effect, the only one', { ...WHATEVER, optOutBy: null }, [onDay(26)], LATE],
    ['after an effect that had come on arrival', { ...WHATEVER, ...PAST }, [onDay(1)], LATE],
    ['with evidence, which two persons cannot confirm here', WHATEVER, [onDay(30, PROOF)], LATE],
    ['twice: the first counts', WHATEVER, [onDay(21), onDay(30, PROOF)], IN_TIME],
    ['of words without a day, before the vendor’s', { effectiveAt: null }, [onDay(21)], IN_TIME],
    ['of words without a day, on the vendor’s', { effectiveAt: null }, [onDay(22, PROOF)], LATE],
    ['of words without any day', { effectiveAt: null, optOutBy: null }, [onDay(90)], IN_TIME],
    ['of words that run by silence', {}, [onDay(22)], LATE],
    ['of words that run by silence, with evidence', {}, [onDay(22, PROOF)], CLAIMED],
    ['of words that run by silence, with evidence later', {}, [onDay(22), onDay(23, PROOF)], CLAIMED],
  ])('%s', (_, words, records, expected) => expect(standings(words, ...records)).toEqual(expected));
});
