import { digestOf } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { vendorDecider } from '../../../../domain/vendors/decide.ts';
import { policy, rule, signature } from '../../../support/fixtures/city.ts';
import { ACME_KEY } from '../../../support/fixtures/vendor.ts';
import { adoption, attach, certify, date, day, facts, notify, revoke, sign, tick, wordsOf } from '../../feature/support.ts';
import { digest, edited, tampered } from '../forger.ts';
import { city, Log, OPERATOR } from '../log.ts';
import { recordedRevocation as recorded } from '../recordedStories.ts';
import {
  approved,
  by,
  edit,
  type Forgeries,
  graft,
  later,
  left,
  type Make,
  open,
  openUnder,
  passed,
  VOTED,
  wrote,
} from './base.ts';

const acme = 'feature/acme';
const REPORT = 'a report';
const asking = policy(
  rule([signature('mayor'), signature('auditor')], { when: { key: ['acme.**'] }, documents: ['report'] }),
  rule(VOTED, { id: 'rest' }),
);
const attached = (who = 'operator', log = city(asking).document(REPORT, day(0))) =>
  log.feat(notify(day(0), 1), attach(day(1), 1, 'report', REPORT, { by: who }));
const attachment = attached().last.events[0];

/** A vote of day 10; the document is of day `n`. */
const votedOn = (n: number) =>
  city(policy(rule(VOTED, { when: { key: ['acme.**'] }, documents: ['report'] }), rule(VOTED, { id: 'rest' })))
    .document(REPORT, day(0))
    .feat(notify(day(0), 1), attach(day(n), 1, 'report', REPORT));
const onDocument = () => votedOn(9).feat(certify(day(13), 1, { meetingDate: date(10) }));

const DOCUMENTS: Forgeries = {
  document: {
    'a document whose bytes are nowhere': () => attached('operator', city(asking)),
    'a document that is attached before the last of its bytes came': inLarge(() => inParts({ at: day(2) }, city(asking))()),
    'a document of which only a part is kept': inLarge(() => firstPart(city(asking))),
    'a document that its vendor’s notice does not name': by(
      edit(attached, 'DocumentAttached', { by: 'vendor:acme' }),
      'vendor:acme',
    ),
  },
  meeting: { 'a vote before its document was there': graft(() => votedOn(11), onDocument) },
  actor: {
    'a document by who may not attach one': () => attached('token:other'),
    'the bytes of a document by a vendor that was never added': by(() => city().document(REPORT, day(0)), 'vendor:ghost'),
    'the bytes of a document by an unknown token': by(() => city().document(REPORT, day(0)), 'token:stranger'),
  },
  'already-decided': {
    'a document after somebody approved': wrote(() => attached().feat(sign(day(2), 1)), acme, {
      ...attachment,
      at: day(3),
      sha256: attachment?.['digest'] ?? null,
    }),
  },
  closed: {
    'a document to a change that is closed': wrote(
      () =>
        city(policy(rule(VOTED)))
          .document(REPORT, day(0))
          .feat(notify(day(0), 1), certify(day(10), 1), sign(day(11), 1)),
      acme,
      { ...attachment, at: day(12) },
    ),
  },
};

const seen = {
  type: 'ObservationRecorded',
  v: 1,
  at: day(1),
  source: 'a look',
  observedAt: day(1),
  attested: false,
  person: null,
  features: { acme: true },
  evidence: null,
  note: null,
};
const LOOK = 'observation/acme/a%20look';
const observer = (person: string | null = null) => city().token('it', person, 'observe');
const reported = (change: Partial<typeof seen>, stream = LOOK, person: string | null = null) =>
  wrote(() => observer(person), stream, { ...seen, ...change }, 'token:it');

const attested = () => city().attest(day(1));
const resigned = (change: Readonly<Record<string, unknown>>) => {
  const { signed } = attested().last.events[0] as { readonly signed: Readonly<Record<string, JsonObject>> };
  return edit(attested, 'ObservationRecorded', { signed: { ...signed, ...change } as never });
};
const { message } = (attested().last.events[0] as { readonly signed: { readonly message: JsonObject } }).signed;

