import { describe, expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { effectsOf, factsOf, isMaintenance, Notice, type NoticeFacts } from '../../../domain/feature/notice.ts';
import { IMPACTS } from '../../../domain/policy/schema.ts';
import { withAdvice } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { terms } from './readableTerms.ts';
import { approved, notified, officials, under, viewOf } from './story.ts';
import {
  adoption,
  certify,
  confirmRollback,
  contest,
  correct,
  day,
  facts,
  inForce,
  notify,
  type Over,
  override,
  refuse,
  revise,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

/** Returns a notice that the vendor cannot hold back and that declares all nine impacts unchanged. */
const upkeep = (change: Partial<NoticeFacts> = {}) => ({ notice: facts({ kind: 'update', optOut: 'no', ...change }) });
const changing = (impact: Partial<NoticeFacts['impact']>) => upkeep({ impact: { ...facts().impact, ...impact } });
const tolerant = () => notified().then(...adoption(1, terms({ maintenance: 'yes' })));
const maintained = () => tolerant().then(notify(day(20), 2, upkeep()));
const refusal = { votes: rollOf(0, 13) };
/** A form is the vendor’s, but nobody signs with it. */
const byForm = { ...enteredBy(null, day(20)), channel: 'form', by: 'vendor:acme', key: 'f1', heardAt: null };

describe('under terms that allow maintenance', () => {
  test('a signed update that changes nothing leaves the words true, also once it lapses', () => {
    maintained()
      .is('enabled', day(20))
      .is('enabled', day(111))
      .then(tick(day(111)))
      .is('enabled', day(112));
  });

  test.each<[string, Over<ReturnType<typeof notify>>]>([
    ['that changes something', changing({ cost: 'changed' })],
    ['that does not say so of every impact', changing({ sharing: 'unknown' })],
    ['that came through a form', { ...upkeep(), provenance: byForm }],
    ['that is no update', upkeep({ kind: 'terms' })],
    ['that nobody signed', { ...upkeep(), provenance: enteredBy('clerk', day(20)) }],
  ])('a notice %s makes them untrue', (_, notice) => {
    tolerant()
      .then(notify(day(20), 2, notice))
      .is('outdated', day(20));
  });

  test('a revision that changes something makes them untrue, and none after it takes that back', () => {
    maintained()
      .then(revise(day(22), 2, 2, changing({ cost: 'changed' })))
      .is('outdated', day(22))
      .then(revise(day(23), 2, 3, upkeep()))
      .is('outdated', day(23));
  });
});

test('under terms that do not allow it maintenance makes the words untrue, open or closed', () => {
  approved()
    .then(notify(day(20), 2, upkeep()))
    .is('outdated', day(20))
    .refuses(contest(day(25), 2), 'not-maintenance')
    .then(certify(day(30), 2, refusal))
    .is('outdated', day(31));
});

describe('a refusal of maintenance', () => {
  test.each<[string, readonly FeatureCommand[]]>([
    ['by a vote', [certify(day(30), 2, refusal)]],
    ['by an office-holder, also while it can be overturned', [certify(day(30), 2), refuse(day(31), 2)]],
    ['by a vote that was corrected', [certify(day(30), 2), correct(day(31), 2, refusal)]],
    ['by a second vote after a deadline passed', [certify(day(30), 2), tick(day(36)), override(day(37), 2, refusal)]],
  ])('%s contests it', (_, commands) => {
    maintained()
      .then(...commands)
      .is('outdated', day(37))
      .then(notify(day(38), 3, upkeep()))
      .is('outdated', day(38))
      .refuses(contest(day(39), 3), 'not-maintenance');
  });

  test('is none if only a deadline passed, and the time for a second vote', () => {
    const late = maintained().then(certify(day(30), 2), tick(day(36)));
    late
      .is('enabled', day(36))
      .then(tick(day(80)))
      .is('enabled', day(80));
  });
});

describe('contesting maintenance', () => {
  test('is possible while it counts, also long after it closed and after it was taken back', () => {
    const later = [3, 4, 5, 6, 7, 8].flatMap((n) => [notify(day(111), n), withdraw(day(111), n)]);
    const lapsed = maintained().then(tick(day(111)), ...later);
    expect(lapsed.state.changes.some(({ number }) => number === 2)).toBe(false);
    for (const story of [lapsed, maintained().then(withdraw(day(24), 2))])
      story
        .is('enabled', day(112))
        .goes(contest(day(112), 2), 'MaintenanceContested')
        .is('outdated', day(112))
        .yields(contest(day(112), 2));
  });

  test('asks whether what was taken back is undone, and nothing did before', () => {
    const rollback = (over = {}) => confirmRollback(day(26), { change: 2, digest: wordsOf(2), ...over });
    maintained()
      .then(withdraw(day(24), 2))
      .refuses(rollback(), 'nothing-to-confirm')
      .then(contest(day(25), 2), rollback())
      .is('outdated', day(26))
      .then(rollback({ holder: 'mayor', body: 'mayor', seat: 'mayor' }))
      .is('enabled', day(26));
  });

  test('is not undone by taking the update back and sending the same words again, before or after its effect', () => {
    const again = notify(day(27), 3, { ...upkeep(), digest: wordsOf(2) });
    maintained()
      .then(contest(day(25), 2), withdraw(day(26), 2))
      .is('outdated', day(26))
      .then(again)
      .is('outdated', day(27));
    tolerant()
      .then(notify(day(20), 2, upkeep({ effectiveAt: day(40) })), contest(day(25), 2), withdraw(day(26), 2))
      .is('enabled', day(27))
      .then(again)
      .is('outdated', day(27));
  });

  test('does not begin again with words that never were maintenance, when a later contest is rolled back', () => {
    const rollback = (over = {}) => confirmRollback(day(33), { change: 3, digest: wordsOf(3), ...over });
    tolerant()
      .then(notify(day(20), 2, changing({ cost: 'changed' })), notify(day(20), 3, upkeep()))
      .then(revise(day(21), 2, 2, upkeep({ optOut: 'yes' })), contest(day(22), 2), certify(day(30), 3, refusal))
      .then(withdraw(day(32), 3), rollback(), rollback({ holder: 'mayor', body: 'mayor', seat: 'mayor' }))
      .then(notify(day(34), 4, upkeep()))
      .yields(contest(day(35), 4), 'MaintenanceContested');
  });

  test('is for a body that must approve, through who holds its office, and names both and the words', () => {
    const by = (requirement: string, holder: string, over: Over<ReturnType<typeof contest>> = {}) =>
      contest(day(25), 2, { by: { requirement, holder }, ...over });
    const story = maintained()
      .yields(by('mayor', 'mayor'), 'MaintenanceContested')
      .refuses(by('council', 'district-1'), 'may-not-contest')
      .refuses(by('board', 'board-1'), 'may-not-contest')
      .refuses(by('mayor', 'mayor', officials({ mayor: null })), 'may-not-contest');
    expect(story.then(by('council', 'clerk')).events.at(-1)).toMatchObject({
      type: 'MaintenanceContested',
      at: day(25),
      change: 2,
      revision: 1,
      digest: wordsOf(2),
      by: { requirement: 'council', body: 'council', holder: 'clerk', seat: 'clerk', roster: 1 },
      reason: null,
    });
    under({ policy: inForce(withAdvice) })
      .tell(notify(day(0), 1), ...adoption(1, terms({ maintenance: 'yes' })), notify(day(20), 2, upkeep()))
      .refuses(by('advice', 'board-1'), 'may-not-contest');
  });

  test('a second time changes nothing, and a change that is not maintenance cannot be contested', () => {
    maintained()
      .refuses(contest(day(25), 1), 'not-maintenance')
      .refuses(contest(day(25), 7), 'unknown-change')
      .then(contest(day(25), 2))
      .refuses(contest(day(26), 2, { by: { token: 'other' } }), 'not-maintenance');
  });

  test('was wrong once a body refuses the update, or its vendor revises it to a change; not once its time runs out', () => {
    const story = maintained().then(contest(day(25), 2));
    const wrong = (...later: readonly FeatureCommand[]) => viewOf(story.then(...later), 2)?.contested?.wrong;
    const [vote, veto] = [certify(day(31), 2), refuse(day(32), 2)];
    expect(wrong(certify(day(31), 2, { votes: rollOf(3, 8) }))).toBe(day(31));
    expect(wrong(vote, veto)).toBeNull();
    expect(wrong(vote, veto, tick(day(70)))).toBe(day(62));
    expect(wrong(vote, tick(day(40)), tick(day(80)))).toBeNull();
    expect(wrong(revise(day(26), 2, 2, upkeep()))).toBeNull();
    expect(wrong(revise(day(26), 2, 2, changing({ sharing: 'changed' })))).toBe(day(26));
    expect(wrong(tick(day(200)))).toBeNull();
    expect(wrong(withdraw(day(26), 2))).toBeNull();
  });
});

test('an impact that is stated in sentences counts by its word', () => {
  const impact = Object.fromEntries(IMPACTS.map((name) => [name, { effect: 'unchanged', to: 'As today.' }]));
  const read = (over: object) =>
    Notice.parse({ feature: 'acme', kind: 'update', title: 'A fix', summary: 'Nothing.', impact: { ...impact, ...over } });
  expect(isMaintenance(factsOf(read({}), 'UTC'))).toBe(true);
  const changed = factsOf(read({ cost: { effect: 'changed' } }), 'UTC');
  expect(changed.impact).toMatchObject({ cost: 'changed', sharing: 'unchanged' });
  expect(isMaintenance(changed)).toBe(false);
  expect(effectsOf(read({ cost: 'unchanged' }))).not.toHaveProperty('cost');
});
