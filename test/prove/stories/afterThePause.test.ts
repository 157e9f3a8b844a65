import { expect, test } from 'vitest';
import { revokeApproval } from '../../../infra/demo/story.ts';
import { CLERK, IT, MAYOR } from './outbox.ts';
import { at, openStory } from './storyCity.ts';

const ALERTS = 'northcam.alerts';
const BENEATH = 'northcam.alerts.export';

test('on after the pause: what the mayor took back is to be switched off at once, is seen on, and another source closes it', async () => {
  const story = await openStory();
  await story.begin({ [ALERTS]: {}, [BENEATH]: {} });
  await story.until('2025-04-10');
  await revokeApproval(story.city, 'mayor', `${ALERTS}/1`, 'False alarms at two crossings.');
  expect(await story.answer(ALERTS)).toBe('revoked');
  expect(await story.answer(BENEATH)).toBe('blocked');
  // Both were seen on before the pause, and what is off now and seen on is a case at once.
  await story.hour(10);
  expect(await story.tasks()).toEqual(['switch-off: revoked, urgent']);
  expect((await story.open()).tasks).toMatchObject([{ key: ALERTS, below: 1 }]);
  expect((await story.open()).cases.map(({ key, since }) => [key, since])).toEqual([
    [ALERTS, at('2025-04-10')],
    [BENEATH, at('2025-04-10')],
  ]);
  for (const to of [IT, CLERK])
    expect(story.mailed(to, 'onWithout').map(({ subject }) => subject)).toEqual([
      `On without permission: 2 features, such as ${ALERTS}`,
    ]);

  await story.until('2025-04-20');
  const look = (source: string, on: boolean) =>
    story.look({ source, features: { [ALERTS]: on, [BENEATH]: on }, person: 'auditor' });
  expect(await look('field', true)).toMatchObject({
    drift: [
      { key: ALERTS, kind: 'not-approved' },
      { key: BENEATH, kind: 'not-approved' },
    ],
  });
  expect((await story.open()).cases).toMatchObject([{ confirmed: true }, { confirmed: true }]);
  await story.until('2025-06-01');
  // Each of the city's two sources takes back what the other saw.
  expect(await look('field', false)).toMatchObject({ drift: [], closed: [ALERTS, BENEATH] });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  expect(story.mailed(MAYOR, 'over')).toHaveLength(1);
  await story.ends('2025-12-20');
  expect(await story.data('/v1/drift')).toMatchObject({
    items: [
      { key: BENEATH, days: 53, closedBy: { source: 'field' } },
      { key: ALERTS, days: 53, closedBy: { source: 'field' } },
    ],
  });
});
