import { describe, expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/commands.ts';
import { effectsOf, factsOf, isMaintenance, Notice, type NoticeFacts } from '../../../domain/feature/notice.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { IMPACTS } from '../../../domain/policy/schema.ts';
import { roster, withAdvice } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { terms } from './readableTerms.ts';
import { approved, notified, type Story, tell } from './story.ts';
import {
  adoption,
  certify,
  confirmRollback,
  contest,
  day,
  facts,
  inForce,
  notify,
  refuse,
  revise,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

/** Returns a notice that the vendor cannot hold back and that declares all nine impacts unchanged. */
const upkeep = (change: Partial<NoticeFacts> = {}) => ({ notice: facts({ kind: 'update', optOut: 'no', ...change }) });
const tolerant = (): Story => notified().then(...adoption(1, terms({ maintenance: 'yes' })));
const maintained = (): Story => tolerant().then(notify(day(20), 2, upkeep()));
const refusal = { votes: rollOf(0, 13) };

/** A form is the vendor’s, but nobody signs with it. */
const byForm = { ...enteredBy(null, day(20)), channel: 'form', by: 'vendor:acme', key: 'f1', heardAt: null };

describe('under terms that allow maintenance', () => {
  test('a signed update that changes nothing leaves the words true, also once it lapses', () => {
    maintained().is('enabled', day(20)).is('enabled', day(111));
    maintained()
      .then(tick(day(111)))
      .is('enabled', day(112));
  });

  test.each<[string, Story]>([
    ['that changes something', tolerant().then(notify(day(20), 2, upkeep({ impact: { ...facts().impact, cost: 'changed' } })))],
    [
      'that does not say so of every impact',
      tolerant().then(notify(day(20), 2, upkeep({ impact: { ...facts().impact, sharing: 'unknown' } }))),
    ],
    ['that came through a form', tolerant().then(notify(day(20), 2, { ...upkeep(), provenance: byForm }))],
    ['that is no update', tolerant().then(notify(day(20), 2, upkeep({ kind: 'terms' })))],
    [
      'that nobody signed',
      tolerant().then(
        notify(day(20), 2, {
          ...upkeep(),
          provenance: enteredBy('clerk', day(20)),
        }),
      ),
    ],
  ])('a notice %s makes them untrue', (_, story) => {
    story.is('outdated', day(20));
  });

  test('a revision that changes something makes them untrue, and none after it takes that back', () => {
    const changed = maintained().then(revise(day(22), 2, 2, upkeep({ impact: { ...facts().impact, cost: 'changed' } })));
    changed.is('outdated', day(22));
    changed.then(revise(day(23), 2, 3, upkeep())).is('outdated', day(23));
  });
});

test('under terms that do not allow it maintenance makes the words untrue, open or closed', () => {
  const update = approved().then(notify(day(20), 2, upkeep()));
  update.is('outdated', day(20));
  update.then(certify(day(30), 2, refusal)).is('outdated', day(31));
});

describe('a refusal of maintenance', () => {
  test.each<[string, readonly FeatureCommand[]]>([
    ['by a vote', [certify(day(30), 2, refusal)]],
    ['by an office-holder, also while it can be overturned', [certify(day(30), 2), refuse(day(31), 2)]],
  ])('%s contests it', (_, commands) => {
    const refused = maintained().then(...commands);
    refused.is('outdated', day(31));
    refused
      .then(notify(day(32), 3, upkeep()))
      .is('outdated', day(32))
      .refuses(contest(day(33), 3), 'not-maintenance');
  });

  test('is none if only a deadline passed', () => {
    maintained()
      .then(certify(day(30), 2), tick(day(36)))
      .is('enabled', day(36));
  });
});

describe('contesting maintenance', () => {
  test('is possible while it counts, also long after it closed and after it was taken back', () => {
    const later = [3, 4, 5, 6, 7, 8].flatMap((n) => [notify(day(111), n), withdraw(day(111), n)]);
    const lapsed = maintained().then(tick(day(111)), ...later);
    expect(lapsed.state.changes.some(({ number }) => number === 2)).toBe(false);
    lapsed
      .is('enabled', day(112))
      .goes(contest(day(112), 2), 'MaintenanceContested')
      .is('outdated', day(112))
      .yields(contest(day(112), 2));
    maintained()
      .then(withdraw(day(24), 2))
      .is('enabled', day(25))
      .goes(contest(day(25), 2), 'MaintenanceContested')
      .is('outdated', day(25));
  });

  test('is not undone by taking the update back and sending the same words again', () => {
    const contested = maintained().then(contest(day(25), 2), withdraw(day(26), 2));
    contested.is('outdated', day(26));
    const again = contested.then(notify(day(27), 3, { ...upkeep(), digest: wordsOf(2) }));
    again.is('outdated', day(27));
    // Contested before it takes effect, and taken back before: the same words are a change.
    const early = tolerant().then(
      notify(day(20), 2, upkeep({ effectiveAt: day(40) })),
      contest(day(25), 2),
      withdraw(day(26), 2),
    );
    early
      .is('enabled', day(27))
      .then(notify(day(27), 3, { ...upkeep(), digest: wordsOf(2) }))
      .is('outdated', day(27));
  });

  test('does not begin again with words that never were maintenance, when a later contest is rolled back', () => {
    const change = { notice: facts({ kind: 'update', optOut: 'no', impact: { ...facts().impact, cost: 'changed' } }) };
    const rollback = (over = {}) => confirmRollback(day(33), { change: 3, digest: wordsOf(3), ...over });
    tolerant()
      .then(notify(day(20), 2, change), notify(day(20), 3, upkeep()), revise(day(21), 2, 2, upkeep({ optOut: 'yes' })))
      .then(contest(day(22), 2), certify(day(30), 3, refusal), withdraw(day(32), 3))
      .then(rollback(), rollback({ holder: 'mayor', body: 'mayor', seat: 'mayor' }), notify(day(34), 4, upkeep()))
      .yields(contest(day(35), 4), 'MaintenanceContested');
  });

  test('names who contests, on which words', () => {
    const { events } = maintained().then(contest(day(25), 2, { by: { requirement: 'council', holder: 'clerk' } }));
    expect(events.at(-1)).toMatchObject({
      type: 'MaintenanceContested',
      at: day(25),
      change: 2,
      revision: 1,
      digest: wordsOf(2),
      by: { requirement: 'council', body: 'council', holder: 'clerk', seat: 'clerk', roster: 1 },
      reason: null,
    });
  });

  test('is for a body that must approve, through who holds its office', () => {
    maintained()
      .yields(contest(day(25), 2, { by: { requirement: 'mayor', holder: 'mayor' } }), 'MaintenanceContested')
      .refuses(contest(day(25), 2, { by: { requirement: 'council', holder: 'district-1' } }), 'may-not-contest')
      .refuses(contest(day(25), 2, { by: { requirement: 'board', holder: 'board-1' } }), 'may-not-contest')
      .refuses(
        contest(day(25), 2, {
          by: { requirement: 'mayor', holder: 'mayor' },
          roster: { number: 2, roster: roster({ mayor: null }) },
        }),
        'may-not-contest',
      );
  });

  test('is not for a board that only advises', () => {
    const rules = { policy: inForce(withAdvice) };
    tell(
      notify(day(0), 1, rules),
      ...adoption(1, { ...terms({ maintenance: 'yes' }), ...rules }),
      notify(day(20), 2, { ...upkeep(), ...rules }),
    ).refuses(contest(day(25), 2, { ...rules, by: { requirement: 'advice', holder: 'board-1' } }), 'may-not-contest');
  });

  test('a second time changes nothing, and a change that is not maintenance cannot be contested', () => {
    maintained()
      .then(contest(day(25), 2))
      .refuses(contest(day(26), 2, { by: { token: 'other' } }), 'not-maintenance');
    tolerant()
      .refuses(contest(day(25), 1), 'not-maintenance')
      .refuses(contest(day(25), 7), 'unknown-change');
    approved()
      .then(notify(day(20), 2, upkeep()))
      .refuses(contest(day(25), 2), 'not-maintenance');
  });

  const viewOf = ({ events }: Story): ChangeView | undefined =>
    events.reduce<ChangeView | undefined>(
      (known, event, index) => (event.change === 2 ? foldChange(known, event, index + 1) : known),
      undefined,
    );

  test('was wrong once a body refuses the update, or its vendor revises it to a change; not once its time runs out', () => {
    const story = maintained().then(contest(day(25), 2));
    const wrong = (later: Story) => viewOf(later)?.contested?.wrong;
    const passed = story.then(certify(day(31), 2));
    expect(wrong(story.then(certify(day(31), 2, { votes: rollOf(3, 8) })))).toBe(day(31));
    const vetoed = passed.then(refuse(day(32), 2));
    expect(wrong(vetoed)).toBeNull();
    expect(wrong(vetoed.then(tick(day(70))))).toBe(day(62));
    expect(wrong(passed.then(tick(day(40)), tick(day(80))))).toBeNull();
    expect(wrong(story.then(revise(day(26), 2, 2, { notice: facts({ kind: 'update', optOut: 'no' }) })))).toBeNull();
    const sharing = facts({ kind: 'update', optOut: 'no', impact: { ...facts().impact, sharing: 'changed' } });
    expect(wrong(story.then(revise(day(26), 2, 2, { notice: sharing })))).toBe(day(26));
    expect(wrong(story.then(tick(day(200))))).toBeNull();
    expect(wrong(story.then(withdraw(day(26), 2)))).toBeNull();
  });
});

test('an impact that is stated in sentences counts by its word', () => {
  const impact = Object.fromEntries(IMPACTS.map((name) => [name, { effect: 'unchanged', to: 'As today.' }]));
  const notice = { feature: 'acme', kind: 'update', title: 'A fix', summary: 'Nothing changes.' };
  const factsIn = (stated: object) => factsOf(Notice.parse({ ...notice, impact: stated }), 'UTC');
  expect(isMaintenance(factsIn(impact))).toBe(true);
  expect(factsIn({ ...impact, cost: { effect: 'changed' } }).impact).toMatchObject({ cost: 'changed', sharing: 'unchanged' });
  expect(isMaintenance(factsIn({ ...impact, cost: { effect: 'changed' } }))).toBe(false);
  expect(effectsOf(Notice.parse({ ...notice, impact: { ...impact, cost: 'unchanged' } }))).not.toHaveProperty('cost');
});
