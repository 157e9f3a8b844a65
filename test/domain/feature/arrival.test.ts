import { describe, expect, test } from 'vitest';
import { evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import { terms } from './readableTerms.ts';
import { approved, type Story, tell } from './story.ts';
import {
  adoption,
  certify,
  day,
  facts,
  justBefore,
  notify,
  revise,
  revoke,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

const forced = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt }) });
const held = (effectiveAt: string) => ({ notice: facts({ kind: 'update', optOut: 'yes', effectiveAt }) });
const asked = ({ state }: Story, at: string) => evaluate('acme', [headWith(state)], {}, at);
const becomes = ({ events }: Story) => events.findLast(({ type }) => type === 'ChangeApproved');

describe('arrival decides, in whatever order it is decided', () => {
  const both = () => tell(notify(day(0), 1), notify(day(1), 2, forced()), certify(day(10), 1), certify(day(10), 2));

  test('words that arrived before those in force are approved and replaced at once', () => {
    const last = both().then(sign(day(11), 2), sign(day(11), 1));
    expect(becomes(last)).toMatchObject({ change: 1, becomes: 'replaced', replaces: [] });
    expect(asked(last.is('enabled', day(12)), day(12))).toMatchObject({ change: 2, digest: wordsOf(2) });
    expect([last.status(1, day(12)), last.status(2, day(12))]).toStrictEqual(['replaced', 'approved']);
  });

  test('words that run unasked make the older untrue, also once their own approval was revoked', () => {
    both()
      .then(sign(day(11), 2), revoke(day(12), 2), sign(day(13), 1))
      .is('outdated', day(13));
  });

  test('and once they were taken back after they took effect, or refused', () => {
    both()
      .then(withdraw(day(11), 2), sign(day(12), 1))
      .is('outdated', day(12));
    tell(notify(day(0), 1), notify(day(1), 2, forced()), certify(day(10), 2, { votes: rollOf(0, 13) }), ...adoption(1)).is(
      'outdated',
      day(11),
    );
  });

  test('words that are forced count as arrived when they take effect', () => {
    const early = tell(notify(day(0), 1, forced(day(5))), notify(day(3), 2));
    early.then(...adoption(2)).is('outdated', day(11));
    early
      .then(...adoption(1))
      .then(...adoption(2, {}, 2))
      .is('enabled', day(13));
  });
});

describe('the same words sent again', () => {
  const again = (at: string, n: number, words: string) =>
    notify(at, n, { digest: words, command: `again-${n}-${at}`.slice(0, 16), notice: facts() });
  const overtaken = () => tell(notify(day(0), 1), notify(day(1), 2), ...adoption(2));

  test('announce nothing new while no later words overtook them', () => {
    tell(notify(day(0), 1), notify(day(1), 2)).yields(again(day(2), 1, wordsOf(1)));
  });

  test('arrive anew as the next revision of their change once later ones did', () => {
    const anew = overtaken().goes(again(day(12), 1, wordsOf(1)), 'ChangeRevised');
    expect(anew.events.at(-1)).toMatchObject({ change: 1, revision: 2, digest: wordsOf(1) });
    const last = anew.then(...adoption(1, { revision: 2, digest: wordsOf(1) }, 12));
    expect(asked(last.is('enabled', day(23)), day(23))).toMatchObject({ change: 1, revision: 2 });
    overtaken().yields(revise(day(12), 1, 2, { digest: wordsOf(1) }), 'ChangeRevised');
  });

  test('are a new change once their own is closed', () => {
    overtaken()
      .then(withdraw(day(12), 1))
      .yields(again(day(13), 3, wordsOf(1)), 'ChangeNotified');
  });
});

describe('the words of the approval in force, sent again', () => {
  const again = (at: string, n: number, over = {}) => notify(at, n, { digest: wordsOf(1), command: 'again', ...over });

  test('are that change, whatever they revise', () => {
    approved()
      .yields(again(day(20), 2))
      .yields(again(day(20), 2, { revises: 1 }));
  });

  test('are a new change once it has ended, was replaced or is outdated', () => {
    for (const story of [
      approved().then(revoke(day(20), 1)),
      approved().then(notify(day(20), 2), ...adoption(2, {}, 20)),
      approved().then(notify(day(20), 2, forced())),
    ])
      story.yields(again(day(40), story.state.count + 1), 'ChangeNotified');
    approved().yields(again(day(400), 2), 'ApprovalEnded', 'ChangeNotified');
  });
});

