import { expect, test } from 'vitest';
import { CLERK, IT, MAYOR } from './outbox.ts';
import { at, openStory, plusDays, VENDOR } from './storyCity.ts';

const READERS = 'northcam.readers';
const ALERTS = 'northcam.alerts';
const LAST_DAY = '2025-09-30';

test('a contract ends while the product stays on: foretold four times, and on without permission the moment it is over', async () => {
  const story = await openStory();
  await story.begin({ [READERS]: {}, [ALERTS]: {} }, { endsAt: LAST_DAY });
  await story.until('2025-08-15');
  expect(await story.tasks()).toEqual([]);
  await story.until('2025-09-05');
  expect(await story.open()).toMatchObject({
    tasks: [{ key: 'northcam', kind: 'switch-off', because: 'ends', by: at('2025-10-01', 0) }],
  });
  expect(await story.page('/')).toContain('contract');
  await story.until(LAST_DAY);
  expect(await story.answer(READERS)).toBe('enabled');
  const days = [90, 30, 7, 0].map((before) => at(plusDays(LAST_DAY, -before)));
  for (const to of [CLERK, MAYOR, IT, VENDOR])
    expect({ to, days: story.mailed(to, 'contract').map((mail) => mail.at) }).toEqual({ to, days });

  await story.until('2025-10-01');
  expect(await story.answer('northcam')).toBe('expired');
  for (const key of [READERS, ALERTS]) expect(await story.answer(key)).toBe('blocked');
  const over = at('2025-10-01', 0);
  expect((await story.open()).cases.map(({ key, since }) => [key, since])).toEqual([
    [ALERTS, over],
    [READERS, over],
  ]);
  for (const to of [IT, CLERK])
    expect(story.mailed(to, 'onWithout').map(({ subject, at: when }) => [subject, when])).toEqual([
      [`On without permission: 2 features, such as ${ALERTS}`, at('2025-10-01')],
    ]);
  expect((await story.open()).tasks).toMatchObject([
    { key: 'northcam', kind: 'switch-off', because: 'ended', below: 2, urgent: true },
  ]);
  await story.until('2025-11-20');
  await story.look({ source: 'field', features: { northcam: false, [READERS]: false, [ALERTS]: false }, person: 'auditor' });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  await story.ends('2026-01-15');
  expect(await story.data('/v1/drift')).toMatchObject({ items: [{ days: 51 }, { days: 51 }] });
});
