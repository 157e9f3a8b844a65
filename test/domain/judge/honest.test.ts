import { expect, test } from 'vitest';
import { AccessEvent } from '../../../domain/access/events.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { LogKeyAnnounced } from '../../../domain/log/events.ts';
import { ObservationEvent } from '../../../domain/observation/events.ts';
import { PolicyEvent } from '../../../domain/policy/events.ts';
import { NoticeReceived } from '../../../domain/receipt/events.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import { SettingsEvent } from '../../../domain/settings/events.ts';
import { VendorEvent } from '../../../domain/vendors/events.ts';
import {
  council,
  mayor,
  policy,
  roster,
  rule,
  signature,
  thirteenSeats,
  twoVetoes,
  withAdvice,
} from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { codeOfLast, objections } from '../../support/judged.ts';
import {
  adoption,
  advise,
  attach,
  certify,
  confirm,
  confirmRollback,
  contest,
  correct,
  date,
  day,
  facts,
  notify,
  optOut,
  override,
  refuse,
  repin,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from '../feature/support.ts';
import { approvedPolicy } from './cityStories.ts';
import { edited, tampered } from './forger.ts';
import { CLERK, city, Log, MEMBER } from './log.ts';
import { recordedRevocation } from './recordedStories.ts';
import { asking, REPORT } from './redactionStory.ts';
import { contested, STORIES } from './stories.ts';

const SCHEMAS = [
  ...[FeatureEvent, RosterEvent, PolicyEvent, VendorEvent, AccessEvent, SettingsEvent, ObservationEvent, RedactionEvent].flatMap(
    ({ options }) => [...options],
  ),
  NoticeReceived,
  LogKeyAnnounced,
  RevocationRecorded,
];

test.each(Object.entries(STORIES))('the judge objects to nothing in the story %s', (_, story) => {
  expect(objections(story().bytes)).toEqual([]);
});

test('the stories have every event that there is', () => {
  const all = SCHEMAS.flatMap(({ shape }) => [...shape.type.values]);
  const present = Object.values(STORIES).flatMap((story) =>
    story().commits.flatMap(({ events }) => events.map(({ type }) => type)),
  );
  expect(all.filter((type) => !present.includes(type))).toEqual([]);
});

test('an opt-out stands also where the token of the person has the name of the operator', () => {
  const log = city().token('console', 'ida', 'observe').token('operator', 'ida', 'observe');
  const notice = facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25) });
  log.feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2, { notice }), optOut(day(21)));
  expect(codeOfLast(tampered(log, { actor: 'token:operator' }).bytes)).toBe('stands');
});

test('the operator resets the passkeys of one person while a reset of another’s waits, which stands', () => {
  const log = city().resetPasskeys('district-3', day(1), CLERK).resetPasskeys('district-4', day(1));
  expect(objections(log.confirmRoster(CLERK, day(2)).confirmRoster(MEMBER, day(2)).bytes)).toEqual([]);
});

test('a confirmation without a passkey stands where the policy that asks for one has only just come into force, as any other decision', () => {
  const codeAt = (at: string) => {
    const log = new Log()
      .zone()
      .setRoster()
      .proposeRoster(roster({ mayor: { id: 'other-mayor' } }), day(-9));
    return codeOfLast(log.adopt({ ...thirteenSeats, passkeys: 'required' }).confirmRoster(CLERK, at).bytes);
  };
  expect(codeAt(day(-8, '12:04:00.000'))).toBe('stands');
  expect(codeAt(day(-8, '12:06:00.000'))).toBe('passkey-missing');
});

