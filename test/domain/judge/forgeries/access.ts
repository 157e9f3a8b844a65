import type { Sign } from '../../../../domain/feature/commands.ts';
import { togetherItem } from '../../../../domain/feature/decisionToSign.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, day, notify, refuse, sign } from '../../feature/support.ts';
import {
  edited,
  enrolled,
  GATE,
  leaveWithKey,
  letIn,
  listed,
  listedWithKey,
  newPasskey,
  of,
  tampered,
  withKey,
} from '../forger.ts';
import { CLERK, city, MEMBER, tokenNamed } from '../log.ts';
import { cutOff, movedMayor, used, usedTwice } from '../recordedStories.ts';
import { commented, disclose, withhold } from '../redactionStory.ts';
import { by, edit, type Forgery, graft, keys, later, type Make, passed, vetoed, withPasskeys, wrote } from './base.ts';

const SPARE = softwareKey(GATE);
const both = () => enrolled(withPasskeys(), 'mayor', keys.mayor);
const removed = (make: Make, credential: string, at: string): Make =>
  wrote(make, 'access/passkeys/clerk', { type: 'PasskeyRemoved', v: 1, at, holder: 'clerk', credential }, 'holder:clerk');

/** A second passkey of the clerk's, with the leave that `from` gives for what `over` changes. */
const second =
  (from: typeof SPARE, over: Partial<ReturnType<typeof newPasskey>> = {}): Make =>
  () =>
    enrolled(both(), 'clerk', SPARE, day(1), 'passkey', {
      assertion: leaveWithKey({ ...newPasskey('clerk', SPARE), ...over }, day(1), from),
    });

/** Two changes that the council passed and that wait for the mayor, who signs the second at once with the first. */
const waiting = () =>
  both()
    .feat(notify(day(1), 2))
    .feat(withKey(certify(day(10), 1), 'clerk', keys.clerk), withKey(certify(day(11), 2), 'clerk', keys.clerk));
const both12 = [sign(day(12), 1), sign(day(12), 2)] as const;
const signedList = () => waiting().feat(...listedWithKey(keys.mayor, day(0), ...both12));
const [ONE, TWO] = [1, 2].map((n) => togetherItem({ key: 'acme', n, ...sign(day(12), n) })) as [object, object];
/** The same without passkeys, where the list alone is claimed. */
const claimed = (together: readonly object[]): Make =>
  edit(
    () =>
      city()
        .feat(notify(day(0), 1), notify(day(1), 2), certify(day(10), 1), certify(day(11), 2))
        .feat(...listed(...both12)),
    'SignatureGiven',
    { together } as JsonObject,
  );
const refused12 = [refuse(day(12), 1), refuse(day(12), 2)] as const;
const slip = { decision: 'take-back', comment: digestOf('a slip') } as const;
const takesBack = withKey(sign(day(12, '12:02:00.000'), 2, slip), 'mayor', keys.mayor);

/** Decisions on several changes at once whose list or signature is another one's. */
const TOGETHER: readonly Forgery[] = [
  ['a list without the change itself', 'act', claimed([ONE])],
  ['a list that names a change twice', 'act', claimed([ONE, TWO, ONE])],
  ['a list with the change in other words', 'act', claimed([ONE, { ...TWO, digest: digestOf('others') }])],
  ['a list with the change in another revision', 'act', claimed([ONE, { ...TWO, revision: 2 }])],
  ['a list with the change on other terms', 'act', claimed([ONE, { ...TWO, terms: '0'.repeat(24) }])],
  ['a list with the change with another message', 'act', claimed([ONE, { ...TWO, comment: digestOf('other') }])],
  [
    'a refusal taken back with others',
    'act',
    edit(() => vetoed().feat(sign(day(11, '12:30:00.000'), 1, slip)), 'SignatureGiven', { together: [ONE] } as JsonObject),
  ],
  ['a signature over a shorter list', 'passkey', edit(signedList, 'SignatureGiven', { together: [TWO] } as JsonObject)],
  [
    'a signature over a list with another change',
    'passkey',
    edit(signedList, 'SignatureGiven', { together: [{ ...ONE, change: 'acme.lpr/1' }, TWO] } as JsonObject),
  ],
  [
    'a signature over a list, under one act alone',
    'passkey',
    () =>
      edited(signedList(), (event) => {
        const { together: _together, ...alone } = event;
        return event.type === 'SignatureGiven' ? alone : event;
      }),
  ],
  [
    'one challenge under two lists',
    'passkey',
    () => waiting().feat(...both12.flatMap((each) => listedWithKey(keys.mayor, day(0), each))),
  ],
  [
    'a signature over a list, twice for one of its changes',
    'passkey',
    () => {
      const refusals = listedWithKey(keys.mayor, day(0), ...refused12);
      return waiting().feat(...refusals, takesBack, { ...(refusals[1] as Sign), at: day(12, '12:04:00.000') });
    },
  ],
];

