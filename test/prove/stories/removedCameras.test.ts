import { expect, test } from 'vitest';
import { CLERK, IT, MAYOR, MEMBER } from './outbox.ts';
import { at, openStory } from './storyCity.ts';

const CAMERAS = 'northcam.shop-cameras';

test('removed cameras come back twice: each time is a case of its own, and the days add up', async () => {
  const story = await openStory();
  await story.begin({ [CAMERAS]: {} });
  await story.until('2025-03-03');
  await story.post({ feature: CAMERAS, kind: 'removal', effectiveAt: '2025-04-01' });
  expect(await story.tasks()).toEqual([]);
  const look = (on: boolean, source = 'field') => story.look({ source, features: { [CAMERAS]: on }, person: 'auditor' });
  // They are taken down a day early: what the console saw in January is no case when the day comes.
  await story.until('2025-03-31');
  expect(await look(false)).toEqual({ drift: [], closed: [] });
  await story.until('2025-04-01');
  expect(await story.answer(CAMERAS)).toBe('removed');
  expect(await story.open()).toMatchObject({ tasks: [{ key: CAMERAS, kind: 'look', because: 'removed' }], cases: [] });
  await story.until('2025-04-02');
  expect(await look(false, 'console')).toEqual({ drift: [], closed: [] });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });

  await story.until('2025-05-10');
  expect(await look(true)).toMatchObject({ drift: [{ key: CAMERAS, kind: 'removed', since: at('2025-05-10') }] });
  expect(await story.tasks(CAMERAS)).toEqual(['switch-off: removed, urgent']);
  await story.until('2025-05-20');
  expect(await look(false)).toMatchObject({ drift: [], closed: [CAMERAS] });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });

  await story.until('2025-07-01');
  expect(await look(true)).toMatchObject({ drift: [{ key: CAMERAS, kind: 'removed', since: at('2025-07-01') }] });
  await story.until('2025-07-05');
  expect((await story.open()).cases).toMatchObject([{ key: CAMERAS, days: 5, daysOfKey: 16 }]);
  // Another of the city's sources, which the policy names, closes what the field reported.
  expect(await look(false, 'console')).toMatchObject({ closed: [CAMERAS] });

  await story.ends('2026-01-10');
  expect(await story.data('/v1/drift')).toMatchObject({
    items: [
      { key: CAMERAS, kind: 'removed', days: 5, daysOfKey: 16, closedBy: { source: 'console' } },
      { key: CAMERAS, kind: 'removed', days: 11, daysOfKey: 16, closedBy: { source: 'field' } },
    ],
  });
  const shown = await story.page('/on-without-permission');
  for (const text of ['11 days', '5 days', '16 days']) expect(shown).toContain(text);
  for (const kind of ['onWithout', 'over'] as const) for (const to of [IT, CLERK]) expect(story.mailed(to, kind)).toHaveLength(2);
  for (const kind of ['still', 'over'] as const) for (const to of [MAYOR, MEMBER]) expect(story.mailed(to, kind)).toHaveLength(2);
});
