import { expect, test } from 'vitest';
import { factsOf, Notice } from '../../../../domain/feature/notice.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { NoticeVerifier } from '../../../../functions/log/verify/attachments.ts';
import { day, notify } from '../../../domain/feature/support.ts';
import { city } from '../../../domain/judge/log.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';

const RAW = {
  feature: 'acme',
  kind: 'contract',
  title: 'A contract',
  summary: 'What it is about.',
  endsAt: '2027-03-31',
  impact: { cost: { effect: 'changed', from: 'Nothing.', to: 'A million.' }, purpose: 'unchanged' },
};
const BYTES = Buffer.from(JSON.stringify(RAW));

/** Returns what is wrong with a notice that was read in `zone` at `time` of the day on which the city moved to Denver at noon. */
const problem = (zone: string, time: string): string | undefined => {
  const at = day(0, time);
  const log = city().zone('America/Denver', day(0, '12:00:00.000')).token('desk', null);
  log.feat(
    notify(at, 1, {
      digest: digestOf(BYTES.toString()),
      notice: factsOf(Notice.parse(RAW), zone),
      provenance: enteredBy(null, at),
    }),
  );
  const verifier = new NoticeVerifier();
  for (const commit of log.commits.slice(0, -1)) verifier.learn(commit);
  return verifier.check(log.last, () => BYTES);
};

test('a date is read in the time zone in force, or in one that was replaced a moment before', () => {
  const other = 'the event states other facts than the raw message';
  expect(problem('UTC', '11:59:00.000')).toBeUndefined();
  expect(problem('UTC', '12:01:00.000')).toBeUndefined();
  expect(problem('America/Denver', '12:01:00.000')).toBeUndefined();
  expect(problem('America/Denver', '11:59:00.000')).toBe(other);
  expect(problem('UTC', '12:10:00.000')).toBe(other);
});