test('a removal stands however long ago its vendor signed it, and every other notice for some minutes alone', () => {
  const signedAt = (at: string, notice = facts()) =>
    edited(city().feat(notify(day(0), 1, { notice })), (event) => {
      const { message, ...rest } = (event['provenance'] ?? {}) as { readonly message?: object };
      const timestamp = String(Date.parse(at) / 1000);
      return event.type === 'ChangeNotified' ? { ...event, provenance: { ...rest, message: { ...message, timestamp } } } : event;
    });
  expect(codeOfLast(signedAt(day(-2), facts({ kind: 'removal' })).bytes)).toBe('stands');
  expect(codeOfLast(signedAt(day(2), facts({ kind: 'removal' })).bytes)).toBe('provenance');
  expect(codeOfLast(signedAt(day(0, '11:45:00.000')).bytes)).toBe('stands');
  expect(codeOfLast(signedAt(day(0, '11:44:59.000')).bytes)).toBe('provenance');
});

test('an approval that waits for its effect begins when the one in force ends before', () => {
  const until = { terms: { ...NO_TERMS, until: day(20) } };
  const later = notify(day(1), 2, { notice: facts({ effectiveAt: day(40) }) });
  const log = city().feat(notify(day(0), 1), later, ...adoption(1, until), ...adoption(2, {}, 1), tick(day(21)));
  expect(log.last.events.map(({ type, at }) => [type, at])).toEqual([
    ['ApprovalEnded', day(20)],
    ['ApprovalBegan', day(20)],
  ]);
  expect(objections(log.bytes)).toEqual([]);
});

test('once a contested update was rolled back, the next one comes as maintenance and can be contested', () => {
  const other = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const log = contested()
    .feat(withdraw(day(22), 2), confirmRollback(day(23)), confirmRollback(day(24), other))
    .feat(notify(day(30), 3, { notice: facts({ kind: 'update', optOut: 'no' }) }), contest(day(31), 3));
  expect(objections(log.bytes)).toEqual([]);
});

test('a corrected second vote stands by the size that overturns a veto', () => {
  const log = city()
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
    .confirmLast(day(13), 1)
    .feat(correct(day(14), 1, { meetingDate: date(12), fileNumber: '26-0202', votes: rollOf(10, 2) }));
  expect(objections(log.bytes)).toEqual([]);
});

test('a record that puts other terms down stands until others have decided on the first', () => {
  const police = { terms: { ...NO_TERMS, audience: ['Police'] } };
  const meetingDate = day(10).slice(0, 10);
  const log = city(withAdvice).feat(
    notify(day(0), 1),
    advise(day(1), 1, 'board-1', { requirement: 'advice' }),
    certify(day(10), 1),
    correct(day(11), 1, { ...police, meetingDate }),
    sign(day(12), 1, police),
  );
  expect(objections(log.bytes)).toEqual([]);
});

test('of two approvals whose words have yet to run the later one waits for what runs before both', () => {
  const forced = (effect: number) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(effect) }) });
  const log = city()
    .feat(notify(day(0), 1, forced(60)), ...adoption(1), notify(day(12), 2, forced(80)), ...adoption(2, {}, 12))
    .feat(notify(day(24), 3, forced(25)), ...adoption(3, {}, 25), tick(day(81)));
  expect(objections(log.bytes)).toEqual([]);
});

test('a second vote is corrected by itself until there is another one of the body', () => {
  const log = city(twoVetoes)
    .feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1), override(day(3), 1))
    .confirmLast(day(3, '13:00:00.000'), 1)
    .feat(refuse(day(4), 1, { requirement: 'auditor', holder: 'auditor' }))
    .feat(correct(day(5), 1, { meetingDate: date(3), votes: rollOf(9, 1) }))
    .feat(override(day(6), 1, { votes: rollOf(10, 2) }), correct(day(7), 1, { meetingDate: date(6), votes: rollOf(12, 1) }));
  expect(log.last.events.map(({ type }) => type)).toEqual(['VoteCertified', 'ChangeRefused']);
  expect(objections(log.bytes)).toEqual([]);
});

