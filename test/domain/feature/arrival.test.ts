import { describe, expect, test } from 'vitest';
import { evaluate, headWith, isOutdatedBy } from '../../../domain/feature/evaluate.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { terms } from './readableTerms.ts';
import { approved, officials, type Story, tell, viewOf } from './story.ts';
import {
  adoption,
  certify,
  day,
  facts,
  justBefore,
  notify,
  revise,
  revoke,
  confirmRollback as rollback,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

// That on is what arrived last and was approved, test/domain/search asks of every order of a few acts. Here is each rule once.

const forced = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt }) });
const held = (effectiveAt: string) => ({ notice: facts({ kind: 'update', optOut: 'yes', effectiveAt }) });
const asked = ({ state }: Story, at: string) => evaluate('acme', [headWith(state)], {}, at);
const changesOn = (story: Story, ...instants: readonly string[]) => instants.map((at) => asked(story, at).change);
const becomes = ({ events }: Story) => events.findLast(({ type }) => type === 'ChangeApproved');
const refused = { votes: rollOf(0, 13) };

describe('arrival decides, in whatever order it is decided', () => {
  const both = () => tell(notify(day(0), 1), notify(day(1), 2, forced()), certify(day(10), 1), certify(day(10), 2));

  test('words that arrived before those in force are approved and replaced at once', () => {
    const last = both()
      .then(sign(day(11), 2), sign(day(11), 1))
      .is('enabled', day(12));
    expect(becomes(last)).toMatchObject({ change: 1, becomes: 'replaced', replaces: [] });
    expect(asked(last, day(12))).toMatchObject({ change: 2, digest: wordsOf(2) });
    expect([last.status(1, day(12)), last.status(2, day(12))]).toStrictEqual(['replaced', 'approved']);
  });

  test('words that run unasked make the older untrue, also once their approval was revoked, or they were taken back or refused', () => {
    both()
      .then(sign(day(11), 2), revoke(day(12), 2), sign(day(13), 1))
      .is('outdated', day(13));
    both()
      .then(withdraw(day(11), 2), sign(day(12), 1))
      .is('outdated', day(12));
    tell(notify(day(0), 1), notify(day(1), 2, forced()), certify(day(10), 2, refused), ...adoption(1)).is('outdated', day(11));
  });

  test('words that are forced count as arrived when they take effect', () => {
    const early = tell(notify(day(0), 1, forced(day(5))), notify(day(3), 2));
    early.then(...adoption(2)).is('outdated', day(11));
    const both = early.then(...adoption(1), ...adoption(2, {}, 2)).is('enabled', day(13));
    expect(becomes(both)).toMatchObject({ change: 2, becomes: 'replaced' });
  });

  describe('approved words that have yet to take effect', () => {
    const ahead = (words = forced(day(60))) => tell(notify(day(0), 1, words), ...adoption(1)).is('enabled', day(11));
    const between = () => ahead().then(notify(day(20), 2, forced(day(25))));

    test('are untrue while others run that arrived after them, until their own effect', () => {
      for (const words of [forced(day(60)), held(day(60))])
        ahead(words)
          .then(notify(day(20), 2, forced(day(25))))
          .is('enabled', justBefore(day(25)))
          .is('outdated', day(25))
          .is('outdated', justBefore(day(60)))
          .is('enabled', day(60));
      expect(asked(ahead(), day(12)).limitedBy).toStrictEqual({ change: 'acme/1', by: 'policy' });
      expect(asked(between(), day(21))).toMatchObject({
        effectiveUntil: day(25),
        limitedBy: { change: 'acme/2', by: 'outdated' },
      });
    });

    test('are so also once the others were refused, and not by what came before them or has not come', () => {
      between()
        .then(certify(day(30), 2, refused))
        .is('outdated', day(31));
      ahead()
        .then(notify(day(20), 2, forced(day(59))), withdraw(day(30), 2))
        .is('enabled', day(59));
      tell(notify(day(0), 1, forced()), notify(day(1), 2, forced(day(60))), ...adoption(2))
        .is('enabled', day(12))
        .is('enabled', day(60));
      ahead()
        .then(notify(day(20), 2, forced(day(70))))
        .is('enabled', day(60))
        .is('outdated', day(70));
    });

    test('leave their place to others that are approved and run meanwhile, whatever was approved first, and wait for their effect', () => {
      const first = between().then(...adoption(2, {}, 25));
      expect(becomes(first)).toMatchObject({ change: 2, becomes: 'in-force', replaces: [] });
      const last = tell(notify(day(0), 1, forced(day(60))), notify(day(20), 2, forced(day(25)))).then(
        ...adoption(2, {}, 25),
        ...adoption(1, {}, 27),
      );
      expect(becomes(last)).toMatchObject({ change: 1, becomes: 'waiting', replaces: [] });
      for (const story of [first, last]) {
        expect(changesOn(story, day(38), justBefore(day(60)), day(60))).toStrictEqual([2, 2, 1]);
        story.is('enabled', day(38)).is('enabled', day(60));
        const began = story.goes(tick(day(61)), 'ApprovalBegan').events.at(-1);
        expect(began).toMatchObject({ change: 1, at: day(60), replaces: [2] });
        story
          .then(revoke(day(40), 2))
          .is('revoked', day(40))
          .is('revoked', day(60));
      }
    });

    test('are no end of those in force where they end before they begin', () => {
      const notice = facts({ kind: 'update', optOut: 'yes', withoutAction: 'off', effectiveAt: day(60) });
      const never = approved().then(notify(day(20), 2, { notice }), ...adoption(2, terms({ until: day(50) }), 25));
      expect(becomes(never)).toMatchObject({ change: 2, becomes: 'waiting' });
      expect(asked(never, day(40))).toMatchObject({ change: 1, limitedBy: { change: 'acme/1', by: 'policy' } });
      expect(changesOn(never, day(40), day(60))).toStrictEqual([1, 1]);
      never.is('enabled', day(60));
    });

    test.each([
      ['when those do', 50],
      ['only after those', 60],
    ])('go on where those in force end by their date, also if they take effect %s', (_, effect) => {
      const dated = (endsAt: string, effectiveAt: string | null) => ({
        notice: facts({ optOut: 'yes', withoutAction: 'off', effectiveAt, endsAt }),
      });
      const renewed = tell(notify(day(0), 1, dated(day(50), null)), ...adoption(1)).then(
        notify(day(20), 2, dated(day(90), day(effect))),
        ...adoption(2, {}, 20),
      );
      expect(asked(renewed, day(40))).toMatchObject({
        change: 1,
        validUntil: day(50),
        limitedBy: { change: 'acme/2', by: 'next' },
      });
      expect(changesOn(renewed, justBefore(day(50)), day(50))).toStrictEqual([1, 2]);
      renewed.is('enabled', day(50)).is('expired', day(90));
    });

    test('leave it to none that has yet to start, and wait for nothing where others wait that come after them', () => {
      const from = terms({ from: day(50) });
      expect(becomes(between().then(...adoption(2, from, 25)))).toMatchObject({ change: 2, becomes: 'replaced' });
      const three = ahead().then(
        notify(day(12), 2, forced(day(80))),
        ...adoption(2, {}, 12),
        notify(day(24), 3, forced(day(25))),
      );
      const next = three.then(...adoption(3, {}, 25));
      expect(becomes(next)).toMatchObject({ change: 3, becomes: 'in-force', replaces: [1] });
      expect(changesOn(next, day(37), day(80))).toStrictEqual([3, 2]);
      const older = ahead().then(notify(day(12), 2), ...adoption(2, from, 12), notify(day(24), 3, forced(day(25))));
      expect(becomes(older.then(...adoption(3, {}, 25)))).toMatchObject({ change: 3, becomes: 'in-force', replaces: [] });
    });
  });
});