/** What the mayor signs after a reset of the mayor's passkeys by two persons. */
const afterReset =
  (signature: Sign): Make =>
  () => {
    const log = enrolled(city({ ...thirteenSeats, passkeys: 'when-enrolled' }), 'mayor', keys.mayor);
    log.resetPasskeys('mayor', day(1), CLERK).confirmRoster(CLERK, day(1)).confirmRoster(MEMBER, day(1));
    return log.feat(notify(day(2), 1), certify(day(12), 1), signature);
  };

/** Passkeys that are missing, another person’s, over other contents, or let in by nobody’s leave. */
const PASSKEYS: readonly Forgery[] = [
  ['no passkey where one is required', 'passkey-missing', graft(withPasskeys, passed)],
  [
    'a passkey under another decision',
    'passkey',
    edit(() => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk)), 'VoteCertified', {
      seconder: 'district-3',
    }),
  ],
  [
    'one public key for two persons',
    'passkey-shared',
    () => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk), withKey(sign(day(11), 1), 'mayor', keys.clerk)),
  ],
  [
    'a signature that was gathered for later',
    'passkey',
    () => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk, day(0), 24 * 60)),
  ],
  [
    'one challenge under two acts',
    'passkey',
    () => {
      const two = [certify(day(10), 1), certify(day(10), 2)].map((each) => withKey(each, 'clerk', keys.clerk));
      return withPasskeys().feat(notify(day(1), 2), ...two);
    },
  ],
  [
    'a passkey that was removed long ago',
    'passkey',
    () =>
      removed(() => letIn(withPasskeys(), 'clerk', keys.clerk, SPARE), SPARE.id, day(2))().feat(
        withKey(certify(day(10), 1), 'clerk', SPARE, day(1)),
      ),
  ],
  [
    'the last passkey of a person, removed after another',
    'passkey-missing',
    removed(
      removed(() => letIn(withPasskeys(), 'clerk', keys.clerk, SPARE), SPARE.id, day(2)),
      keys.clerk.id,
      day(3),
    ),
  ],
  ['a token that an official issues', 'actor', by(() => city().token('desk', 'mayor'), 'holder:mayor')],
  ['a second passkey by a link', 'passkey-missing', () => enrolled(withPasskeys(), 'clerk', softwareKey(GATE), day(1), 'link')],
  [
    'a new passkey after a reset that never was',
    'passkey-shared',
    () => enrolled(withPasskeys(), 'clerk', softwareKey(GATE), day(1), 'reset', { generation: 1 }),
  ],
  [
    'a passkey that another person claimed',
    'passkey-shared',
    edit(() => enrolled(withPasskeys(), 'mayor', softwareKey(GATE), day(1)), 'PasskeyEnrolled', {
      credential: keys.clerk.id,
      publicKey: keys.clerk.publicKey,
    }),
  ],
  ['the link alone after the passkeys of its person were reset, days before', 'passkey-missing', afterReset(sign(day(13), 1))],
  [
    'a passkey of a person whose passkeys were reset, days before',
    'passkey',
    afterReset(withKey(sign(day(13), 1), 'mayor', keys.mayor)),
  ],
  [
    'another passkey without the signature of an earlier one',
    'passkey-missing',
    () => enrolled(both(), 'clerk', SPARE, day(1), 'passkey'),
  ],
  [
    'a first passkey that is let in by an earlier one',
    'passkey-missing',
    () =>
      enrolled(withPasskeys(), 'mayor', SPARE, day(1), 'link', {
        assertion: leaveWithKey(newPasskey('mayor', SPARE), day(1), keys.clerk),
      }),
  ],
  ['a leave for another credential', 'passkey', second(keys.clerk, { credential: softwareKey(GATE).id })],
  ['a leave for another public key', 'passkey', second(keys.clerk, { publicKey: softwareKey(GATE).publicKey })],
  ['a leave for the same key in another encoding', 'passkey', second(keys.clerk, { cose: 'AAAA' })],
  ['a leave for another person’s passkey', 'passkey', second(keys.clerk, { holder: 'mayor' })],
  ['a leave for the passkeys after a reset', 'passkey', second(keys.clerk, { generation: 1 })],
  ['a passkey that lets itself in', 'passkey', second(SPARE)],
  ['a leave by another person’s passkey', 'passkey-shared', second(keys.mayor)],
  [
    'a leave by a passkey that was removed long ago',
    'passkey',
    () => {
      const [at, gone] = [day(0, '13:00:00.000'), softwareKey(GATE)];
      const log = removed(() => letIn(both(), 'clerk', keys.clerk, gone, at), gone.id, day(0, '14:00:00.000'))();
      const assertion = leaveWithKey(newPasskey('clerk', SPARE), day(1), gone, at);
      return enrolled(log, 'clerk', SPARE, day(1), 'passkey', { assertion: { ...assertion, enrolled: { at, by: 'passkey' } } });
    },
  ],
  [
    'a leave by a passkey that is said to be enrolled at another time',
    'passkey',
    edit(second(keys.clerk), 'PasskeyEnrolled', {
      assertion: leaveWithKey(newPasskey('clerk', SPARE), day(1), keys.clerk, day(-1)),
    }),
  ],
  [
    'an earlier leave for a passkey that was removed since',
    'passkey',
    graft(removed(second(keys.clerk), SPARE.id, day(1, '12:02:00.000')), later(second(keys.clerk), day(1, '12:05:00.000'))),
  ],
];

