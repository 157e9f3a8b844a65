import { type Sign, togetherItem } from '../../../../domain/feature/decide/sign.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { certify, correct, day, notify, refuse, sign } from '../../feature/support.ts';
import { rotated } from '../accessStory.ts';
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
import { CLERK, city, Log, MEMBER, tokenNamed } from '../log.ts';
import { cutOff, movedMayor, used, usedTwice } from '../recordedStories.ts';
import { commented, disclose, withhold } from '../redactionStory.ts';
import { by, edit, type Forgeries, graft, keys, later, type Make, passed, vetoed, withPasskeys, wrote } from './base.ts';

const SPARE = softwareKey(GATE);
const both = () => enrolled(withPasskeys(), 'mayor', keys.mayor);
const removed = (make: Make, credential: string, at: string, holder = 'clerk') =>
  wrote(make, `access/passkeys/${holder}`, { type: 'PasskeyRemoved', v: 1, at, holder, credential }, `holder:${holder}`);

/** A second passkey of the clerk's, with the leave that `from` gives for what `over` changes. */
const second =
  (from: typeof SPARE, over: Partial<ReturnType<typeof newPasskey>> = {}) =>
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
const [ONE, TWO] = [1, 2].map((n) => togetherItem('acme', sign(day(12), n))) as [object, object];
/** The same without passkeys, where the list alone is claimed. */
const claimed = (together: readonly object[]) =>
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

/** Both refused together, one of the refusals taken back, and written again by the list of these. */
const refusedAgain =
  (...list: readonly Sign[]) =>
  () => {
    const again = listedWithKey(keys.mayor, day(0), ...list).at(-1) as Sign;
    return waiting().feat(...listedWithKey(keys.mayor, day(0), ...refused12), takesBack, {
      ...again,
      at: day(12, '12:04:00.000'),
    });
  };

/** Decisions on several changes at once whose list or signature is another one's. */
const TOGETHER: Forgeries = {
  act: {
    'a list without the change itself': claimed([ONE]),
    'a list that names a change twice': claimed([ONE, TWO, ONE]),
    'a list with the change in other words': claimed([ONE, { ...TWO, digest: digestOf('others') }]),
    'a list with the change for another requirement': claimed([ONE, { ...TWO, requirement: 'auditor' }]),
    'a refusal taken back with others': edit(() => vetoed().feat(sign(day(11, '12:30:00.000'), 1, slip)), 'SignatureGiven', {
      together: [ONE],
    } as JsonObject),
  },
  passkey: {
    'a signature over a shorter list': edit(signedList, 'SignatureGiven', { together: [TWO] } as JsonObject),
    'a signature over a list with another change': edit(signedList, 'SignatureGiven', {
      together: [{ ...ONE, change: 'acme.lpr/1' }, TWO],
    } as JsonObject),
    'a signature over a list, under one act alone': () =>
      edited(signedList(), (event) => {
        const { together: _together, ...alone } = event;
        return event.type === 'SignatureGiven' ? alone : event;
      }),
    'one challenge under two lists with one change': refusedAgain(refused12[1]),
    'a signature over a list, twice for one of its changes': refusedAgain(...refused12),
    'a refusal that was taken back, written again once others had signed': () => {
      const refusal = withKey(refused12[1], 'mayor', keys.mayor);
      const log = letIn(waiting().feat(refusal, takesBack), 'clerk', keys.clerk, SPARE, day(13));
      return log.feat({ ...refusal, at: day(12, '12:04:00.000') });
    },
  },
};

/** What the mayor signs after a reset of the mayor's passkeys by two persons. */
const afterReset = (signature: Sign) => () => reset().feat(notify(day(2), 1), certify(day(12), 1), signature);
const resetOnceMore = (log: Log, at: string, generation: number) =>
  log.resetPasskeys('mayor', at, CLERK, generation).confirmRoster(CLERK, at).confirmRoster(MEMBER, at);
const reset = () =>
  resetOnceMore(enrolled(city({ ...thirteenSeats, passkeys: 'when-enrolled' }), 'mayor', keys.mayor), day(1), 1);
