import { expect, test } from 'vitest';
import { CLERK, IT, MAYOR } from './outbox.ts';
import { at, openStory } from './storyCity.ts';

const [IN_TIME, LATE, NEVER] = ['northcam.mail-suite', 'northcam.office-suite', 'northcam.video-suite'] as const;
const SUITES = [IN_TIME, LATE, NEVER];
const ASKED = /^Confirm that the city opted out in time/;

test('a suite’s AI becomes opt-out on a date: recorded in time, late with evidence, and never', async () => {
  const story = await openStory();
  await story.begin(Object.fromEntries(SUITES.map((key) => [key, {}])));
  await story.until('2025-03-03');
  const update = { kind: 'update', version: '2', optOut: 'yes', withoutAction: 'on', optOutHow: 'Settings, AI, off.' };
  for (const feature of SUITES)
    await story.post({ feature, ...update, effectiveAt: '2025-05-01', optOutBy: '2025-04-21', title: `AI in ${feature}` });
  for (const key of SUITES) {
    expect(await story.tasks(key)).toEqual(['opt-out: announced']);
    expect(await story.answer(key)).toBe('enabled');
    expect(await story.page(`/features/${key}`)).toContain('set by change 2, which takes effect then');
  }
  await story.until('2025-04-15');
  await story.optOut(`${IN_TIME}/2`, 'Set in the console.');
  for (const key of [LATE, NEVER]) story.goesOff(key, '2025-05-01');
  expect(await story.tasks(IN_TIME)).toEqual([]);
  await story.until('2025-04-22');
  expect(await story.tasks(IN_TIME)).toEqual(['look: opted-out']);
  expect(await story.look({ source: 'console', features: { [IN_TIME]: true }, person: 'auditor' })).toEqual({
    drift: [],
    closed: [],
  });
  for (const key of [LATE, NEVER]) expect(await story.tasks(key)).toEqual(['opt-out: announced, urgent']);
  for (const key of [LATE, NEVER]) expect(await story.page('/calendar')).toContain(`/changes/${key}/2`);
  await story.until('2025-05-01');
  expect(await story.answer(IN_TIME)).toBe('enabled');
  for (const key of [LATE, NEVER]) expect(await story.answer(key)).toBe('outdated');
  for (const to of [IT, CLERK])
    expect(story.mailed(to, 'soon').map((mail) => mail.at)).toEqual([at('2025-04-24'), at('2025-04-30')]);
  // On the day itself, at once: it went off, and what was seen on is a case from then on.
  for (const to of [IT, CLERK]) {
    expect(story.mailed(to, 'off').map(({ subject }) => subject)).toEqual([`Off from now on: 2 features, such as ${LATE}`]);
    expect(story.mailed(to, 'onWithout')).toHaveLength(1);
  }
  const midnight = at('2025-05-01', 0);
  expect((await story.open()).cases.map(({ key, since }) => [key, since])).toEqual([
    [LATE, midnight],
    [NEVER, midnight],
  ]);

  // IT finds the picture that shows that it had opted out in time; one person is not enough to say yes.
  await story.until('2025-05-05');
  await story.optOut(`${LATE}/2`, 'Set in the console on April 18.', 'Picture of April 18');
  expect(await story.answer(LATE)).toBe('outdated');
  const confirm = { decision: 'confirm', of: 'opt-out', reason: 'I saw the picture.' };
  await story.submit(story.linkTo(CLERK, ASKED), confirm);
  expect(await story.answer(LATE)).toBe('outdated');
  await story.submit(story.linkTo(MAYOR, ASKED), confirm);
  expect(await story.answer(LATE)).toBe('enabled');
  // What was seen on is approved again, and the case is over by that.
  expect((await story.open()).cases.map(({ key }) => key)).toEqual([NEVER]);
  expect(await story.page(`/changes/${LATE}/2`)).toContain(
    'Two people have confirmed that the city opted out of this change in time.',
  );
  await story.until('2025-06-20');
  expect(await story.answer(NEVER)).toBe('outdated');
  expect(await story.tasks(NEVER)).toEqual([
    'opt-out: announced, urgent',
    'switch-off: outdated, urgent',
    'look: takes-effect, urgent',
  ]);
  await story.look({ source: 'console', features: { [NEVER]: false, [LATE]: true }, person: 'auditor' });
  expect((await story.open()).cases).toEqual([]);
  // Off at the vendor is not opted out of there.
  expect(await story.tasks(NEVER)).toEqual(['opt-out: announced, urgent']);
  await story.ends('2025-12-20');
  expect(await story.answer(IN_TIME)).toBe('enabled');
  expect(await story.answer(LATE)).toBe('enabled');
});
