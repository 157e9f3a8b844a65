import { expect, test } from 'vitest';
import type { ApprovalForecast } from '../../../domain/feature/effect.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { CHANGE_STATUSES, initialState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ActView, foldChange } from '../../../domain/feature/view.ts';
import {
  forecastText,
  nameOfAct,
  nameOfDecision,
  nameOfEvent,
  newsOf,
  newsText,
  slotsOf,
  type Writer,
} from '../../../functions/platform/acts.ts';
import { fillText } from '../../../functions/platform/catalogue.ts';
import { CATALOGUES } from '../../../functions/web/site/locale.ts';
import { approved, notified, type Story, viewOf } from '../../domain/feature/story.ts';
import { adoption, confirmRollback, contest, day, facts, notify, optOut, withdraw } from '../../domain/feature/support.ts';
import { STORIES } from '../../domain/judge/stories.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';

const EVENTS = Object.values(STORIES).flatMap((story) =>
  story()
    .commits.filter(({ stream }) => stream.startsWith('feature/'))
    .flatMap(({ events }) => events.map((event) => FeatureEvent.parse(event))),
);
const TYPES = FeatureEvent.options.map((option) => option.shape.type.value);

const plainly = (text: string | number) => `${text}`;
const WRITER: Writer<string> = { number: plainly, until: plainly, foreign: plainly };
const BODY = { body: 'the council', ofBody: 'of the council', Body: 'The council' };

test.each(['en', 'es'] as const)('every event has a sentence in the history, with no slot left open: %s', (language) => {
  const { history } = CATALOGUES[language].acts;
  expect(new Set(EVENTS.map(({ type }) => type))).toEqual(new Set(TYPES));
  for (const event of EVENTS) {
    const body = 'requirement' in event ? BODY : {};
    const text = fillText(history[nameOfEvent(event)], { n: event.change, ...body, ...slotsOf(event, WRITER) });
    expect(text, event.type).toMatch(/\S/);
  }
});

test('the history does not say of an office that let its time pass that it vetoed', () => {
  const veto = EVENTS.find((event) => event.type === 'ChangeVetoed');
  if (veto === undefined) throw new Error('broken invariant: no story has a veto');
  const names = (['holder', 'deadline'] as const).map((by) => nameOfEvent({ ...veto, by }));
  expect(names).toEqual(['vetoed', 'timeUp']);
});

test.each(['en', 'es'] as const)('every act of an official has its texts: %s', (language) => {
  const { timeline, receipt, decision } = CATALOGUES[language].acts;
  const acts = EVENTS.flatMap((event) => {
    const { assertion: _, ...act } = { assertion: undefined, ...event };
    return ActView.safeParse({ ...act, version: 1 }).data ?? [];
  });
  expect(new Set(acts.map(nameOfAct))).toEqual(new Set(Object.keys(receipt)));
  for (const act of acts) {
    const slots = {
      ...BODY,
      holder: 'A. Clerk',
      ...('decision' in act && { decision: decision[act.decision] }),
      ...slotsOf(act, WRITER),
    };
    expect(fillText(timeline[nameOfAct(act)], slots), act.type).toMatch(/\S/);
    if (act.type !== 'VoteCertified') expect(fillText(decision[nameOfDecision(act)], slots), act.type).toMatch(/\S/);
    // A receipt is the title of its page too, and names the change alone.
    expect(fillText(receipt[nameOfAct(act)], { title: 'A search' }), act.type).toMatch(/\S/);
  }
});

test('the feed and the weekly mail have a text for every end of a change', () => {
  const [first] = EVENTS;
  const view = first === undefined ? undefined : foldChange(undefined, first, 1);
  if (view === undefined) throw new Error('broken invariant: no story begins with a notice');
  const at = view.revisions[0]?.at ?? '';
  for (const status of CHANGE_STATUSES.filter((each) => !isOpen({ status: each }) && each !== 'approved'))
    for (const news of newsOf({ ...view, status, ended: { at, because: 'window' } }, initialState, at))
      expect(newsText(CATALOGUES.en.acts, news, { title: 'A search', change: 'acme/1' }, WRITER)).toMatch(/\S/);
});

const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const bySilence = { notice: facts({ kind: 'update', optOut: 'yes', withoutAction: 'on', effectiveAt: day(40) }) };
const late = { evidence: { title: 'A mail', sha256: '0'.repeat(64) } };
const [clerk, mayor] = [{}, { holder: 'mayor', body: 'mayor', seat: 'mayor' }];
const ran = () => approved().then(notify(day(20), 2, forced));

test.each<[string, Story, number, string, readonly string[]]>([
  ['an approval that runs', approved(), 1, day(30), ['approved']],
  ['an approval whose words later ones have made untrue', ran(), 1, day(30), ['approved', 'outdated']],
  ['one that later words will make untrue', approved().then(notify(day(20), 2, bySilence)), 1, day(39), ['approved']],
  ['words that the city opted out of', approved().then(notify(day(20), 2, bySilence), optOut(day(21))), 2, day(50), ['optedOut']],
  [
    'an opt-out that two persons confirmed',
    approved().then(
      notify(day(20), 2, bySilence),
      optOut(day(41), late),
      confirmRollback(day(42), { ...clerk, of: 'opt-out' }),
      confirmRollback(day(43), { ...mayor, of: 'opt-out' }),
    ),
    2,
    day(50),
    ['optedOut', 'optOutHeld'],
  ],
  [
    'a rollback',
    ran().then(withdraw(day(21), 2), confirmRollback(day(22), clerk), confirmRollback(day(23), mayor)),
    2,
    day(30),
    ['rolledBack', 'withdrawn'],
  ],
  [
    'the rollback of an open change, which that closes',
    approved().then(
      notify(day(20), 2, { ...forced, provenance: enteredBy('clerk', day(20)) }),
      confirmRollback(day(22), clerk),
      confirmRollback(day(23), mayor),
    ),
    2,
    day(30),
    ['rolledBack'],
  ],
  [
    'an update that was contested',
    notified()
      .then(...adoption(1, { terms: { ...NO_TERMS, maintenance: true } }))
      .then(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no' }) }), contest(day(21), 2)),
    2,
    day(30),
    ['contested'],
  ],
])('the feed and the weekly mail tell %s', (_, story, n, now, names) => {
  const view = viewOf(story, n);
  if (view === undefined) throw new Error('no change');
  expect(newsOf(view, story.state, now).map(({ name }) => name)).toStrictEqual(names);
});

test.each<[ApprovalForecast, string, boolean]>([
  [{ becomes: 'replaced', by: 1_002, waits: false }, 'Change 1,002 came later and is approved: it stays in force.', true],
  [{ becomes: 'replaced', by: 2, waits: true }, 'Change 2 came later and is approved for a later day.', true],
  [{ becomes: 'outdated', by: [2, 3] }, 'in use at the vendor: change 2 and 3.', true],
  [{ becomes: 'removed', by: 2 }, 'Change 2 takes the feature away', true],
  [{ becomes: 'over', at: '2026-05-01' }, 'it could last only until 2026-05-01', true],
  [{ becomes: 'waiting', at: '2026-05-01', meanwhile: null }, 'it begins on 2026-05-01. Until then it is off.', false],
  [{ becomes: 'waiting', at: '2026-05-01', meanwhile: 2 }, 'Until then change 2 stays in force.', false],
])('what an approval would do is said, and whether it is off: %j', (foretold, text, isOff) => {
  const times = { dateTime: plainly, until: plainly };
  expect(forecastText('en', CATALOGUES.en.effect, times, foretold)).toStrictEqual({ text: expect.stringContaining(text), isOff });
});
