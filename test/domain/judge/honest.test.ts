import { expect, test } from 'vitest';
import { AccessEvent } from '../../../domain/access/events.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { startJudging } from '../../../domain/judge/judge.ts';
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
import { roster, thirteenSeats } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { codeOfLast, objections } from '../../support/judged.ts';
import {
  adoption,
  attach,
  certify,
  confirm,
  confirmRollback,
  correct,
  day,
  facts,
  notify,
  optOut,
  override,
  refuse,
  repin,
  rollOf,
  sign,
  withdraw,
  wordsOf,
} from '../feature/support.ts';
import { approvedPolicy } from './cityStories.ts';
import { edited, tampered, withKey } from './forger.ts';
import { keys, withPasskeys } from './forgeries/base.ts';
import { heldOn, shrunk } from './forgeries/rules.ts';
import { CLERK, city, Log, MEMBER } from './log.ts';
import { recordedRevocation } from './recordedStories.ts';
import { asking, REPORT } from './redactionStory.ts';
import { STORIES } from './stories.ts';

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

test('a confirmation without a passkey stands where the policy that asks for one has only just come into force, as any other decision', () => {
  const codeAt = (at: string) => {
    const log = new Log()
      .zone()
      .setRoster()
      .proposeRoster(roster({ mayor: { id: 'other-mayor' } }), day(-9));
    return codeOfLast(log.adopt({ ...thirteenSeats, passkeys: 'required' }).confirmRoster(CLERK, at));
  };
  expect(codeAt(day(-8, '12:04:00.000'))).toBe('stands');
  expect(codeAt(day(-8, '12:06:00.000'))).toBe('passkey-missing');
});

test('a passkey’s challenge is remembered where it was used, to its end', () => {
  const judge = startJudging();
  const corrected = [day(10, '12:10:00.000'), day(11)].map((at) => correct(at, 1, { fileNumber: at }));
  const signed = [certify(day(10), 1), certify(day(10), 2), ...corrected].map((each) => withKey(each, 'clerk', keys.clerk));
  const { bytes } = withPasskeys().feat(notify(day(1), 2), ...signed);
  const known = bytes.map((each) => judge.next(each).ok && judge.state.city.passkeys.spent.get('feature/acme')?.length);
  expect(known.slice(-4)).toEqual([1, 2, 3, 1]);
});

test('a removal stands however long ago its vendor signed it, and every other notice for some minutes alone', () => {
  const signedAt = (at: string, notice = facts()) =>
    edited(city().feat(notify(day(0), 1, { notice })), (event) => {
      const { message, ...rest } = (event['provenance'] ?? {}) as { readonly message?: object };
      const timestamp = String(Date.parse(at) / 1000);
      return event.type === 'ChangeNotified' ? { ...event, provenance: { ...rest, message: { ...message, timestamp } } } : event;
    });
  expect(codeOfLast(signedAt(day(-2), facts({ kind: 'removal' })))).toBe('stands');
  expect(codeOfLast(signedAt(day(2), facts({ kind: 'removal' })))).toBe('provenance');
  expect(codeOfLast(signedAt(day(0, '11:45:00.000')))).toBe('stands');
  expect(codeOfLast(signedAt(day(0, '11:44:59.000')))).toBe('provenance');
});

const MAYOR = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const update = (optOut: 'yes' | 'no', on: number, more: Parameters<typeof facts>[0] = {}) => ({
  notice: facts({ kind: 'update', optOut, effectiveAt: day(on), ...more }),
});
const observed = () => city().token('console', 'ida', 'observe');
const refusal = { votes: rollOf(0, 13) };