test('words that the vendor leaves off count from their arrival, whenever they would take effect', () => {
  const notice = facts({ kind: 'update', optOut: 'yes', withoutAction: 'off', effectiveAt: day(60) });
  const log = city().feat(notify(day(0), 1, { notice }), notify(day(1), 2), ...adoption(2), ...adoption(1, {}, 5));
  expect(log.last.events.at(-1)).toMatchObject({ type: 'ChangeApproved', becomes: 'replaced' });
  expect(objections(log.bytes)).toEqual([]);
});

test('an opt-out on the very day by which it had to be made is late: its words still count from their effect', () => {
  const [silent, later] = [
    facts({ kind: 'update', optOut: 'yes', optOutBy: day(30), effectiveAt: day(40) }),
    { notice: facts({ optOut: 'yes', withoutAction: 'off' }) },
  ];
  const log = city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2, { notice: silent }))
    .feat(notify(day(22), 3, later), optOut(day(30)), ...adoption(3, {}, 22), ...adoption(2, {}, 24));
  expect(log.last.events.at(-1)).toMatchObject({ type: 'ChangeApproved', change: 2, becomes: 'waiting' });
  expect(objections(log.bytes)).toEqual([]);
});

test('the city can record that it opted out of what was refused, entered by itself, and rolled back', () => {
  const heard = { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25) }), provenance: enteredBy(null, day(20)) };
  const log = city()
    .token('desk', null)
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2, heard), certify(day(27), 2, { votes: rollOf(0, 13) }))
    .feat(confirmRollback(day(28)), confirmRollback(day(29), { holder: 'mayor', body: 'mayor', seat: 'mayor' }))
    .feat(optOut(day(30)));
  expect(objections(log.bytes)).toEqual([]);
});

test('a deadline that stood still under a veto runs on once it is overturned', () => {
  const auditor = signature('auditor', { deadline: 'P20D' });
  const log = city(policy(rule([council(), mayor(), auditor])))
    .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(21), 1))
    .confirmLast(day(22), 1)
    .feat(sign(day(25), 1, { requirement: 'auditor', holder: 'auditor' }));
  expect(log.last.events.map(({ type }) => type)).toContain('ChangeApproved');
  expect(objections(log.bytes)).toEqual([]);
});

test('of two removals the earlier ends what came before it, and one that was over ends nothing that came later', () => {
  const removal = (n: number, on: string, at: string) => notify(on, n, { notice: facts({ kind: 'removal', effectiveAt: at }) });
  const log = city().feat(
    notify(day(0), 1),
    ...adoption(1),
    removal(2, day(20), day(40)),
    removal(3, day(25), day(60)),
    tick(day(41)),
  );
  expect(log.last.events).toMatchObject([{ type: 'ApprovalEnded', change: 1, at: day(40) }]);
  log.feat(removal(4, day(61), day(90)), notify(day(62), 5), ...adoption(5, {}, 62), tick(day(91)));
  expect(log.last.events).toMatchObject([{ type: 'ApprovalEnded', change: 5, at: day(90) }]);
  expect(objections(log.bytes)).toEqual([]);
});

test('a removal ends, with the approval in force, the one that waits for an effect after its day', () => {
  const removal = { notice: facts({ kind: 'removal', effectiveAt: day(30) }) };
  const later = notify(day(1), 2, { notice: facts({ optOut: 'no', effectiveAt: day(40) }) });
  const log = city().feat(notify(day(0), 1), later, ...adoption(1), ...adoption(2, {}, 1), notify(day(20), 3, removal));
  log.feat(tick(day(31)));
  expect(log.last.events).toMatchObject([{ type: 'ApprovalEnded', change: 1, at: day(30), ends: [2] }]);
  expect(objections(log.bytes)).toEqual([]);
  const ends = notify(day(0), 1, { notice: facts({ endsAt: day(25) }) });
  const ended = city().feat(ends, later, ...adoption(1), ...adoption(2, {}, 1), notify(day(20), 3, removal), tick(day(31)));
  expect(ended.last.events).toMatchObject([
    { type: 'ApprovalEnded', change: 1, at: day(25), ends: [] },
    { type: 'ApprovalBegan', change: 2, at: day(25) },
    { type: 'ApprovalEnded', change: 2, at: day(30) },
  ]);
  expect(objections(ended.bytes)).toEqual([]);
});