/** What a vendor is said to have signed of itself. */
const ATTESTED: Forgeries = {
  provenance: {
    'an attestation without a signature': () => edited(attested(), ({ signed: _signed, ...event }) => event),
    'a report of a source that a vendor signs, as if a token had made it': () =>
      tampered(edit(attested, 'ObservationRecorded', { attested: false })(), { stream: 'observation/acme/own' }),
    'an attestation whose signature was not kept': resigned({ message: { ...message, signature: null } }),
    'an attestation under another message’s id': resigned({ message: { ...message, id: 'msg_other' } }),
    'an attestation that was signed long before': resigned({
      message: { ...message, timestamp: String(Date.parse(day(0)) / 1000) },
    }),
  },
  'vendor-key': {
    'an attestation by a key that was never the vendor’s': resigned({ key: 'k9' }),
    'an attestation by a key in another scheme': resigned({ scheme: 'v1', message: { ...message, signature: null } }),
  },
  'already-decided': {
    'an attestation that is sent again after another': () => {
      const log = attested();
      const { stream, events, at, actor, commandId } = log.last;
      return log.attest(at, { features: { acme: false } }, 'msg_2').write(stream, events, { at, actor, commandId });
    },
  },
  observation: {
    'an attestation of another vendor’s feature': edit(attested, 'ObservationRecorded', { features: { other: true } }),
  },
  'unknown-vendor': {
    'an attestation of a vendor that was never added': () =>
      tampered(edit(attested, 'ObservationRecorded', { features: {} })(), {
        stream: 'observation/ghost/@own',
        actor: 'vendor:ghost',
      }),
  },
};

const RECEIPT = { type: 'NoticeReceived', v: 1, bodySha256: wordsOf(1), feature: 'acme', after: 0, missingAncestors: [] };
const received = (log = city()) =>
  log.write('receipt/acme/msg_1', [RECEIPT], { at: day(0), actor: 'vendor:acme', commandId: 'receipt/acme/msg_1' });

const DEEP = 'acme.a.b.c.d.e';
const rotatedTo = (...keys: readonly string[]) =>
  keys.reduce((log, id, index) => {
    const at = day(index);
    return log.decide('vendor/acme', vendorDecider, { type: 'rotateKey', at, key: { id, scheme: 'v1' } }, OPERATOR(at));
  }, city());
const firstPart = (log: Log) => edited(log.document(REPORT, day(0)), (event) => ({ ...event, bytes: 300_000, of: 2 }));
const inParts =
  (second: JsonObject, log = city()) =>
  () => {
    const { stream, events } = firstPart(log).last;
    return wrote(() => log, stream, { ...events[0], at: day(1), part: 2, ...second })();
  };
function inLarge(log: Make): Make {
  return edit(() => attached('operator', log()), 'DocumentAttached', { bytes: 300_000 });
}

