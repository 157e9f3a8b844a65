import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { rosterFile } from '../../openGate.ts';
import { answer } from '../../register/derived/given.ts';
import { CLERKS_AND_IT, deriving, subjects } from './derived.ts';
import { who } from './mailing.ts';

const CLERKS = ['clerk', 'deputy-clerk'];
const EFFECT = '2026-03-20T00:00:00.000Z';

/** A gate with approved features, whose own mails have left. */
const approved = async (keys: readonly string[] = ['acme'], options: Parameters<typeof deriving>[0] = {}) => {
  const world = await deriving(options);
  const { gate, mails } = world;
  for (const feature of keys) {
    const { digest } = await gate.notice({ feature, title: `About ${feature}` });
    await gate.certify(`${feature}/1`, digest);
    await gate.sign(`${feature}/1`, digest);
  }
  await mails();
  /** What is mailed at once after the notices that came. */
  const atOnce = async () => {
    await mails();
    return world.atOnce();
  };
  return { ...world, atOnce };
};

const update = (feature: string, over = {}) => ({
  feature,
  kind: 'update' as const,
  optOut: 'no' as const,
  effectiveAt: EFFECT,
  ...over,
});

test('a notice that cannot be opted out of, for something approved, is mailed to the clerks at once', async () => {
  const { gate, atOnce } = await approved();
  await gate.notice(update('acme'));
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS);
  expect(subjects(mails)).toEqual(['The city cannot opt out: acme']);
  expect(mails[0]?.text).toBe(`The vendor changes a feature that the city approved, and says that the city cannot opt out:

- acme, change acme/2: off from March 20, 2026 at 12:00 AM UTC

Without a yes to the new words, the answer is no from that day. Have the vendor switch it off by then, or bring the change to a vote.

The city’s worklist: https://gate.example/worklist

Sent for City by Aldergate. It holds back what vendors change until the city says yes.
`);
  expect(await atOnce()).toEqual([]);
});

test.each([
  ['for something that is not approved', { feature: 'acme.other' }],
  ['that can be opted out of', { optOut: 'yes' as const }],
  ['that says nothing of it', { optOut: 'unknown' as const }],
  ['of a longer contract', { kind: 'contract' as const, endsAt: '2027-01-01' }],
  ['of a removal', { kind: 'removal' as const }],
])('a notice %s is not', async (_, over) => {
  const { gate, atOnce } = await approved();
  await gate.notice({ ...update('acme'), ...over });
  expect(await atOnce()).toEqual([]);
});

test('a burst is in one mail; what comes within the hour after it is in one more, and a notice that was withdrawn in none', async () => {
  const keys = Array.from({ length: 5 }, (_, n) => `acme.f${n}`);
  const { gate, atOnce } = await approved(['acme', ...keys]);
  for (const key of keys.slice(0, 3)) await gate.notice(update(key));
  const first = await atOnce();
  expect(subjects(first)).toEqual(['The city cannot opt out: acme.f0 and 2 more']);
  gate.at('2026-03-02T12:10:00.000Z');
  for (const key of ['acme', ...keys.slice(3)]) await gate.notice(update(key));
  await gate.withdraw('acme.f4/2');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T12:59:59.000Z');
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  expect(subjects(await atOnce())).toEqual(['The city cannot opt out: acme and 1 more']);
  gate.at('2026-03-03T13:00:00.000Z');
  expect(await atOnce()).toEqual([]);
});

test('other words of the same change are mailed again, and one mail names a change once', async () => {
  const { gate, atOnce } = await approved();
  const about = async (effectiveAt: string, revises?: number) => {
    await gate.notice({ ...update('acme'), effectiveAt, ...(revises && { revises }) });
    return (await atOnce()).map(({ to, text }) => [to, text.split('\n').filter((line) => line.startsWith('- '))]);
  };
  const line = (day: string) => [`- acme, change acme/2: off from March ${day}, 2026 at 12:00 AM UTC`];
  expect(await about(EFFECT)).toEqual(CLERKS.map((to) => [`${to}@city.example`, line('20')]));
  gate.at('2026-03-02T14:00:00.000Z');
  expect(await about('2026-03-10T00:00:00.000Z', 2)).toEqual(CLERKS.map((to) => [`${to}@city.example`, line('10')]));
  gate.at('2026-03-02T14:10:00.000Z');
  expect(await about('2026-03-11T00:00:00.000Z', 2)).toEqual([]);
  gate.at('2026-03-02T14:20:00.000Z');
  expect(await about('2026-03-12T00:00:00.000Z', 2)).toEqual([]);
  gate.at('2026-03-02T15:10:00.000Z');
  expect((await atOnce()).map(({ text }) => text.split('\n').filter((each) => each.startsWith('- ')))).toEqual([
    line('12'),
    line('12'),
  ]);
});