// Every story of a feature is judged, too, where it is told: test/domain/feature/story.ts.
test.each<[string, () => Log]>([
  [
    'words that the vendor leaves off count from their arrival, whenever they would take effect',
    () => {
      const off = notify(day(0), 1, update('yes', 60, { withoutAction: 'off' }));
      return city().feat(off, notify(day(1), 2), ...adoption(2), ...adoption(1, {}, 5));
    },
  ],
  [
    'an opt-out on the very day by which it had to be made is late: its words still count from their effect',
    () => {
      const silent = notify(day(20), 2, update('yes', 40, { optOutBy: day(30) }));
      const later = notify(day(22), 3, { notice: facts({ optOut: 'yes', withoutAction: 'off' }) });
      const log = observed().feat(notify(day(0), 1), ...adoption(1), silent, later, optOut(day(30)));
      return log.feat(...adoption(3, {}, 22), ...adoption(2, {}, 24));
    },
  ],
  [
    'the city can record that it opted out of what was refused, entered by itself, and rolled back',
    () =>
      observed()
        .token('desk', null)
        .feat(notify(day(0), 1), ...adoption(1))
        .feat(notify(day(20), 2, { ...update('yes', 25), provenance: enteredBy(null, day(20)) }), certify(day(27), 2, refusal))
        .feat(confirmRollback(day(28)), confirmRollback(day(29), MAYOR), optOut(day(30))),
  ],
  [
    'words that ran can be withdrawn while a late opt-out could still put others before them',
    () => {
      const evidence = { sha256: 'e'.repeat(64), title: 'A screenshot' };
      const second = optOut(day(10), { change: 2, digest: wordsOf(2), evidence });
      return observed()
        .feat(notify(day(0), 1, update('yes', 60)), notify(day(1), 2, update('yes', 2)), notify(day(2), 3, update('no', 3)))
        .feat(certify(day(10), 2, refusal), second, ...adoption(3), withdraw(day(13), 2));
    },
  ],
  [
    'a proposal ends after fourteen days of the calendar, between which clocks are put forward',
    () =>
      new Log()
        .zone('America/Denver')
        .setRoster()
        .adopt()
        .proposeRoster(roster({ mayor: { id: 'next-mayor' } }), '2026-03-07T20:00:00.000Z')
        .endProposal('2026-03-21T19:00:00.000Z'),
  ],
  ['a vote on the day on which a policy takes seats away, by those that are left', () => shrunk().feat(heldOn(13))],
  [
    'an opt-out where the token of the person has the name of the operator',
    () => {
      const log = observed().token('operator', 'ida', 'observe');
      log.feat(notify(day(0), 1), ...adoption(1), notify(day(20), 2, update('yes', 25)), optOut(day(21)));
      return tampered(log, { actor: 'token:operator' });
    },
  ],
  [
    'the operator resets the passkeys of one person while a reset of another’s waits',
    () => {
      const log = city().resetPasskeys('district-3', day(1), CLERK).resetPasskeys('district-4', day(1));
      return log.confirmRoster(CLERK, day(2)).confirmRoster(MEMBER, day(2));
    },
  ],
  [
    'a document stays attached when the words are bound to another policy that asks for it',
    () => {
      const log = city(asking).document(REPORT, day(0));
      log.feat(notify(day(0), 1), attach(day(1), 1, 'impact-report', REPORT));
      return approvedPolicy(log.proposePolicy({ ...asking, version: 'next' }, day(1)))
        .adoptProposed(day(13))
        .feat(repin(day(14)));
    },
  ],
])('%s', (_, log) => expect(objections(log().bytes)).toEqual([]));

test('a correction that comes again stands once enough was done in between that the gate no longer knows it, and not at once', () => {
  const correction = (at: string) => correct(at, 1, { meetingDate: day(10).slice(0, 10), votes: rollOf(8, 1) });
  const [comment, at] = [digestOf('a wrong click'), (hour: number) => day(11, `${hour}:00:00.000`)];
  const back = (when: string) => sign(when, 1, { decision: 'take-back', comment });
  const log = city().feat(notify(day(0), 1), certify(day(10), 1), correction(day(11)));
  const again = log.last.events;
  expect(codeOfLast(log.write('feature/acme', again, log.last))).toBe('already-decided');
  log.commits.pop();
  log.feat(refuse(at(13), 1), back(at(14)), refuse(at(15), 1), back(at(16)), refuse(at(17), 1), correction(at(18)));
  expect(log.types).toEqual(['VoteCertified']);
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
  expect(codeOfLast(sentAfterEnd(day(0, '12:00:59.999')))).toBe('stands');
  expect(codeOfLast(sentAfterEnd(day(0, '12:01:00.000')))).toBe('vendor-key');
});

test('a body whose refusal of a policy was overturned does not switch it off', () => {
  const key = 'aldergate.policy';
  const acts = [certify(day(11), 1), refuse(day(12), 1), override(day(13), 1)];
  const log = approvedPolicy(city().proposePolicy({ ...thirteenSeats, version: 'next' }, day(1)), acts);
  log.on(key, confirm(day(14), 1, log.feature(key).changes[0]?.confirmation?.act ?? ''));
  log.write('revocation', [recordedRevocation({ key, at: day(15) })], { at: day(15), actor: 'holder:mayor' });
  expect(codeOfLast(log.adoptProposed(day(16)))).toBe('stands');
});
