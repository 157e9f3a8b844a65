import { expect, test } from 'vitest';
import { CLERK, IT, MAYOR } from './outbox.ts';
import { at, openStory } from './storyCity.ts';

const READERS = 'northcam.readers';
const ASKED = /^Confirm that it is undone/;

test('a forced update takes effect and is withdrawn: off on its day, and on again once two persons confirm the rollback', async () => {
  const story = await openStory();
  await story.begin({ [READERS]: {} });
  await story.until('2025-04-07');
  await story.post({
    feature: READERS,
    kind: 'update',
    version: '2',
    title: 'Faces, too',
    optOut: 'no',
    effectiveAt: '2025-06-01',
  });
  expect(story.mailed(CLERK, 'forced').map((mail) => mail.at)).toEqual([at('2025-04-07')]);
  expect(story.mailed(IT, 'forced')).toEqual([]);
  expect((await story.open()).tasks).toMatchObject([
    { key: READERS, kind: 'switch-off', because: 'cannot-opt-out', by: at('2025-06-01', 0), urgent: false },
  ]);
  story.goesOff(READERS, '2025-06-01');
  await story.until('2025-05-31');
  expect(await story.answer(READERS)).toBe('enabled');
  await story.until('2025-06-01');
  expect(await story.answer(READERS)).toBe('outdated');
  for (const to of [IT, CLERK]) expect(story.mailed(to, 'off').map(({ at: when }) => when)).toEqual([at('2025-06-01')]);
  expect(await story.tasks()).toEqual(['switch-off: outdated, urgent', 'look: takes-effect']);
  expect((await story.open()).cases).toMatchObject([{ key: READERS, kind: 'not-approved', since: at('2025-06-01', 0) }]);
  // It cannot be switched off in time, and IT sees the new version.
  await story.until('2025-06-03');
  const look = (version: string) =>
    story.look({ source: 'console', features: { [READERS]: { on: true, version } }, person: 'auditor' });
  expect(await look('2')).toMatchObject({ drift: [{ key: READERS, kind: 'not-approved' }] });

  await story.until('2025-06-20');
  await story.withdraw(`${READERS}/2`);
  expect(await story.tasks()).toEqual(['switch-off: outdated, urgent', 'look: withdrawn-late']);
  expect(await story.answer(READERS)).toBe('outdated');
  await story.until('2025-06-23');
  const confirm = { decision: 'confirm', reason: 'The old version runs.' };
  await story.submit(story.linkTo(MAYOR, ASKED), confirm);
  expect(await story.answer(READERS)).toBe('outdated');
  await story.submit(story.linkTo(CLERK, ASKED), confirm);
  expect(await story.answer(READERS)).toBe('enabled');
  // The last look saw version 2, which is not approved: only a look at the old one ends that.
  expect((await story.open()).cases).toMatchObject([{ key: READERS, kind: 'version' }]);
  await story.until('2025-06-25');
  expect(await look('1')).toEqual({ drift: [], closed: [READERS] });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  await story.ends('2025-12-20');
  expect(await story.answer(READERS)).toBe('enabled');
});
