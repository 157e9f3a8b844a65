import { expect, test } from 'vitest';
import { CLERK, IT } from './outbox.ts';
import { openStory, recordOnWorklist } from './storyCity.ts';

const FACES = 'northcam.faces';

test('a slow roll-out: not there on its day, there when it is looked for thirty days on', async () => {
  const story = await openStory();
  await story.begin();
  await story.until('2025-03-03');
  await story.post({ feature: FACES, kind: 'new-feature', optOut: 'yes', effectiveAt: '2025-04-01', title: 'Faces' });
  expect(await story.tasks()).toEqual(['opt-out: announced']);
  // IT says on the worklist that it has opted out.
  await story.until('2025-03-10');
  await recordOnWorklist(story, FACES, { act: 'opted-out', note: 'Settings, faces, off.' });
  expect(await story.tasks()).toEqual([]);
  await story.until('2025-03-17');
  expect(await story.tasks()).toEqual(['look: opted-out']);
  await recordOnWorklist(story, FACES, { act: 'off', note: 'Not there yet.' });
  expect(await story.tasks()).toEqual([]);
  await story.until('2025-04-01');
  expect(await story.answer(FACES)).toBe('pending');
  expect(await story.tasks()).toEqual(['look: takes-effect']);
  await recordOnWorklist(story, FACES, { act: 'off', note: 'Not there on its day.' });
  expect(await story.tasks()).toEqual([]);
  expect(story.mailed(IT, 'onWithout')).toEqual([]);

  await story.until('2025-05-01');
  expect(await story.tasks()).toEqual(['look: slow-roll-out']);
  // Nobody looks on that day, nor in the week after it.
  await story.until('2025-05-09');
  expect(await story.tasks()).toEqual(['look: slow-roll-out, urgent']);
  await recordOnWorklist(story, FACES, { act: 'on', note: 'Now it is on.' });
  expect(await story.tasks()).toEqual(['switch-off: seen-on, urgent']);
  for (const to of [IT, CLERK]) expect(story.mailed(to, 'onWithout')).toHaveLength(1);
  expect(await story.page('/on-without-permission')).toContain('worklist');
  await story.until('2025-05-16');
  await recordOnWorklist(story, FACES, { act: 'off', note: 'Switched off.' });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  await story.ends('2025-12-31');
  expect(await story.data('/v1/drift')).toMatchObject({ items: [{ key: FACES, days: 8, closedBy: { source: 'worklist' } }] });
});
