import { describe, expect, test } from 'vitest';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { terms } from './readableTerms.ts';
import { approved, type Story, tell } from './story.ts';
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

const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const BY_MAYOR = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const REFUSED = { votes: rollOf(0, 13) };
const update = (over: Parameters<typeof facts>[0] = {}, at = day(20)) =>
  notify(at, 2, { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25), ...over }) });
const announced = (over: Parameters<typeof facts>[0] = {}, at?: string): Story => approved().then(update(over, at));
const confirms = (at: string, over = {}) => confirmRollback(at, { of: 'opt-out', ...over });
const answer = ({ state }: Story, at: string) => evaluate('acme', [headWith(state)], {}, at);

describe('silence is not opting out', () => {
  test('a change that takes effect unless the city opts out makes the approved words untrue on its day', () => {
    for (const withoutAction of ['on', 'unknown'] as const)
      announced({ withoutAction })
        .is('enabled', justBefore(day(25)))
        .is('outdated', day(25))
        .is('outdated', day(200));
  });

  test('at once where its day has passed on arrival', () => {
    announced({ effectiveAt: day(3) }).is('outdated', day(20));
  });

  test('also where it was refused, lapsed, or approved and revoked', () => {
    announced({ effectiveAt: day(40) })
      .then(certify(day(30), 2, REFUSED))
      .is('enabled', justBefore(day(40)))
      .is('outdated', day(40));
    announced({ effectiveAt: day(150) })
      .then(tick(day(120)))
      .is('enabled', day(149))
      .is('outdated', day(150));
    announced({ effectiveAt: day(60) })
      .then(...adoption(2, {}, 20), revoke(day(40), 2))
      .is('outdated', day(60));
  });

  test('is the approval of what it announced once that is given', () => {
    const story = announced({ effectiveAt: day(60) }).then(...adoption(2, {}, 20));
    expect(answer(story, justBefore(day(60)))).toMatchObject({ enabled: true, change: 1 });
    expect(answer(story, day(60))).toMatchObject({ enabled: true, change: 2 });
  });

  test('needs a day, a choice, and a vendor that does not leave it off by itself', () => {
    announced({ withoutAction: 'off' }).is('enabled', day(200));
    announced({ effectiveAt: null }).is('enabled', day(200));
    announced({ kind: 'terms' }).is('enabled', day(200));
    announced({ kind: 'contract', endsAt: day(600) }).is('enabled', day(200));
    announced()
      .then(withdraw(day(24), 2))
      .is('enabled', day(200));
  });

  test('makes no maintenance of what terms allow, until somebody contests it', () => {
    const maintained = { terms: { ...NO_TERMS, maintenance: true } };
    const upkeep = tell(notify(day(0), 1), ...adoption(1, maintained)).then(update());
    upkeep
      .is('enabled', day(30))
      .then(contest(day(31), 2))
      .is('outdated', day(31));
    announced().is('outdated', day(30));
  });
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

  test('counts until the last day that the vendor names, and never once the words took effect', () => {
    const early = announced({ optOutBy: day(22) });
    early.then(optOut(justBefore(day(22)))).is('enabled', day(30));
    early.then(optOut(day(22))).is('outdated', day(30));
    announced()
      .then(optOut(day(25)))
      .is('outdated', day(25));
    announced({ optOutBy: day(28) })
      .then(optOut(day(26)))
      .is('outdated', day(26));
    announced({ effectiveAt: day(3) })
      .then(optOut(day(20)))
      .is('outdated', day(20));
  });

  test('of what was refused or lapsed counts as well, and of what begins later than it takes effect', () => {
    announced({ effectiveAt: day(40) })
      .then(certify(day(30), 2, REFUSED), optOut(day(31)))
      .is('enabled', day(40));
    const later = announced({ effectiveAt: day(50) }).then(...adoption(2, terms({ from: day(90) }), 20));
    later.is('outdated', day(50));
    const held = later.then(optOut(day(40)));
    expect(answer(held, day(50))).toMatchObject({ enabled: true, change: 1 });
    expect(answer(held, day(90))).toMatchObject({ enabled: true, change: 2 });
  });

  test('leaves an approval that was given before in its place', () => {
    const story = announced({ effectiveAt: day(60) }).then(...adoption(2, {}, 20), optOut(day(35)));
    // Words of day 36 came before those that count from day 60.
    const both = story.then(notify(day(36), 3), ...adoption(3, {}, 36));
    expect(answer(both, day(59))).toMatchObject({ enabled: true, change: 3 });
    expect(answer(both, day(60))).toMatchObject({ enabled: true, change: 2 });
  });

  test('of words that run whatever the city does changes no answer', () => {
    announced({ optOut: 'unknown' })
      .then(optOut(day(22)))
      .is('outdated', day(25));
    announced({ withoutAction: 'off' })
      .then(optOut(day(22)))
      .is('enabled', day(200));
  });

  test('is void once the words are revised', () => {
    const revised = announced().then(optOut(day(21)), revise(day(22), 2, 2, { notice: facts({ effectiveAt: day(26) }) }));
    revised.is('enabled', justBefore(day(26))).is('outdated', day(26));
    revised
      .refuses(optOut(day(23)), 'stale', '/revision')
      .then(optOut(day(23), { revision: 2, digest: wordsOf(2, 2) }))
      .is('enabled', day(30));
    const came = announced().then(revise(day(26), 2, 2, { notice: facts({ effectiveAt: day(40) }) }));
    came.then(optOut(day(27), { revision: 2, digest: wordsOf(2, 2) })).is('outdated', day(27));
  });

  test('twice is once; another needs the evidence that the first lacks', () => {
    const once = announced().then(optOut(day(21)));
    once.yields(optOut(day(21)));
    once.refuses(optOut(day(22), { note: wordsOf(9) }), 'already-decided');
    const proven = once.goes(optOut(day(26), PROOF), 'OptOutRecorded').is('enabled', day(26));
    proven.refuses(optOut(day(27), { ...PROOF, note: wordsOf(9) }), 'already-decided');
  });

  test('is refused where there is none', () => {
    announced({ optOut: 'no' }).refuses(optOut(day(21)), 'no-opt-out');
    announced({ kind: 'contract', endsAt: day(600) }).refuses(optOut(day(21)), 'no-opt-out');
    announced({ kind: 'terms' }).refuses(optOut(day(21)), 'no-opt-out');
    approved().refuses(optOut(day(21), { change: 3 }), 'unknown-change');
    announced().refuses(optOut(day(21), { digest: wordsOf(1) }), 'stale', '/digest');
    announced()
      .then(withdraw(day(21), 2))
      .refuses(optOut(day(22)), 'closed');
    announced()
      .then(withdraw(day(26), 2))
      .refuses(optOut(day(27)), 'closed');
  });

  test('is refused once the words of a closed change can make nothing untrue, whatever was recorded since', () => {
    const silent = { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25) }) };
    const replaced = tell(notify(day(0), 1, silent), notify(day(1), 2, silent), ...adoption(2), ...adoption(1, {}, 2));
    expect(replaced.status(1, day(14))).toBe('replaced');
    const first = { change: 1, digest: wordsOf(1) };
    replaced.yields(optOut(day(24), first), 'OptOutRecorded').refuses(optOut(day(25), first), 'closed');
  });

  test('and once they no longer count they never do again: a later withdrawal is of nothing', () => {
    const silent = { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(20) }) };
    tell(notify(day(0), 1, silent), notify(day(1), 2, silent), certify(day(10), 1, REFUSED), ...adoption(2))
      .then(optOut(day(21), { change: 1, digest: wordsOf(1), ...PROOF }), revoke(day(22), 2))
      .refuses(withdraw(day(23), 1), 'closed');
  });

  test('of the city’s own rules there is none', () => {
    tell(notify(day(0), 1, { key: 'aldergate.policy' })).refuses(optOut(day(1), { change: 1, digest: wordsOf(1) }), 'no-opt-out');
  });
});

