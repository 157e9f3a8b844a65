import { expect, test } from 'vitest';
import type { Foretold } from '../../../domain/feature/effect.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { CHANGE_STATUSES, isOpen } from '../../../domain/feature/state.ts';
import { ActView, foldChange } from '../../../domain/feature/view.ts';
import { foretoldText, nameOfAct, nameOfEvent, newsOf, slotsOf, type Writer } from '../../../functions/platform/acts.ts';
import { fillText } from '../../../functions/platform/catalogue.ts';
import { CATALOGUES } from '../../../functions/web/site/locale.ts';
import { STORIES } from '../../domain/judge/stories.ts';

const EVENTS = Object.values(STORIES).flatMap((story) =>
  story()
    .commits.filter(({ stream }) => stream.startsWith('feature/'))
    .flatMap(({ events }) => events.map((event) => FeatureEvent.parse(event))),
);
const TYPES = FeatureEvent.options.map((option) => option.shape.type.value);

const plainly = (text: string | number): string => `${text}`;
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
    // A receipt is the title of its page too, and names the change alone.
    expect(fillText(receipt[nameOfAct(act)], { title: 'A search' }), act.type).toMatch(/\S/);
  }
});

test('the feed and the weekly mail have a text for every end of a change', () => {
  const [first] = EVENTS;
  const view = first === undefined ? undefined : foldChange(undefined, first, 1);
  if (view === undefined) throw new Error('broken invariant: no story begins with a notice');
  for (const status of CHANGE_STATUSES.filter((each) => !isOpen({ status: each }) && each !== 'approved'))
    for (const { name, slots } of newsOf({ ...view, status, ended: { at: '2026-03-01', because: 'window' } }, WRITER))
      expect(fillText(CATALOGUES.en.acts.news[name], { title: 'A search', change: 'acme/1', ...slots })).toMatch(/\S/);
});

test.each<[Foretold, string, boolean]>([
  [{ becomes: 'replaced', by: 1_002, waits: false }, 'Change 1,002 came later and is approved: it stays in force.', true],
  [{ becomes: 'replaced', by: 2, waits: true }, 'Change 2 came later and is approved for a later day.', true],
  [{ becomes: 'outdated', by: [2, 3] }, 'in use at the vendor: change 2 and 3.', true],
  [{ becomes: 'removed', by: 2 }, 'Change 2 takes the feature away', true],
  [{ becomes: 'over', at: '2026-05-01' }, 'it could last only until 2026-05-01', true],
  [{ becomes: 'waiting', at: '2026-05-01', meanwhile: null }, 'it begins on 2026-05-01. Until then it is off.', false],
  [{ becomes: 'waiting', at: '2026-05-01', meanwhile: 2 }, 'Until then change 2 stays in force.', false],
])('what an approval would do is said, and whether it is off: %j', (foretold, text, isOff) => {
  const times = { dateTime: plainly, until: plainly };
  expect(foretoldText('en', CATALOGUES.en.effect, times, foretold)).toStrictEqual({ text: expect.stringContaining(text), isOff });
});