describe('the same words sent again', () => {
  const again = (at: string, n: number, over = {}) => notify(at, n, { digest: wordsOf(1), command: 'again', ...over });
  const overtaken = () => tell(notify(day(0), 1), notify(day(1), 2), ...adoption(2));

  test('announce nothing new while no later words overtook them, whatever they revise', () => {
    tell(notify(day(0), 1), notify(day(1), 2)).yields(again(day(2), 1));
    approved()
      .yields(again(day(20), 2))
      .yields(again(day(20), 2, { revises: 1 }));
  });

  test('announce nothing new either while words that have yet to run are in force: approved they would come first', () => {
    const story = tell(notify(day(0), 1, forced(day(60))), ...adoption(1)).then(notify(day(12), 2, forced(day(20))));
    for (const on of [14, 24]) story.yields(notify(day(on), 2, { ...forced(day(20)), digest: wordsOf(2), command: 'again' }));
    story.then(...adoption(2, {}, 12)).is('enabled', day(24));
  });

  test('arrive anew as the next revision of their change once later ones did', () => {
    const anew = overtaken()
      .yields(revise(day(12), 1, 2, { digest: wordsOf(1) }), 'ChangeRevised')
      .goes(again(day(12), 1), 'ChangeRevised');
    expect(anew.events.at(-1)).toMatchObject({ change: 1, revision: 2, digest: wordsOf(1) });
    const last = anew.then(...adoption(1, { revision: 2, digest: wordsOf(1) }, 12)).is('enabled', day(23));
    expect(asked(last, day(23))).toMatchObject({ change: 1, revision: 2 });
  });

  test('arrive anew, too, once a removal that was announced before them is over', () => {
    const removal = { notice: facts({ kind: 'removal', effectiveAt: day(20) }) };
    const same = (on: number) => again(day(on), 1, { digest: wordsOf(3) });
    const story = tell(notify(day(0), 1), notify(day(1), 2, removal), notify(day(5), 3)).yields(same(19));
    story.then(...adoption(3, {}, 10)).is('removed', day(21));
    const anew = story.goes(same(20), 'ChangeRevised');
    anew.then(...adoption(3, { revision: 2, digest: wordsOf(3) }, 20)).is('enabled', day(31));
  });

  test.each<[string, () => Story]>([
    ['is closed', () => overtaken().then(withdraw(day(12), 1))],
    ['was revoked', () => approved().then(revoke(day(20), 1))],
    ['was replaced', () => approved().then(notify(day(20), 2), ...adoption(2, {}, 20))],
    ['is outdated', () => approved().then(notify(day(20), 2, forced()))],
    ['has ended', () => approved({ notice: facts({ endsAt: day(30) }) }).then(tick(day(31)))],
  ])('are a new change once their own %s', (_, story) => {
    const told = story();
    told.yields(again(day(40), told.state.count + 1), 'ChangeNotified');
  });
});