const oneCut = () => cutOff(city(), 1, day(1));
/** Which links of a person still switch off. */
const LINKS: readonly Forgery[] = [
  ['the use of a link before any was cut off', 'number', () => used(city(), {}, day(2))],
  ['the use of a link that will be made later', 'number', () => used(oneCut(), { generation: 3 }, day(2))],
  ['the use of the links that were cut off', 'already-decided', () => used(oneCut(), { generation: 1 }, day(2))],
  ['the use of a link that is older than the one used last', 'already-decided', () => used(usedTwice(), {}, day(6))],
  ['links cut off once more than they were made', 'number', () => cutOff(oneCut(), 1, day(2))],
  ['links cut off that had ended with an address', 'number', () => cutOff(movedMayor(), 1, day(4))],
  ['the use of the first link to another address', 'already-decided', () => used(movedMayor(), {}, day(4))],
  ['the use of a second link to another address', 'number', () => used(movedMayor(), { generation: 3 }, day(4))],
];

const order =
  (everywhere = false): Make =>
  () =>
    withhold(commented(), day(12), everywhere);
const shown = () => disclose(order()(), day(13));
/** An order about the comment of a vote, whose place or object is another. */
const about = (over: Parameters<typeof edit>[2]): Make => edit(order(), 'TextWithheld', over);
const again = (make: Make, at: string): Make => graft(make, later(make, at));

/** Orders about what is shown. */
const REDACTIONS: readonly Forgery[] = [
  ['a redaction in the stream of another text', 'stream', () => tampered(order()(), { stream: 'redaction/00' })],
  [
    'a redaction by a token that may only read',
    'actor',
    by(
      () =>
        edited(withhold(commented().token('reader', null, 'state:read'), day(12)), of('TextWithheld', { by: 'token:reader' })),
      'token:reader',
    ),
  ],
  [
    'a redaction by a token that had been revoked',
    'actor',
    graft(wrote(commented, tokenNamed('records', 'mayor'), { type: 'AccessRevoked', v: 1, at: day(11) }), order()),
  ],
  ['a redaction of what was never said', 'redaction', about({ version: 99 })],
  ['a redaction of a text of another feature’s stream', 'redaction', about({ stream: 'feature/other' })],
  ['a redaction of a change, in the roster', 'redaction', about({ stream: 'roster', version: 1 })],
  ['a redaction of no change, in a feature', 'redaction', about({ key: null, change: null, revision: null })],
  ['a redaction of a revocation that is not recorded', 'redaction', about({ stream: 'revocation', version: 1 })],
  ['an order about a change that has no such text', 'redaction', about({ change: 2, revision: null })],
  ['an order about a revision that has no such text', 'redaction', about({ revision: 2 })],
  ['an order about a feature that has no such text', 'redaction', about({ key: 'other', revision: null })],
  ['an order about a notice whose bytes are none', 'redaction', about({ what: 'notice' })],
  [
    'an order about another vendor’s document, in the name of a change without it',
    'redaction',
    () => {
      const log = commented();
      const commitment = log.commits.flatMap(({ events }) => events).find(({ type }) => type === 'ChangeNotified')?.[
        'digest'
      ] as string;
      const other = withhold(log.feat(notify(day(11), 2)), day(12));
      const forged = edited(other, of('TextWithheld', { what: 'notice', commitment, version: 3, change: 2, revision: 1 }));
      return tampered(forged, { stream: `redaction/${commitment.slice('sha256:'.length)}` });
    },
  ],
  ['a text withheld twice', 'already-decided', again(order(), day(13))],
  [
    'a text withheld everywhere, and then at its place alone',
    'already-decided',
    edit(again(order(true), day(13)), 'TextWithheld', { everywhere: false }),
  ],
  ['a text shown that is not withheld', 'redaction', again(shown, day(14))],
  ['a text shown at a place that no order names', 'redaction', edit(shown, 'TextDisclosed', { revision: null })],
];

/** Forgeries of what gives persons and tokens their power, and of what tokens order. */
export const ACCESS: readonly Forgery[] = [...PASSKEYS, ...TOGETHER, ...LINKS, ...REDACTIONS];