test('one that the clerk’s address refused is sent to it later, about the same', async () => {
  const { gate, atOnce, refuseIf } = await approved(['acme', 'acme.f1']);
  refuseIf(({ to, subject }) =>
    to.startsWith('clerk@') && subject.startsWith('The city') ? new NotSent('no', { unreachable: false }) : undefined,
  );
  await gate.notice(update('acme'));
  expect(who(await atOnce())).toEqual(['deputy-clerk']);
  refuseIf(() => undefined);
  await gate.notice(update('acme.f1'));
  expect(await atOnce()).toEqual([]);
  gate.at('2026-03-02T12:15:00.000Z');
  const again = await atOnce();
  expect(who(again)).toEqual(['clerk']);
  expect(again[0]?.subject).toBe('The city cannot opt out: acme');
});

test('what goes off on the vendor’s day is foretold to the clerks and IT seven days and one day before', async () => {
  const { gate, atOnce, regular } = await approved(['acme', 'acme.f1']);
  await gate.notice(update('acme.f1'));
  await gate.notice(update('acme', { effectiveAt: '2026-06-01T00:00:00.000Z' }));
  await atOnce();
  const said: string[] = [];
  for (let day = 3; day <= 21; day += 1) {
    gate.at(`2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`);
    const mails = (await regular('acme', 'acme.f1')).filter(({ text }) => text.includes('goes off on the vendor’s day'));
    if (mails.length === 0) continue;
    said.push(`${day}`);
    expect(who(mails)).toEqual(CLERKS_AND_IT);
    expect(subjects(mails)).toEqual(['Goes off soon: acme.f1']);
    expect(mails[0]?.text).toContain('acme.f1: off from March 20, 2026 at 12:00 AM UTC.');
  }
  expect(said).toEqual(['13', '19']);
});

test('on the day it is mailed at once, one mail for what goes off at one moment; not what was off before', async () => {
  const { gate, atOnce, put, say } = await approved();
  const facts = { n: 2, revision: 1, digest: `sha256:${'0'.repeat(64)}`, title: 'T', kind: 'update', version: null } as const;
  const rest = {
    optOutBy: null,
    optOutHow: null,
    withoutAction: 'unknown',
    at: '2026-03-02T12:00:00.000Z',
    status: 'pending',
  } as const;
  const none = { from: null, until: null, ended: null, maintenance: false, announced: true, optedOut: null } as const;
  const more = { withdrawn: null, rolledBack: false, contested: null, recordable: true } as const;
  const change = { ...facts, ...rest, ...none, ...more, effectiveAt: EFFECT };
  gate.at(EFFECT);
  const outdated = answer({ variant: 'outdated', change: 1, since: EFFECT });
  for (const [key, optOut, offSince] of [
    ['acme.f1', 'no', EFFECT],
    ['acme.f2', 'yes', EFFECT],
    ['acme.f3', 'no', '2026-03-10T00:00:00.000Z'],
  ] as const) {
    await put(key, { answer: outdated, offSince, changes: [{ ...change, optOut }] });
    await say({ type: 'AnswerChanged', key, onFor: 'none', variant: 'outdated', because: `${key} is outdated`, version: null });
  }
  await put('acme.f4', { answer: answer({ variant: 'expired' }), offSince: EFFECT });
  await say({ type: 'AnswerChanged', key: 'acme.f4', onFor: 'none', variant: 'expired', because: 'expired', version: null });
  const mails = await atOnce();
  expect(who(mails)).toEqual(CLERKS_AND_IT);
  expect(subjects(mails)).toEqual(['Off from now on: acme.f1 and 1 more']);
  expect(mails[0]?.text).toContain(
    '- acme.f1, since March 20, 2026 at 12:00 AM UTC: the vendor did not say that the city can opt out of change acme.f1/2.\n' +
      '- acme.f2, since March 20, 2026 at 12:00 AM UTC: no opt-out from change acme.f2/2 was recorded in time.\n',
  );
  expect(await atOnce()).toEqual([]);
});

test('in Spanish', async () => {
  const { gate, atOnce } = await approved(['acme'], { officials: rosterFile(undefined, { clerk: 'es' }) });
  await gate.notice(update('acme'));
  const [mail] = await atOnce();
  expect(mail?.subject).toBe('La ciudad no puede excluirse: acme');
  expect(mail?.text).toContain('acme, cambio acme/2: apagada desde el 20 de marzo de 2026');
});

test('a small fix under terms that allow it makes nothing untrue, so it is not mailed', async () => {
  const world = await deriving();
  const { gate, mails, atOnce } = world;
  const terms = { terms: { ...NO_TERMS, maintenance: true } };
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest, terms);
  await gate.sign('acme/1', digest, terms);
  const impact = Object.fromEntries(IMPACTS.map((each) => [each, 'unchanged']));
  await gate.notice(update('acme', { impact }));
  await mails();
  expect(await atOnce()).toEqual([]);
});