test('a correction that comes again stands once enough was done in between that the gate no longer knows it, and not at once', () => {
  const correction = (at: string) => correct(at, 1, { meetingDate: day(10).slice(0, 10), votes: rollOf(8, 1) });
  const [comment, at] = [digestOf('a wrong click'), (hour: number) => day(11, `${hour}:00:00.000`)];
  const back = (when: string) => sign(when, 1, { decision: 'take-back', comment });
  const log = city().feat(notify(day(0), 1), certify(day(10), 1), correction(day(11)));
  const again = log.last.events;
  expect(codeOfLast(log.write('feature/acme', again, log.last).bytes)).toBe('already-decided');
  log.commits.pop();
  log.feat(refuse(at(13), 1), back(at(14)), refuse(at(15), 1), back(at(16)), refuse(at(17), 1), correction(at(18)));
  expect(log.last.events.map(({ type }) => type)).toEqual(['VoteCertified']);
  expect(objections(log.bytes)).toEqual([]);
});

test('words that ran can be withdrawn while a late opt-out could still put others before them', () => {
  const notice = (optOut: 'yes' | 'no', at: string) => ({ notice: facts({ kind: 'update', optOut, effectiveAt: at }) });
  const second = { change: 2, digest: wordsOf(2), evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
  const log = city().token('console', 'ida', 'observe');
  log.feat(
    notify(day(0), 1, notice('yes', day(60))),
    notify(day(1), 2, notice('yes', day(2))),
    notify(day(2), 3, notice('no', day(3))),
  );
  log.feat(certify(day(10), 2, { votes: rollOf(0, 13) }), optOut(day(10), second), ...adoption(3), withdraw(day(13), 2));
  expect(log.last.events.map(({ type }) => type)).toEqual(['ChangeWithdrawn']);
  expect(objections(log.bytes)).toEqual([]);
});

test('a notice stands for a minute after its key ended: its signature was checked before', () => {
  const sentAfterEnd = (at: string) =>
    city()
      .write('vendor/acme', [{ type: 'KeyRetired', v: 1, at: day(0), key: 'k1', validUntil: day(0) }], {
        at: day(0),
        actor: 'operator',
      })
      .feat(notify(at, 1));
  expect(codeOfLast(sentAfterEnd(day(0, '12:00:59.999')).bytes)).toBe('stands');
  expect(codeOfLast(sentAfterEnd(day(0, '12:01:00.000')).bytes)).toBe('vendor-key');
});

test('a body whose refusal of a policy was overturned does not switch it off', () => {
  const key = 'aldergate.policy';
  const acts = [certify(day(11), 1), refuse(day(12), 1), override(day(13), 1)];
  const log = approvedPolicy(city().proposePolicy({ ...thirteenSeats, version: 'next' }, day(1)), acts);
  log.on(key, confirm(day(14), 1, log.feature(key).changes[0]?.confirmation?.act ?? ''));
  log.write('revocation', [recordedRevocation({ key, at: day(15) })], { at: day(15), actor: 'holder:mayor' });
  expect(codeOfLast(log.adoptProposed(day(16)).bytes)).toBe('stands');
});

test('a document that is attached is not missing when the words are bound to another policy that asks for it', () => {
  const log = city(asking)
    .document(REPORT, day(0))
    .feat(notify(day(0), 1), attach(day(1), 1, 'impact-report', REPORT))
    .proposePolicy({ ...asking, version: 'next' }, day(1));
  expect(
    codeOfLast(
      approvedPolicy(log)
        .adoptProposed(day(13))
        .feat(repin(day(14))).bytes,
    ),
  ).toBe('stands');
});