/** Commits that continue no stream. */
const ALONE: Forgeries = {
  stream: {
    'a time zone in a stream beside its own': () => tampered(new Log().zone(), { stream: 'settings/other' }),
    'a stream that no aggregate has': wrote(city, 'elsewhere/acme', { type: 'X', at: day(0) }),
    'a stream whose kind is a prototype’s name': wrote(city, 'constructor/acme', { type: 'X', at: day(0) }),
    'a feature with a key of six parts': () =>
      tampered(edit(open, 'ChangeNotified', { key: DEEP })(), { stream: `feature/${DEEP}`, version: 1, prev: null }),
    'a receipt of another delivery': () => tampered(received(), { commandId: 'receipt/acme/msg_2' }),
    'a document in the stream of another': () =>
      tampered(city().document('a report', day(0)), { stream: `document/${'0'.repeat(64)}` }),
    'a notice in the stream of another key': () => tampered(open(), { stream: 'feature/acme.lpr', version: 1, prev: null }),
    'an observation in the stream of the vendor alone': reported({}, 'observation/acme'),
    'an observation in the stream of another source': reported({}, 'observation/acme/portal'),
    'an observation whose source is written otherwise': reported({}, 'observation/acme/a+look'),
    'an observation in the stream of what is attested': reported({}, 'observation/acme/@a%20look'),
    'an observation of the city’s own keys': reported({ features: {} as never }, 'observation/aldergate/a%20look'),
  },
  version: {
    'a receipt of a delivery that has one': () => tampered(received(received()), { version: 1, prev: null }),
    'a version left out': () => tampered(passed(), { version: 4 }),
  },
  previous: {
    'another past': () => tampered(passed(), { prev: digest('another past') }),
  },
  instant: {
    'an earlier time': later(() => openUnder(VOTED).feat(...adoption(1)), day(9)),
  },
  size: {
    'more events than a commit has': () =>
      tampered(open(), { events: Array.from({ length: 21 }, () => open().last.events[0] as never) }),
    'more bytes than a commit has': edit(received, 'NoticeReceived', { feature: `acme.${'x'.repeat(61_440)}` }),
  },
  order: {
    'time that is recorded in another order than it passed': () => {
      const log = city().feat(notify(day(0), 1), notify(day(1), 2), tick(day(200)));
      return tampered(log, { events: log.last.events.toReversed() });
    },
  },
  document: {
    'a document whose second part is of a longer one': inParts({ bytes: 300_001 }),
    'a document whose second part is of another type': inParts({ mediaType: 'text/html' }),
  },
  'vendor-key': {
    'a notice from before its vendor had the key': () =>
      new Log()
        .zone()
        .setRoster()
        .adopt()
        .vendor('acme', day(1))
        .feat(notify(day(0), 1)),
    'a key that was one of the vendor’s before': edit(() => rotatedTo('a', 'b'), 'KeyAdded', { key: { id: 'k1', scheme: 'v1' } }),
    'the public key of one that has ended, under another id': edit(
      () =>
        rotatedTo('a').decide(
          'vendor/acme',
          vendorDecider,
          { type: 'rotateKey', at: day(8), key: { id: 'b', scheme: 'v1' } },
          OPERATOR(day(8)),
        ),
      'KeyAdded',
      { key: { ...ACME_KEY, id: 'again' } },
    ),
    'a fifth key that is valid': edit(
      graft(
        () => rotatedTo('a', 'b', 'c'),
        later(() => rotatedTo('d'), day(3)),
      ),
      'KeyRetired',
      { key: 'c', validUntil: day(10) },
    ),
  },
  'no-act': {
    'two keys that one command ends': () => {
      const log = rotatedTo('a').decide(
        'vendor/acme',
        vendorDecider,
        { type: 'retireKey', at: day(1), keyId: 'k1' },
        OPERATOR(day(1)),
      );
      return tampered(log, { events: [...log.last.events, { ...log.last.events[0], key: 'a' }] });
    },
  },
  schema: {
    'a receipt that misses what is no ancestor': edit(received, 'NoticeReceived', { missingAncestors: ['other'] }),
    'a field that the type has not': edit(open, 'ChangeNotified', { enabled: true }),
    'words that take effect on a day that is none': edit(open, 'ChangeNotified', {
      notice: facts({ effectiveAt: '2026-03-3x' }) as never,
    }),
    'words that end on a day alone': edit(open, 'ChangeNotified', { notice: facts({ endsAt: '2027-03-31' }) as never }),
  },
  'no-zone': {
    'a time zone that there is not': edit(() => new Log().zone(), 'TimeZoneSet', { zone: 'Atlantic/Nowhere' }),
    'before any time zone': () =>
      new Log()
        .setRoster()
        .adopt()
        .vendor()
        .feat(notify(day(0), 1)),
  },
  observation: {
    'an observation of another vendor': reported({ features: { other: false } as never }),
    'an observation of a vendor whose name only begins alike': reported({ features: { acmes: true } as never }),
    'an observation of the future': reported({ observedAt: day(2) }),
  },
  actor: {
    'a receipt of what another vendor delivers': () => tampered(received(), { actor: 'vendor:other' }),
    'an observation by a token that may only enter notices': wrote(() => city().token('it', null), LOOK, seen, 'token:it'),
    'an observation in the name of a person': reported({ person: 'mayor' as never }),
    'an observation by a person’s token without the person': reported({}, LOOK, 'mayor'),
    'an observation in the name of another person': reported({ person: 'clerk' as never }, LOOK, 'mayor'),
    'an observation by a token that reports as another source': wrote(
      () => city().token('it', null, 'observe', day(-6), 'portal'),
      LOOK,
      seen,
      'token:it',
    ),
  },
  'already-decided': {
    'an observation that is the newest already': wrote(reported({}), LOOK, { ...seen, at: day(2) }, 'token:it'),
  },
  provenance: {
    'an observation that is attested by a token': reported({ attested: true }, 'observation/acme/@a%20look'),
  },
  'other-policy': {
    'a repin to the same policy': wrote(open, 'feature/acme', {
      type: 'PolicyPinned',
      v: 1,
      at: day(1),
      change: 1,
      revision: 1,
      pinned: open().last.events[0]?.['pinned'] ?? null,
      voids: true,
    }),
  },
};

const broughtIn = (log: Log, reason: string | null) =>
  left(log).feat(revoke(day(30), 1, { reason, recorded: { seat: 'mayor' } }));

const RECORDED: Forgeries = {
  'not-in-office': {
    'recorded by one who held the seat under no roster': wrote(
      approved,
      'revocation',
      { ...recorded({ holder: 'stranger' }) },
      'holder:stranger',
    ),
    'brought into the feature by one who has left, and recorded nowhere': () => broughtIn(approved(), null),
    'brought into the feature with a reason that was not recorded': () =>
      broughtIn(wrote(approved, 'revocation', { ...recorded() }, 'holder:mayor')(), digestOf('another')),
  },
};

/** Forgeries of documents and recorded revocations, of what a vendor signs of itself, and of commits that continue no stream. */
export const RECORDS: readonly Forgeries[] = [DOCUMENTS, ATTESTED, ALONE, RECORDED];
