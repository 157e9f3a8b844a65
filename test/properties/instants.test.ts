import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedActs } from '../../domain/feature/awaited.ts';
import { advanceTo, due, intersectWindows, isWithin, windowAround } from '../../domain/feature/due.ts';
import { evaluate, headWith } from '../../domain/feature/evaluate.ts';
import { presentChange } from '../../domain/feature/present.ts';
import { type FeatureState, openChanges } from '../../domain/feature/state.ts';
import { lineOf, linesAt } from '../../functions/register/documents.ts';
import { emptyRegister } from '../../functions/register/project.ts';
import { rowOf } from '../../functions/register/rows.ts';
import { viewsAfter } from '../domain/feature/viewed.ts';
import { run } from './feature/run.ts';
import { boundScene, KEYS, longStory } from './feature/steps.ts';

const [TOP, BENEATH] = KEYS;
const before = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();
const after = (instant: string, days: number) => new Date(Date.parse(instant) + days * 86_400_000).toISOString();

/** Everything that readers make of the states of a key and the one above it. */
const seenIn = (top: FeatureState, beneath: FeatureState, now: string) => ({
  evaluations: [{}, { agencies: ['police'] }, { version: '2' }].map((context) =>
    evaluate(BENEATH, [headWith(top), headWith(beneath)], context, now),
  ),
  due: due(beneath, now),
  rows: rowOf({ ...emptyRegister(BENEATH), state: beneath }, [headWith(top), headWith(beneath)], {}, now),
  asked: openChanges(advanceTo(beneath, now)).map((change) => askedActs(advanceTo(beneath, now), change)),
  lines: linesAt([], beneath, now),
});

test('nothing that readers see changes within a window, whichever instant it is asked for', () => {
  fc.assert(
    fc.property(longStory, boundScene, fc.array(fc.nat(500), { minLength: 3, maxLength: 3 }), (story, base, days) => {
      const { states, now } = run(story, base);
      const [top, beneath] = [states.get(TOP), states.get(BENEATH)];
      if (top === undefined || beneath === undefined) throw new Error('both features have a state');
      for (const at of [now, ...days.map((day) => after(now, day)), ...days.map((day) => after(now, -day))]) {
        const window = intersectWindows(windowAround(top, at), windowAround(beneath, at));
        expect(isWithin(window, at)).toBe(true);
        const ends = [window.from ?? after(at, -9_000), window.until === null ? after(at, 9_000) : before(window.until)];
        for (const end of ends) expect(seenIn(top, beneath, end)).toEqual(seenIn(top, beneath, at));
      }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 40) },
  );
});

test('a line of a list says at each instant what the view of its change says', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(longStory, boundScene, fc.array(fc.nat(120), { minLength: 4, maxLength: 4 }), (story, base, days) => {
      const { states, events, now } = run(story.slice(0, 20), base);
      const state = states.get(TOP);
      if (state === undefined) throw new Error(`${TOP} has a state`);
      for (const view of viewsAfter(events.get(TOP) ?? []).values())
        for (const at of days.map((day) => after(now, day))) {
          const shown = presentChange({ view, state }, at);
          const line = linesAt(
            [lineOf(view)].flatMap((each) => each ?? []),
            state,
            at,
          )[0];
          expect([line?.status, line?.ended]).toEqual([shown.status, shown.ended?.at ?? null]);
          if (shown.status !== view.status) seen.add(shown.status);
        }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 40) * 3 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['expired', 'lapsed', 'refused', 'vetoed']));
});
