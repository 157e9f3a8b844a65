import type { DemoCity } from './city.ts';
import type { Step } from './step.ts';
import { expectAnswer } from './step.ts';
import { approvals } from './story/approvals.ts';
import { endings } from './story/endings.ts';
import { notices } from './story/notices.ts';
import { refusals } from './story/refusals.ts';

/** The day of the story that is today. */
export const TODAY = 200;

/** The change that is left to the visitor. */
export const WAITING = { key: 'northcam.lpr.freeform-search', n: 1 } as const;

/** The whole story, in order. */
export const story: readonly Step[] = [...notices, ...approvals, ...refusals, ...endings];

/** Plays one step: asks, advances the clock, acts, asks again. Throws if an outcome is not the expected one. */
export const play = async (city: DemoCity, step: Step): Promise<void> => {
  await expectAnswer(city, step, step.was);
  city.clock.toDay(step.day);
  await step.act?.(city);
  await city.settle();
  await expectAnswer(city, step, step.is);
};