describe('an approval with a later start', () => {
  const from = terms({ from: day(60) });
  const waiting = () => approved().then(notify(day(20), 2), ...adoption(2, from, 20));

  test('leaves the version on that runs, until it begins', () => {
    const story = waiting()
      .is('enabled', day(31))
      .is('enabled', justBefore(day(60)))
      .is('enabled', day(60));
    expect(becomes(story)).toMatchObject({ change: 2, becomes: 'waiting', replaces: [] });
    const limitedBy = { change: 'acme/2', by: 'next' };
    expect(asked(story, day(31))).toMatchObject({ change: 1, effectiveUntil: day(60), limitedBy });
    expect(asked(story, day(60))).toMatchObject({ change: 2 });
    expect([story.status(1, day(59)), story.status(1, day(60))]).toStrictEqual(['approved', 'replaced']);
    const recorded = story.goes(tick(day(61)), 'ApprovalBegan').is('enabled', day(61));
    expect(recorded.events.at(-1)).toStrictEqual({ type: 'ApprovalBegan', v: 1, at: day(60), change: 2, replaces: [1] });
    expect(viewOf(recorded, 2)?.approved?.began).toBe(day(60));
  });

  test('waits for the effect of its words while another is in force, and begins at once while none is', () => {
    const next = (story: Story, words = held(day(60))) => story.then(notify(day(20), 2, words), ...adoption(2, {}, 20));
    expect(changesOn(next(approved()), day(59), day(60))).toStrictEqual([1, 2]);
    const first = tell(notify(day(0), 1, held(day(60))), ...adoption(1)).is('enabled', day(11));
    expect(becomes(first)).toMatchObject({ becomes: 'in-force' });
    const ending = next(approved({ notice: facts({ endsAt: day(40) }) }));
    expect(changesOn(ending, justBefore(day(40)), day(40))).toStrictEqual([1, 2]);
    const removal = { notice: facts({ kind: 'removal', effectiveAt: day(40) }) };
    const removed = next(approved(), forced(day(60))).then(notify(day(35), 3, removal), tick(day(41)));
    expect(removed.events.at(-1)).toMatchObject({ type: 'ApprovalEnded', change: 1, at: day(40), because: 'removal', ends: [2] });
    const both = ending.then(notify(day(35), 3, { notice: facts({ kind: 'removal', effectiveAt: day(50) }) }));
    expect(changesOn(both, justBefore(day(40)), day(40), justBefore(day(50)))).toStrictEqual([1, 2, 2]);
    both.goes(tick(day(50)), 'ApprovalEnded', 'ApprovalBegan', 'ApprovalEnded').is('removed', day(50));
    expect(becomes(next(approved(), held(day(31))))).toMatchObject({ change: 2, becomes: 'in-force', replaces: [1] });
  });

  const removal = (n: number, on: string, at: string) => notify(on, n, { notice: facts({ kind: 'removal', effectiveAt: at }) });

  test('ends with the earlier of two removals; what came before both were over is off, and one long over ends nothing more', () => {
    const two = waiting().then(removal(3, day(35), day(50)), removal(4, day(40), day(80)));
    expect([two.status(1, day(50)), two.status(2, day(50))]).toStrictEqual(['removed', 'removed']);
    const three = two.then(removal(5, day(52), day(55)));
    const between = three.then(notify(day(60), 6), ...adoption(6, {}, 60)).is('removed', day(71));
    const back = between.then(notify(day(80), 7), ...adoption(7, {}, 80)).is('enabled', day(91));
    const gone = back.then(removal(8, day(100), day(110))).is('removed', day(110));
    const again = gone.then(removal(9, day(115), day(150)), notify(day(120), 10), ...adoption(10, {}, 120));
    again.is('enabled', justBefore(day(150))).is('removed', day(150));
  });

  test('announces nothing when its words are sent again, unless later words run by then', () => {
    const again = (n: number, at: string) => notify(at, n, { digest: wordsOf(2), ...forced() });
    const forcedLater = approved().then(notify(day(20), 2, forced()), ...adoption(2, from, 20));
    expect(becomes(forcedLater)).toMatchObject({ becomes: 'waiting' });
    forcedLater
      .yields(again(3, day(35)))
      .yields(again(3, justBefore(day(60))))
      .is('enabled', day(60));
    forcedLater.then(notify(day(35), 3, forced())).goes(again(4, day(36)), 'ChangeNotified');
    const foretold = forcedLater.then(notify(day(35), 3, forced(day(40))));
    foretold.yields(again(4, justBefore(day(40)))).goes(again(4, day(40)), 'ChangeNotified');
  });

  test('ends with the one in force; revoked alone it ends alone', () => {
    const off = waiting()
      .then(revoke(day(33), 1))
      .is('revoked', day(33))
      .is('revoked', day(61));
    expect(off.events.at(-1)).toMatchObject({ type: 'ApprovalRevoked', change: 1, ends: [2] });
    const alone = waiting()
      .then(revoke(day(33), 2))
      .is('enabled', day(61));
    expect(alone.events.at(-1)).toMatchObject({ type: 'ApprovalRevoked', change: 2, ends: [] });
    expect(asked(alone, day(61))).toMatchObject({ change: 1, validUntil: '2027-03-12T12:00:00.000Z' });
  });

  test('is shown as scheduled while none is in force, and as outdated once later words run', () => {
    approved({ notice: facts({ endsAt: day(40) }) })
      .then(notify(day(20), 2), ...adoption(2, from, 20))
      .is('enabled', day(39))
      .is('scheduled', day(40))
      .is('enabled', day(60));
    approved({ notice: facts({ endsAt: day(40) }) })
      .then(notify(day(20), 2, forced(day(55))), ...adoption(2, from, 20), notify(day(35), 3, forced(day(50))))
      .is('scheduled', day(50))
      .is('enabled', day(60));
    waiting()
      .then(notify(day(35), 3, forced(day(50))))
      .is('enabled', justBefore(day(50)))
      .is('outdated', day(50))
      .is('outdated', day(60));
  });
});