const renewed = (log = reset(), at = day(2)) => enrolled(log, 'mayor', SPARE, at, 'reset', { generation: 1 });

/** Passkeys that are missing, another person’s, over other contents, or let in by nobody’s leave. */
const PASSKEYS: Forgeries = {
  'passkey-missing': {
    'no passkey where one is required': graft(withPasskeys, passed),
    'the last passkey of a person, removed after another': removed(
      removed(() => letIn(withPasskeys(), 'clerk', keys.clerk, SPARE), SPARE.id, day(2)),
      keys.clerk.id,
      day(3),
    ),
    'the only passkey since a reset': removed(renewed, SPARE.id, day(3), 'mayor'),
    'the link alone, a minute after the first passkey since a reset': () =>
      renewed(reset().feat(notify(day(2), 1), certify(day(12), 1)), day(13)).feat(sign(day(13, '12:01:00.000'), 1)),
    'a second passkey by a link': () => enrolled(withPasskeys(), 'clerk', softwareKey(GATE), day(1), 'link'),
    'the link alone after the passkeys of its person were reset, days before': afterReset(sign(day(13), 1)),
    'another passkey without the signature of an earlier one': () => enrolled(both(), 'clerk', SPARE, day(1), 'passkey'),
    'a first passkey that is let in by an earlier one': () =>
      enrolled(withPasskeys(), 'mayor', SPARE, day(1), 'link', {
        assertion: leaveWithKey(newPasskey('mayor', SPARE), day(1), keys.clerk),
      }),
  },
  passkey: {
    'a passkey under another decision': edit(
      () => withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk)),
      'VoteCertified',
      {
        seconder: 'district-3',
      },
    ),
    'a signature that was gathered for later': () =>
      withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk, day(0), 24 * 60)),
    'an act that is dated before its passkey': () =>
      enrolled(city({ ...thirteenSeats, passkeys: 'required' }).feat(notify(day(0), 1)), 'clerk', keys.clerk, day(11)).feat(
        withKey(certify(day(10), 1), 'clerk', keys.clerk, day(11)),
      ),
    'one challenge under two acts on a change': () => {
      const two = [certify(day(10), 1), correct(day(10), 1, { fileNumber: '26-7' })];
      return withPasskeys().feat(...two.map((each) => withKey(each, 'clerk', keys.clerk)));
    },
    'a passkey that was removed long ago': () =>
      removed(() => letIn(withPasskeys(), 'clerk', keys.clerk, SPARE), SPARE.id, day(2))().feat(
        withKey(certify(day(10), 1), 'clerk', SPARE, day(1)),
      ),
    'a passkey of a person whose passkeys were reset, days before': afterReset(withKey(sign(day(13), 1), 'mayor', keys.mayor)),
    'a passkey of a person whose passkeys were reset, and again just now': () =>
      resetOnceMore(reset().feat(notify(day(2), 1), certify(day(12), 1)), day(13), 2).feat(
        withKey(sign(day(13, '12:01:00.000'), 1), 'mayor', keys.mayor),
      ),
    'a leave for another credential': second(keys.clerk, { credential: softwareKey(GATE).id }),
    'a leave for another public key': second(keys.clerk, { publicKey: softwareKey(GATE).publicKey }),
    'a leave for the same key in another encoding': second(keys.clerk, { cose: 'AAAA' }),
    'a leave for another person’s passkey': second(keys.clerk, { holder: 'mayor' }),
    'a leave for the passkeys after a reset': second(keys.clerk, { generation: 1 }),
    'a passkey that lets itself in': second(SPARE),
    'a leave by a passkey that was removed long ago': () => {
      const [at, gone] = [day(0, '13:00:00.000'), softwareKey(GATE)];
      const log = removed(() => letIn(both(), 'clerk', keys.clerk, gone, at), gone.id, day(0, '14:00:00.000'))();
      const assertion = leaveWithKey(newPasskey('clerk', SPARE), day(1), gone, at);
      return enrolled(log, 'clerk', SPARE, day(1), 'passkey', { assertion: { ...assertion, enrolled: { at, by: 'passkey' } } });
    },
    'a leave by a passkey that is said to be enrolled at another time': edit(second(keys.clerk), 'PasskeyEnrolled', {
      assertion: leaveWithKey(newPasskey('clerk', SPARE), day(1), keys.clerk, day(-1)),
    }),
    'an earlier leave for a passkey that was removed since': graft(
      removed(second(keys.clerk), SPARE.id, day(1, '12:02:00.000')),
      later(second(keys.clerk), day(1, '12:05:00.000')),
    ),
  },
  'passkey-shared': {
    'one public key for two persons': () =>
      withPasskeys().feat(withKey(certify(day(10), 1), 'clerk', keys.clerk), withKey(sign(day(11), 1), 'mayor', keys.clerk)),
    'a new passkey after a reset that never was': () => enrolled(reset(), 'mayor', SPARE, day(2), 'reset', { generation: 2 }),
    'a new passkey that is dated before its reset': () => enrolled(reset(), 'mayor', SPARE, day(0), 'reset', { generation: 1 }),
    'an eleventh passkey': () =>
      Array.from({ length: 10 }, (_, n) => day(n + 1)).reduce(
        (log, at) => letIn(log, 'clerk', keys.clerk, softwareKey(GATE), at),
        withPasskeys(),
      ),
    'a passkey by a link from before the reset, after which there is a new one': () =>
      enrolled(renewed(), 'mayor', softwareKey(GATE), day(3)),
    'a passkey that another person claimed': edit(
      () => enrolled(withPasskeys(), 'mayor', softwareKey(GATE), day(1)),
      'PasskeyEnrolled',
      {
        credential: keys.clerk.id,
        publicKey: keys.clerk.publicKey,
      },
    ),
    'a leave by another person’s passkey': second(keys.mayor),
  },
};