describe('an approval with a later start', () => {
  const from = terms({ from: day(60) });
  const waiting = () => approved().then(notify(day(20), 2), ...adoption(2, from, 20));

  test('leaves the version on that runs, until it begins', () => {
    const story = waiting();
    expect(becomes(story)).toMatchObject({ change: 2, becomes: 'waiting', replaces: [] });
    story
      .is('enabled', day(31))
      .is('enabled', justBefore(day(60)))
      .is('enabled', day(60));
    expect(asked(story, day(31))).toMatchObject({
      change: 1,
      effectiveUntil: day(60),
      limitedBy: { change: 'acme/2', by: 'next' },
    });
    expect(asked(story, day(60))).toMatchObject({ change: 2 });
    expect([story.status(1, day(59)), story.status(1, day(60))]).toStrictEqual(['approved', 'replaced']);
    const recorded = story.goes(tick(day(61)), 'ApprovalBegan');
    expect(recorded.events.at(-1)).toStrictEqual({ type: 'ApprovalBegan', v: 1, at: day(60), change: 2, replaces: [1] });
    recorded.is('enabled', day(61));
  });

  test('waits for the effect of its words while another is in force, and begins at once while none is', () => {
    const story = approved().then(notify(day(20), 2, held(day(60))), ...adoption(2, {}, 20));
    expect(asked(story, day(59))).toMatchObject({ enabled: true, change: 1 });
    expect(asked(story, day(60))).toMatchObject({ enabled: true, change: 2 });
    const first = tell(notify(day(0), 1, held(day(60))), ...adoption(1));
    expect(becomes(first)).toMatchObject({ becomes: 'in-force' });
    first.is('enabled', day(11));
    const ending = approved({ notice: facts({ endsAt: day(40) }) }).then(
      notify(day(20), 2, held(day(60))),
      ...adoption(2, {}, 20),
    );
    expect(asked(ending, justBefore(day(40)))).toMatchObject({ enabled: true, change: 1 });
    expect(asked(ending, day(40))).toMatchObject({ enabled: true, change: 2 });
    const removal = { notice: facts({ kind: 'removal', effectiveAt: day(40) }) };
    const removed = approved().then(notify(day(20), 2, forced(day(60))), ...adoption(2, {}, 20), notify(day(35), 3, removal));
    expect(removed.then(tick(day(41))).events.slice(-2)).toMatchObject([
      { type: 'ApprovalEnded', change: 1, at: day(40), because: 'removal' },
      { type: 'ApprovalBegan', change: 2, at: day(40), replaces: [] },
    ]);
    const onItsDay = approved().then(notify(day(20), 2, held(day(31))), ...adoption(2, {}, 20));
    expect(becomes(onItsDay)).toMatchObject({ change: 2, becomes: 'in-force', replaces: [1] });
  });

  test('gives way to words that arrived later, whether those begin at once or wait', () => {
    const begun = waiting().then(notify(day(35), 3), ...adoption(3, {}, 35));
    expect(becomes(begun)).toMatchObject({ change: 3, becomes: 'in-force', replaces: [1, 2] });
    const both = approved().then(notify(day(20), 2), notify(day(21), 3));
    const later = both.then(...adoption(3, from, 21), ...adoption(2, from, 25));
    expect(becomes(later)).toMatchObject({ change: 2, becomes: 'replaced', replaces: [] });
    const earlier = both.then(...adoption(2, from, 21), ...adoption(3, from, 25));
    expect(becomes(earlier)).toMatchObject({ change: 3, becomes: 'waiting', replaces: [2] });
  });

  test('ends with the one in force; revoked alone it ends alone', () => {
    const off = waiting().then(revoke(day(33), 1));
    expect(off.events.at(-1)).toMatchObject({ type: 'ApprovalRevoked', change: 1, ends: [2] });
    off.is('revoked', day(33)).is('revoked', day(61));
    const alone = waiting().then(revoke(day(33), 2));
    expect(alone.events.at(-1)).toMatchObject({ type: 'ApprovalRevoked', change: 2, ends: [] });
    expect(asked(alone.is('enabled', day(61)), day(61))).toMatchObject({ change: 1, validUntil: '2027-03-12T12:00:00.000Z' });
  });

  test('is shown as scheduled while none is in force, and as outdated once later words run', () => {
    const ending = approved({ notice: facts({ endsAt: day(40) }) }).then(notify(day(20), 2), ...adoption(2, from, 20));
    ending.is('enabled', day(39)).is('scheduled', day(40)).is('enabled', day(60));
    const overtaken = waiting().then(notify(day(35), 3, forced(day(50))));
    overtaken
      .is('enabled', justBefore(day(50)))
      .is('outdated', day(50))
      .is('outdated', day(60));
  });
});