describe('an update of a feature that is on', () => {
  const update = (optOut: 'yes' | 'no' | 'unknown', effectiveAt: string | null, over = {}) =>
    approved().then(notify(day(20), 2, { notice: facts({ kind: 'update', optOut, effectiveAt, ...over }) }));

  test('that can be held back leaves it on, whatever becomes of it', () => {
    const pending = update('yes', day(25), { withoutAction: 'off' }).is('enabled', day(30)).is('enabled', day(111));
    pending.then(certify(day(30), 2, refused)).is('enabled', day(30));
    pending.then(withdraw(day(30), 2)).is('enabled', day(30));
  });

  test('that cannot makes the approved words untrue at its effective date, at once if it names none or that has passed', () => {
    for (const optOut of ['no', 'unknown'] as const)
      update(optOut, day(25))
        .is('enabled', justBefore(day(25)))
        .is('outdated', day(25));
    update('no', null).is('outdated', day(20));
    update('no', day(3)).is('outdated', day(20));
  });

  test('stays outdated after a refusal, a lapse, and a withdrawal once it came; withdrawn before, it is as if it had not been', () => {
    const pending = update('no', day(25)).is('outdated', day(110));
    pending
      .then(certify(day(30), 2, refused))
      .is('outdated', day(31))
      .is('outdated', day(200));
    pending.then(tick(day(111))).is('outdated', day(111));
    pending
      .then(withdraw(day(25), 2))
      .is('outdated', day(25))
      .is('outdated', day(300));
    pending
      .then(withdraw(day(24), 2))
      .is('enabled', day(24))
      .is('enabled', day(30));
  });

  test('is what outdates it while it is open and once it has ended, and no other change is', () => {
    const outdated = (story: Story, number: number, at: string) => isOutdatedBy(story.state, { key: 'acme', number }, at);
    const open = update('no', day(25)).then(notify(day(21), 3, { notice: facts({ optOut: 'yes' }) }));
    const at = (when: string) => [1, 2, 3, 4].map((number) => outdated(open, number, when));
    expect(at(justBefore(day(25)))).toStrictEqual([false, false, false, false]);
    expect(at(day(25))).toStrictEqual([false, true, false, false]);
    const ends = [certify(day(30), 2, refused), withdraw(day(30), 2), withdraw(day(24), 2), revoke(day(30), 1)];
    expect(ends.map((end) => outdated(open.then(end), 2, day(31)))).toStrictEqual([true, true, false, false]);
    expect(outdated(tell(notify(day(0), 1, { notice: facts({ optOut: 'no' }) })), 1, day(5))).toBe(false);
  });

  test('that is a contract outdates what is no contract, and never the one in force', () => {
    const renewal = { notice: facts({ kind: 'contract', optOut: 'no', endsAt: day(600) }) };
    const below = { key: 'acme.search' };
    const { state } = tell(notify(day(0), 1, below), ...adoption(1), notify(day(20), 2, { ...below, ...renewal }));
    const heads = [headWith(approved().state), headWith(state)];
    expect(evaluate('acme.search', heads, {}, day(20)).variant).toBe('outdated');
    approved()
      .then(notify(day(20), 2, renewal))
      .is('enabled', day(30));
  });

  test('that is put off after it came stays outdated, also when the vendor finds an opt-out', () => {
    const come = update('no', day(25));
    const revised = (at: string, over: Parameters<typeof facts>[0]) => come.then(revise(at, 2, 2, { notice: facts(over) }));
    revised(day(26), { optOut: 'no', effectiveAt: day(40) }).is('outdated', day(26));
    revised(day(25), { optOut: 'yes' }).is('outdated', day(26));
    revised(day(24), { optOut: 'yes' }).is('enabled', day(26));
  });
});

