import { expect, test } from 'vitest';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { bounceOf, isFromSes, recordBounces } from '../../../../functions/reactions/notify/bounces.ts';
import { sideStoreOfTest } from '../../../support/stores.ts';

const NOON = '2026-03-02T12:00:00.000Z';
const ADDRESS = 'Mayor@City.example';

const setUp = async () => {
  const sideStore = sideStoreOfTest();
  await sideStore.put('directory', 'm-1', { email: ADDRESS, language: 'en' });
  const lines: LogEntry[] = [];
  const ports = { sideStore, clock: () => NOON, logger: (line: LogEntry) => void lines.push(line) };
  return { sideStore, lines, told: (detail: unknown) => recordBounces(ports, { source: 'aws.ses', detail }) };
};

const emailAddress = 'mayor@city.example';
const mail = { messageId: 'm', destination: [emailAddress], tags: {} };
const bounced = (bounceType: string, diagnosticCode?: string) => {
  const bouncedRecipients = [{ emailAddress, ...(diagnosticCode && { diagnosticCode }) }];
  return { eventType: 'Bounce', mail, bounce: { bounceType, bounceSubType: 'General', bouncedRecipients } };
};
const complaint = { complainedRecipients: [{ emailAddress }], complaintFeedbackType: 'abuse' };

test.each([
  ['bounce', bounced('Permanent', 'smtp; 550 5.1.1 no such user'), 'smtp; 550 5.1.1 no such user'],
  ['bounce', bounced('Undetermined'), 'Undetermined General'],
  ['complaint', { eventType: 'Complaint', mail, complaint }, 'abuse'],
  ['reject', { eventType: 'Reject', mail, reject: { reason: 'Bad content' } }, 'Bad content'],
])('a %s is recorded by person and logged without the address', async (kind, detail, reason) => {
  const { sideStore, lines, told } = await setUp();
  await told(detail);
  expect(await bounceOf(sideStore, 'm-1')).toStrictEqual({ at: NOON, kind, reason });
  expect(lines).toStrictEqual([{ level: 'error', event: 'mail came back', holder: 'm-1', kind }]);
  expect(JSON.stringify([lines, await sideStore.list('bounce')])).not.toMatch(/city\.example/i);
  // A new address in the directory ends it.
  await sideStore.put('directory', 'm-1', { email: 'new@city.example', language: 'en' });
  expect(await bounceOf(sideStore, 'm-1')).toBeUndefined();
});

test('a mail that is only late raises no alarm and is recorded nowhere', async () => {
  const { sideStore, lines, told } = await setUp();
  await told(bounced('Transient'));
  expect(await bounceOf(sideStore, 'm-1')).toBeUndefined();
  expect(lines).toStrictEqual([{ level: 'warn', event: 'mail is late', holder: 'm-1' }]);
});

test('the same event twice is one record, and a reason that is too long is cut', async () => {
  const { sideStore, told } = await setUp();
  const event = bounced('Permanent', 'x'.repeat(5_000));
  await told(event);
  await told(event);
  expect(await sideStore.list('bounce')).toHaveLength(1);
  expect((await bounceOf(sideStore, 'm-1'))?.reason).toBe('x'.repeat(200));
});

test.each([{ eventType: 'Open' }, {}, null, { eventType: 'Bounce', bounce: 'yes' }])(
  'what cannot be read is an alarm, too: %j',
  async (detail) => {
    const { lines, told } = await setUp();
    await told(detail);
    expect(lines).toStrictEqual([{ level: 'error', event: 'mail came back', holder: null, kind: 'unreadable' }]);
  },
);

test('SES’s events are distinguished from the gate’s own', () => {
  expect([{ source: 'aws.ses' }, { source: 'aldergate' }, { task: 'sweep' }, null].filter(isFromSes)).toEqual([
    { source: 'aws.ses' },
  ]);
});