const oneCut = () => cutOff(city(), 1, day(1));
const LINKS: Forgeries = {
  'roster-confirmer': {
    'links cut off of no one in the roster': edit(oneCut, 'LinksCutOff', { holder: 'nobody' }),
  },
  'other-roster': {
    'links cut off before there is a roster': () => cutOff(new Log().zone(), 1, day(1)),
  },
  number: {
    'the use of a link before any was cut off': () => used(city(), {}, day(2)),
    'the use of a link that will be made later': () => used(oneCut(), { generation: 3 }, day(2)),
    'links cut off once more than they were made': () => cutOff(oneCut(), 1, day(2)),
    'links cut off that had ended with an address': () => cutOff(movedMayor(), 1, day(4)),
    'the use of a second link to another address': () => used(movedMayor(), { generation: 3 }, day(4)),
  },
  'already-decided': {
    'the use of the links that were cut off': () => used(oneCut(), { generation: 1 }, day(2)),
    'the use of a link that is older than the one used last': () => used(usedTwice(), {}, day(6)),
    'the use of the first link to another address': () => used(movedMayor(), {}, day(4)),
  },
};

const order =
  (everywhere = false) =>
  () =>
    withhold(commented(), day(12), everywhere);
const shown = () => disclose(order()(), day(13));
/** An order about the comment of a vote, whose place or object is another. */
const about = (over: Parameters<typeof edit>[2]) => edit(order(), 'TextWithheld', over);
const again = (make: Make, at: string) => graft(make, later(make, at));

