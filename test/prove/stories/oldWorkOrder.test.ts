import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cliOn } from '../../infra/local/process.ts';
import { CLERK, IT, MAYOR } from './outbox.ts';
import { openStory, type Story } from './storyCity.ts';

const SEARCH = 'northcam.search';

/** IT's nightly job: the vendor's list of settings, as a file, read and reported by the command line. */
const checking = ({ url, tokens, now, city }: Story) => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-story-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return async (line: string, token = tokens.clerk) => {
    const path = join(folder, 'settings.csv');
    writeFileSync(path, `key,on,agencies\n${SEARCH},${line}\n`);
    // The job read it now; the command takes the file's time.
    utimesSync(path, Date.parse(now()) / 1000, Date.parse(now()) / 1000);
    const where = ['--url', url, '--token', token];
    const ended = await cliOn(folder, 'check', '--vendor', 'northcam', '--source', 'monthly', '--observed', path, ...where);
    await city.settle();
    return ended;
  };
};

test('an old work order: approved for the police, and on for the parks, too, until the check reads that it is not', async () => {
  const story = await openStory({ monthly: { kind: 'city', every: 'P31D' } });
  await story.begin({ [SEARCH]: { audience: 'police' } });
  const check = checking(story);
  expect(await story.answer(SEARCH, { agency: 'police' })).toBe('enabled');
  expect(await story.answer(SEARCH, { agency: 'parks' })).toBe('audience');
  await story.until('2025-02-14');
  expect(await check('yes,police')).toMatchObject({ code: 0, stderr: '' });
  await story.until('2025-03-14');
  expect(await check('yes,"police; parks"')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not for these agencies'),
  });
  expect((await story.open()).tasks).toMatchObject([
    { key: SEARCH, kind: 'switch-off', because: 'seen-on-for-others', agencies: ['parks'], urgent: true },
  ]);
  expect((await story.open()).cases).toMatchObject([{ key: SEARCH, kind: 'audience', seen: { agencies: ['police', 'parks'] } }]);
  for (const to of [IT, CLERK]) expect(story.mailed(to, 'onWithout')).toHaveLength(1);
  // What is approved stays so.
  expect(await story.answer(SEARCH, { agency: 'police' })).toBe('enabled');
  expect(await story.page(`/features/${SEARCH}`)).toContain('parks');

  // "On" alone says nothing of agencies: it closes nothing.
  await story.until('2025-04-14');
  expect(await check('yes,')).toMatchObject({ code: 1 });
  // The next one is forgotten: after a month the source is silent, and silence closes nothing either.
  await story.until('2025-05-20');
  expect(await story.tasks()).toEqual(['switch-off: seen-on-for-others, urgent', 'look: silent, urgent']);
  expect(await check('yes,police')).toMatchObject({ code: 0 });
  expect(await story.open()).toEqual({ tasks: [], cases: [] });
  expect(story.mailed(MAYOR, 'over')).toHaveLength(1);
  await story.ends('2025-06-30');
  expect(await story.data('/v1/drift')).toMatchObject({ items: [{ key: SEARCH, kind: 'audience', days: 68 }] });
});