describe('an opt-out that was recorded late', () => {
  const late = (): Story => announced().then(optOut(day(26), PROOF));

  test('restores once two persons of two bodies confirm that it was made in time', () => {
    const one = late()
      .is('outdated', day(26))
      .goes(confirms(day(27)), 'RollbackConfirmed')
      .is('outdated', day(27));
    expect(one.events.at(-1)).toMatchObject({ of: 'opt-out', holder: 'clerk', complete: false, digest: wordsOf(2) });
    const two = one.goes(confirms(day(28), BY_MAYOR), 'RollbackConfirmed').is('enabled', day(28));
    expect(two.events.at(-1)).toMatchObject({ of: 'opt-out', complete: true });
    expect(two.status(2, day(28))).toBe('pending');
    two.refuses(confirms(day(29), { holder: 'district-1', body: 'council', seat: 'district-1' }), 'nothing-to-confirm');
    two.then(...adoption(2, {}, 20)).is('enabled', day(31));
  });

  test('makes untrue again what arrived before words that run, though their approval has yet to begin', () => {
    const silent = (effectiveAt: string, optOutBy: string | null) => ({
      notice: facts({ kind: 'update', optOut: 'yes', effectiveAt, optOutBy }),
    });
    const first = { change: 1, digest: wordsOf(1) };
    tell(
      notify(day(0), 1, silent(day(60), day(1))),
      notify(day(1), 2, silent(day(2), null)),
      optOut(day(3), { ...first, ...PROOF }),
    )
      .then(...adoption(2, terms({ from: day(80) })), confirms(day(12), first), confirms(day(12), { ...first, ...BY_MAYOR }))
      .then(...adoption(1, {}, 5))
      .is('outdated', day(17))
      .is('enabled', day(80));
  });

  test('takes two bodies and two persons, and the words that were shown', () => {
    const deputy = { holder: 'deputy-clerk', seat: 'deputy-clerk' };
    late()
      .then(confirms(day(27)), confirms(day(27), deputy))
      .is('outdated', day(28));
    late()
      .then(confirms(day(27)))
      .yields(confirms(day(28)));
    late()
      .refuses(confirmRollback(day(27)), 'nothing-to-confirm')
      .refuses(confirms(day(27), { digest: wordsOf(1) }), 'stale', '/digest')
      .refuses(confirms(day(27), { ...BY_MAYOR, holder: 'clerk' }), 'not-in-office');
  });

  test('needs evidence, at once or later, or a last day that lay after the effect', () => {
    const bare = announced().then(optOut(day(26)));
    bare.refuses(confirms(day(27)), 'nothing-to-confirm');
    bare.then(optOut(day(27), PROOF), confirms(day(28)), confirms(day(29), BY_MAYOR)).is('enabled', day(29));
    announced({ optOutBy: day(30) })
      .then(optOut(day(26)), confirms(day(27)), confirms(day(28), BY_MAYOR))
      .is('enabled', day(28));
  });

  test('can be confirmed before the words take effect, and after the change closed', () => {
    announced({ optOutBy: day(21) })
      .then(optOut(day(22), PROOF), confirms(day(23)), confirms(day(24), BY_MAYOR))
      .is('enabled', day(25));
    announced()
      .then(certify(day(30), 2, REFUSED), optOut(day(31), PROOF), confirms(day(32)), confirms(day(33), BY_MAYOR))
      .is('enabled', day(33));
  });

  test('leaves what an earlier wording made untrue', () => {
    const forced = approved().then(notify(day(20), 2, { notice: facts({ optOut: 'no', effectiveAt: day(21) }) }));
    const words = { revision: 2, digest: wordsOf(2, 2) };
    const story = forced.then(
      revise(day(22), 2, 2, { notice: facts({ effectiveAt: day(3) }) }),
      optOut(day(23), { ...words, ...PROOF }),
      confirms(day(24), words),
      confirms(day(25), { ...words, ...BY_MAYOR }),
    );
    story.is('outdated', day(25));
  });

  test('is nothing to confirm where the words that stand run only when the city asks for them', () => {
    const forced = approved().then(notify(day(20), 2, { notice: facts({ optOut: 'no', effectiveAt: day(21) }) }));
    const words = { revision: 2, digest: wordsOf(2, 2) };
    forced
      .then(
        revise(day(22), 2, 2, { notice: facts({ effectiveAt: day(24), withoutAction: 'off' }) }),
        optOut(day(25), { ...words, ...PROOF }),
      )
      .refuses(confirms(day(26), words), 'nothing-to-confirm');
  });

  test('is a matter of the rollback once the vendor took the change back', () => {
    const story = late().then(confirms(day(27)), withdraw(day(28), 2));
    story.refuses(confirms(day(29), BY_MAYOR), 'nothing-to-confirm');
    story.then(confirmRollback(day(29), BY_MAYOR)).is('outdated', day(29));
    story.then(confirmRollback(day(29), BY_MAYOR), confirmRollback(day(30))).is('enabled', day(30));
  });
});