/** Orders about what is shown. */
const REDACTIONS: Forgeries = {
  stream: {
    'a redaction in the stream of another text': () => tampered(order()(), { stream: 'redaction/00' }),
  },
  actor: {
    'a redaction by a token that may only read': by(
      () =>
        edited(withhold(commented().token('reader', null, 'state:read'), day(12)), of('TextWithheld', { by: 'token:reader' })),
      'token:reader',
    ),
    'a redaction by a token that had been revoked': graft(
      wrote(commented, tokenNamed('records', 'mayor'), { type: 'AccessRevoked', v: 1, at: day(11) }),
      order(),
    ),
  },
  redaction: {
    'a redaction of what was never said': about({ version: 99 }),
    'a redaction of a text of another feature’s stream': about({ stream: 'feature/other' }),
    'a redaction of a change, in the roster': about({ stream: 'roster', version: 1 }),
    'a redaction of no change, in a feature': about({ key: null, change: null, revision: null }),
    'a redaction of a revocation that is not recorded': about({ stream: 'revocation', version: 1 }),
    'an order about a change that has no such text': about({ change: 2, revision: null }),
    'an order about a revision that has no such text': about({ revision: 2 }),
    'an order about a feature that has no such text': about({ key: 'other', revision: null }),
    'an order about a notice whose bytes are none': about({ what: 'notice' }),
    'an order about another vendor’s document, in the name of a change without it': () => {
      const log = commented();
      const commitment = log.commits.flatMap(({ events }) => events).find(({ type }) => type === 'ChangeNotified')?.[
        'digest'
      ] as string;
      const other = withhold(log.feat(notify(day(11), 2)), day(12));
      const forged = edited(other, of('TextWithheld', { what: 'notice', commitment, version: 3, change: 2, revision: 1 }));
      return tampered(forged, { stream: `redaction/${commitment.slice('sha256:'.length)}` });
    },
    'a text shown that is not withheld': again(shown, day(14)),
    'a text shown at a place that no order names': edit(shown, 'TextDisclosed', { revision: null }),
  },
  'already-decided': {
    'a text withheld twice': again(order(), day(13)),
    'a text withheld everywhere, and then at its place alone': edit(again(order(true), day(13)), 'TextWithheld', {
      everywhere: false,
    }),
  },
};

const HEX = 'a'.repeat(64);
const issued = (kind: string, more: JsonObject): JsonObject => ({
  type: 'AccessIssued',
  v: 1,
  at: day(0),
  issued: { kind, ...more },
});
const CLAIM = { type: 'KeyClaimed', v: 1, at: day(0), holder: 'clerk' };
const FORM = `access/form/${HEX}`;

const ISSUED: Forgeries = {
  stream: {
    'a token in the stream of a form': () => tampered(city().token('x', null), { stream: FORM }),
    'the end of a form in a stream that is none’s': wrote(
      wrote(city, FORM, issued('form', { vendor: 'acme', expiresAt: day(8) })),
      `access/link/${HEX}`,
      { type: 'AccessRevoked', v: 1, at: day(1) },
    ),
    'a passkey in a stream that is none’s': () => tampered(withPasskeys(), { stream: 'access/keys/clerk' }),
    'a passkey in the stream of another person': () => tampered(withPasskeys(), { stream: 'access/passkeys/mayor' }),
    'the end of a passkey in the stream of another person': () =>
      tampered(removed(() => letIn(withPasskeys(), 'clerk', keys.clerk, SPARE), SPARE.id, day(2))(), {
        stream: 'access/passkeys/mayor',
        version: 1,
        prev: null,
      }),
    'a key claimed in a stream that is none’s': wrote(city, 'access/credential/clerk', CLAIM, 'holder:clerk'),
  },
  instant: {
    'a form that lasts for more than a year': wrote(city, FORM, issued('form', { vendor: 'acme', expiresAt: day(367) })),
  },
  consequence: {
    'a key of the log that takes over from itself': edit(rotated, 'LogKeyAnnounced', { key: 'gate.example/log+22222222+CCCC' }),
  },
  'no-act': {
    'the end of a token that never was': wrote(city, `access/token/${HEX}`, { type: 'AccessRevoked', v: 1, at: day(0) }),
    'the end of a form in a stream that begins like its own': wrote(
      wrote(city, FORM, issued('form', { vendor: 'acme', expiresAt: day(8) })),
      `${FORM.slice(0, -1)}f`,
      { type: 'AccessRevoked', v: 1, at: day(1) },
    ),
  },
  'unknown-vendor': {
    'a form of a vendor that was never added': wrote(
      city,
      `access/form/${HEX}`,
      issued('form', { vendor: 'nobody', expiresAt: day(3) }),
    ),
  },
  actor: { 'a passkey that somebody else enrolled': by(withPasskeys, 'holder:mayor') },
};

/** Forgeries of what gives persons and tokens their power, and of what tokens order. */
export const ACCESS: readonly Forgeries[] = [ISSUED, PASSKEYS, TOGETHER, LINKS, REDACTIONS];