describe('a rollback', () => {
  const byMayor = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const came = () => approved().then(notify(day(20), 2, forced(day(25))));
  const takenBack = () => came().then(withdraw(day(30), 2));

  test('is confirmed by two persons of two bodies after the vendor took the change back, and makes the words true again', () => {
    const one = takenBack()
      .is('outdated', day(30))
      .goes(rollback(day(31)), 'RollbackConfirmed')
      .is('outdated', day(31));
    expect(one.events.at(-1)).toMatchObject({ holder: 'clerk', complete: false, digest: wordsOf(2), revision: 1 });
    one
      .yields(rollback(day(33)))
      .then(rollback(day(31), { holder: 'deputy-clerk', seat: 'deputy-clerk' }))
      .is('outdated', day(31));
    const two = one.goes(rollback(day(32), byMayor), 'RollbackConfirmed').is('enabled', day(32));
    expect(two.events.at(-1)).toMatchObject({ holder: 'mayor', complete: true });
    expect(viewOf(two, 2)?.rollback?.confirmations.map(({ holder }) => holder)).toEqual(['clerk', 'mayor']);
    two.refuses(rollback(day(33), { holder: 'district-1', body: 'council', seat: 'district-1' }), 'nothing-to-confirm');
  });

  test('is of what the vendor took back alone, after it ran and was not approved, also once it was refused or lapsed', () => {
    const ends = (story: Story, on: number) => story.then(rollback(day(on)), rollback(day(on), byMayor)).is('enabled', day(on));
    came().refuses(rollback(day(31)), 'nothing-to-confirm');
    const late = came()
      .then(certify(day(30), 2, refused))
      .refuses(rollback(day(31)), 'nothing-to-confirm');
    ends(late.goes(withdraw(day(32), 2), 'ChangeWithdrawn'), 33);
    ends(
      came()
        .then(tick(day(111)), withdraw(day(112), 2))
        .is('outdated', day(112)),
      113,
    );
    came()
      .then(withdraw(day(24), 2))
      .refuses(rollback(day(26)), 'nothing-to-confirm');
    came()
      .then(...adoption(2, {}, 20))
      .refuses(withdraw(day(32), 2), 'closed')
      .refuses(rollback(day(33)), 'nothing-to-confirm');
  });

  test('needs no vendor where the city entered the notice and no signed one joined', () => {
    const entered = approved().then(notify(day(20), 2, { ...forced(day(25)), provenance: enteredBy('auditor', day(20)) }));
    const done = entered
      .is('outdated', day(25))
      .then(rollback(day(26)), rollback(day(27), byMayor))
      .is('enabled', day(27));
    expect(done.status(2, day(27))).toBe('withdrawn');
    const joined = entered.then(notify(day(26), 3, forced(day(25))));
    expect(joined.state.count).toBe(2);
    joined.refuses(rollback(day(27), { revision: 2, digest: wordsOf(3) }), 'nothing-to-confirm');
  });

  test('is for who holds a seat of a body that decides, and where it would make an approval true', () => {
    takenBack()
      .refuses(rollback(day(31), { holder: 'board-1', body: 'board', seat: 'board-1' }), 'not-in-office')
      .refuses(rollback(day(31), { ...byMayor, holder: 'clerk' }), 'not-in-office')
      .refuses(rollback(day(31), { ...byMayor, ...officials({ mayor: null }) }), 'not-in-office')
      .refuses(rollback(day(31), { digest: wordsOf(1) }), 'stale', '/digest')
      .then(revoke(day(31), 1))
      .refuses(rollback(day(32)), 'nothing-to-confirm');
  });
});

test('what a vendor takes away and brings back can be on again, though words that the removal closed run meanwhile', () => {
  const back = approved().then(
    notify(day(20), 2, forced(day(60))),
    notify(day(30), 3, { notice: facts({ kind: 'removal', effectiveAt: day(40) }) }),
    notify(day(45), 4),
    ...adoption(4, {}, 45),
  );
  // It says until when, and by which change.
  back.is('enabled', day(57)).is('outdated', day(60));
  expect(asked(back, day(57))).toMatchObject({ validUntil: day(60), limitedBy: { change: 'acme/2', by: 'outdated' } });
  const undone = [rollback(day(62)), rollback(day(62), { holder: 'mayor', body: 'mayor', seat: 'mayor' })];
  back.then(withdraw(day(61), 2), ...undone).is('enabled', day(63));
  back.then(notify(day(61), 5), ...adoption(5, {}, 61)).is('enabled', day(73));
  const same = { digest: wordsOf(4), command: 'the-same-words' };
  back.then(notify(day(61), 5, same), ...adoption(5, { digest: same.digest }, 61)).is('enabled', day(73));
});