describe('the day on which approved words become untrue is foretold', () => {
  const foretold = (story: Story, at: string) => {
    const { validUntil, effectiveUntil, limitedBy } = answer(story, at);
    return { validUntil, effectiveUntil, limitedBy };
  };
  const own = foretold(approved(), day(20));

  test('from the arrival until an opt-out, the end of the approval or a later approval', () => {
    const outdated = { validUntil: day(25), effectiveUntil: day(25), limitedBy: { change: 'acme/2', by: 'outdated' } };
    expect(foretold(announced(), day(20))).toStrictEqual(outdated);
    expect(foretold(announced({ optOut: 'no' }), day(20))).toStrictEqual(outdated);
    expect(foretold(announced().then(optOut(day(21))), day(21))).toStrictEqual(own);
    expect(foretold(announced({ withoutAction: 'off' }), day(21))).toStrictEqual(own);
    expect(foretold(announced({ effectiveAt: day(600) }), day(21))).toStrictEqual(own);
    expect(foretold(announced(), day(25))).toStrictEqual({ validUntil: null, effectiveUntil: null, limitedBy: null });
  });

  test('but for words that are approved: then the next approval begins', () => {
    const story = announced({ effectiveAt: day(60) }).then(...adoption(2, {}, 20));
    expect(foretold(story, day(40))).toStrictEqual({
      validUntil: day(60),
      effectiveUntil: day(60),
      limitedBy: { change: 'acme/2', by: 'next' },
    });
  });

  test('for every key beneath', () => {
    const beneath = headWith(tell(notify(day(0), 1, { key: 'acme.lpr' }), ...adoption(1)).state);
    const { validUntil, effectiveUntil, limitedBy } = evaluate('acme.lpr', [headWith(announced().state), beneath], {}, day(21));
    expect({ validUntil, effectiveUntil, limitedBy }).toStrictEqual({
      validUntil: '2027-03-12T12:00:00.000Z',
      effectiveUntil: day(25),
      limitedBy: { change: 'acme/2', by: 'outdated' },
    });
  });
});
