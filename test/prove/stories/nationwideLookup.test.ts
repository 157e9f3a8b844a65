import { expect, test } from 'vitest';
import { CLERK, IT, MAYOR, MEMBER } from './outbox.ts';
import { at, openStory, VENDOR } from './storyCity.ts';

const CAMERAS = 'northcam.lpr';
const LOOKUP = 'northcam.lpr.nationwide-lookup';

test('a nationwide lookup is on for months: an audit finds it, the vendor’s word closes nothing, two persons with evidence do', async () => {
  const story = await openStory();
  await story.begin({ [CAMERAS]: {} });
  expect(await story.answer(CAMERAS)).toBe('enabled');
  expect(await story.answer(LOOKUP)).toBe('unknown');
  await story.until('2025-05-12');
  expect(await story.page('/on-without-permission')).toContain('Nothing is known to be on without permission.');

  // The audit read the vendor's settings on Friday, and reports on Monday.
  const found = { source: 'audit', features: { [LOOKUP]: true, [CAMERAS]: true }, observedAt: at('2025-05-09') };
  expect(await story.look({ ...found, person: 'auditor', evidence: 'Export of the settings' })).toMatchObject({
    drift: [{ key: LOOKUP, kind: 'never-announced', since: at('2025-05-09') }],
    closed: [],
  });
  expect(await story.tasks()).toEqual(['switch-off: never-announced, urgent']);
  for (const to of [IT, CLERK]) expect(story.mailed(to, 'onWithout')).toHaveLength(1);
  expect(story.mailed(MAYOR, 'still')).toEqual([]);
  expect(await story.page(`/features/${LOOKUP}`)).toContain('audit');

  await story.until('2025-05-20');
  for (const to of [MAYOR, MEMBER]) expect(story.mailed(to, 'still').map((mail) => mail.at)).toEqual([at('2025-05-13')]);

  // The vendor states that it is off; that closes nothing.
  const off = { features: { [LOOKUP]: false } };
  expect(await story.attest({ ...off, source: 'statement' })).toMatchObject({ closed: [] });
  expect(await story.tasks()).toEqual(['switch-off: never-announced, urgent']);
  await story.until('2025-08-04');
  // One person of the city without evidence, however often, does not either.
  for (const source of ['console', 'field'])
    expect(await story.look({ ...off, source, person: 'auditor' })).toMatchObject({ closed: [] });
  await story.until('2025-08-11');
  expect((await story.open()).cases).toMatchObject([{ key: LOOKUP, days: 95, confirmed: false }]);

  expect(await story.look({ ...off, source: 'field', person: 'clerk', evidence: 'Picture of the page' })).toMatchObject({
    drift: [],
    closed: [LOOKUP],
  });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  for (const to of [IT, CLERK, MAYOR, MEMBER]) expect(story.mailed(to, 'over')).toHaveLength(1);
  await story.ends('2026-01-10');
  expect(await story.data('/v1/drift')).toMatchObject({
    items: [{ key: LOOKUP, since: at('2025-05-09'), until: at('2025-08-11'), days: 95, closedBy: { source: 'field' } }],
  });
  expect(await story.page('/on-without-permission')).toContain('95 days');
  expect(await story.answer(LOOKUP)).toBe('unknown');
  expect(story.mailed(VENDOR, 'onWithout')).toEqual([]);
});
