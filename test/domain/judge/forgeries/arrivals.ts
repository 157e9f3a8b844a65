import type { FeatureCommand } from '../../../../domain/feature/commands.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { thirteenSeats } from '../../../support/fixtures/city.ts';
import { BY_OPERATOR, enteredBy, signedByVendor } from '../../../support/fixtures/vendor.ts';
import {
  adoption,
  certify,
  confirmRollback,
  contest,
  day,
  facts,
  notify,
  refuse,
  revise,
  tick,
  withdraw,
  wordsOf,
} from '../../feature/support.ts';
import { digest, edited, enrolled, of, tampered } from '../forger.ts';
import { city, Log, tokenNamed } from '../log.ts';
import { by, edit, type Forgery, graft, keys, type Make, open, passed, wrote } from './base.ts';

const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const MAINTAINED = { terms: { ...NO_TERMS, maintenance: true } };
const on = (): Log => city().feat(notify(day(0), 1), ...adoption(1));
const ran = (): Log => on().feat(notify(day(20), 2, forced));
const rollback =
  (...over: Parameters<typeof confirmRollback>[1][]): Make =>
  () =>
    ran().feat(withdraw(day(21), 2), ...over.map((each, index) => confirmRollback(day(22 + index), each)));
const tolerant = (scope = 'notice'): Log =>
  city()
    .token('it', null, scope)
    .feat(notify(day(0), 1), ...adoption(1, MAINTAINED), notify(day(20), 2, forced));
type Acts = readonly FeatureCommand[];
const onDay = (effect: number) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(effect) }) });
const maintained = (...acts: Acts): Log =>
  city()
    .token('it', null, 'notice')
    .feat(notify(day(0), 1), ...adoption(1, MAINTAINED), ...acts);
/** Approved words that came before an update and take effect after it, then another update. */
const cameBefore = (...contests: Acts): Log =>
  maintained(notify(day(12), 2, onDay(40)), notify(day(20), 3, forced), ...contests).feat(
    ...adoption(2, MAINTAINED, 12),
    notify(day(41), 4, forced),
  );
/** Approved words that came after an update and take effect before it, then another update. */
const cameAfter = (...contests: Acts): Log =>
  maintained(notify(day(20), 2, onDay(60)), ...contests, notify(day(22), 3)).feat(
    ...adoption(3, MAINTAINED, 22),
    notify(day(34), 4, forced),
  );
const heard = (log: Log, at: string, person: string | null = null) =>
  log.feat(notify(at, 1, { provenance: enteredBy(person, at) }));

/** Against the order of arrival, what is contested and what was rolled back. */
const ARRIVED: readonly Forgery[] = [
  [
    'the words of an open change again while none that arrived later overtook them',
    'other-words',
    edit(() => open().feat(revise(day(2), 1, 2)), 'ChangeRevised', { digest: wordsOf(1) }),
  ],
  [
    'a withdrawal of an approved change that ran',
    'closed',
    graft(
      () => ran().feat(...adoption(2, {}, 20)),
      () => ran().feat(withdraw(day(32), 2)),
    ),
  ],
  [
    'a withdrawal of a refused change that could be held back',
    'closed',
    graft(refused(), () => refused(forced)().feat(withdraw(day(71), 2))),
  ],
  ['a rollback before the vendor took the change back', 'order', graft(ran, rollback({}))],
  [
    'a rollback of an entered change that a signed notice joined',
    'order',
    () => {
      const desk = on().token('desk', 'auditor');
      const joined = desk.feat(
        notify(day(20), 2, { ...forced, provenance: enteredBy('auditor', day(20)) }),
        notify(day(21), 3, forced),
      );
      return graft(() => joined, edit(rollback({}), 'RollbackConfirmed', { digest: wordsOf(3), revision: 2 }))();
    },
  ],
  [
    'a rollback that two persons of one body complete',
    'consequence',
    edit(rollback({}, { holder: 'deputy-clerk', seat: 'deputy-clerk' }), 'RollbackConfirmed', { complete: true }),
  ],
  [
    'a rollback confirmed by a board that only advises',
    'not-in-office',
    edit(rollback({ holder: 'mayor', body: 'mayor', seat: 'mayor' }), 'RollbackConfirmed', { body: 'board', seat: 'board-1' }),
  ],
  [
    'a rollback of a change that never ran',
    'closed',
    graft(
      () =>
        on().feat(
          notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(90) }) }),
          withdraw(day(21), 2),
        ),
      rollback({}),
    ),
  ],
  [
    'a contest of an update that came while another contest stood',
    'closed',
    graft(
      () => tolerant().feat(contest(day(21), 2), notify(day(22), 3, forced)),
      () => tolerant().feat(notify(day(22), 3, forced), contest(day(23), 3)),
    ),
  ],
  [
    'a contest while one of words that came later than those in force stands',
    'closed',
    graft(
      () => cameBefore(contest(day(21), 3)),
      () => cameBefore().feat(contest(day(42), 4)),
    ),
  ],
  [
    'a contest while one of words that take effect later than those in force stands',
    'closed',
    graft(
      () => cameAfter(contest(day(21), 2)),
      () => cameAfter().feat(contest(day(35), 4)),
    ),
  ],
  [
    'a contest of an update that was refused, which had contested it',
    'closed',
    graft(
      () => tolerant().feat(certify(day(30), 2), refuse(day(31), 2)),
      () => tolerant().feat(certify(day(30), 2), contest(day(32), 2)),
    ),
  ],
  ['time that somebody else than clock and operator records', 'actor', by(() => open().feat(tick(day(200))), 'holder:mayor')],
  [
    'a rollback without the passkey that the policy asks for',
    'passkey-missing',
    graft(() => {
      const log = city({ ...thirteenSeats, passkeys: 'when-enrolled' }).feat(notify(day(0), 1), ...adoption(1));
      return enrolled(log, 'clerk', keys.clerk, day(12)).feat(notify(day(20), 2, forced), withdraw(day(21), 2));
    }, rollback({})),
  ],
  ['a contest by a token that may only look', 'actor', () => tolerant('observe').feat(contest(day(21), 2))],
];

function refused(over = {}): Make {
  return () => on().feat(notify(day(20), 2, over), certify(day(30), 2), refuse(day(31), 2), tick(day(70)));
}

/** The last notice, as if the city had entered it. */
const asEntered =
  (make: Make, type: string): Make =>
  () => {
    const log = make();
    const provenance = { ...enteredBy(null, log.last.at), by: 'token:operator' };
    return tampered(edited(log, of(type, { provenance })), { actor: 'token:operator' });
  };
const keyEnds = (at: string): Make => wrote(city, 'vendor/acme', { type: 'KeyRetired', v: 1, at, key: 'k1', validUntil: at });

const FORM_ID = 'f0'.repeat(32);
const FORM = `access/form/${FORM_ID}`;
/** A city in which a vendor has a form for eight days. */
const withForm = (vendor = 'acme'): Make =>
  wrote(() => city().vendor('other'), FORM, {
    type: 'AccessIssued',
    v: 1,
    at: day(0),
    issued: { kind: 'form', vendor, expiresAt: day(8) },
  });
/** A notice of acme that came by the form. */
const byForm =
  (make: Make, at = day(1)): Make =>
  () => {
    const key = FORM_ID.slice(0, 16);
    const provenance = { ...enteredBy(null, at), channel: 'form', by: 'vendor:acme', key, heardAt: null };
    return tampered(make().feat(notify(at, 1, { provenance })), { actor: `form:${key}` });
  };
const ended = (make: Make, stream: string, at: string): Make => wrote(make, stream, { type: 'AccessRevoked', v: 1, at });

const OWN = notify(day(0), 1, { provenance: BY_OPERATOR, notice: facts({ kind: 'terms' }) });
const ofPolicy: Make = () => city().on('aldergate.policy', OWN);
const saidOf =
  (make: Make, change: JsonObject): Make =>
  () =>
    edited(make(), (event) => ({ ...event, provenance: { ...(event['provenance'] as JsonObject), ...change } }));

/** Notices that no vendor sent. */
const NOTICES: readonly Forgery[] = [
  [
    'a vendor that was never added',
    'unknown-vendor',
    () =>
      new Log()
        .zone()
        .setRoster()
        .adopt()
        .feat(notify(day(0), 1)),
  ],
  ['a key that was ended', 'vendor-key', () => keyEnds(day(-1))().feat(notify(day(0), 1))],
  [
    'a key that was ended after it signed the message, minutes before the commit',
    'vendor-key',
    () => {
      const { commandId, events } = open().last;
      const { provenance = null, command = null } = events[0] ?? {};
      const late = keyEnds(day(0, '12:05:00.000'))().feat(notify(day(0, '12:10:00.000'), 1));
      return tampered(edited(late, of('ChangeNotified', { provenance, command })), { commandId });
    },
  ],
  ['a scheme that the policy forbids', 'vendor-key', () => city({ ...thirteenSeats, webhooks: ['v1'] }).feat(notify(day(0), 1))],
  ['a message without a signature', 'provenance', saidOf(open, { message: null })],
  ['a message of another time', 'provenance', saidOf(open, { ...signedByVendor('acme', 'msg_4', day(-300), Buffer.from('x')) })],
  [
    'a withdrawal that no vendor signed',
    'provenance',
    edit(() => open().feat(withdraw(day(1), 1)), 'ChangeWithdrawn', { provenance: { ...BY_OPERATOR } }),
  ],
  [
    'a notice for another vendor',
    'provenance',
    () => tampered(edit(open, 'ChangeNotified', { key: 'other' })(), { stream: 'feature/other', version: 1, prev: null }),
  ],
  [
    'the words of an open change as another change',
    'other-words',
    edit(() => open().feat(notify(day(1), 2)), 'ChangeNotified', { digest: wordsOf(1) }),
  ],
  [
    'the words in force as another change',
    'other-words',
    edit(() => open().feat(...adoption(1), notify(day(20), 2)), 'ChangeNotified', { digest: wordsOf(1) }),
  ],
  ['a number that is not the next', 'number', edit(open, 'ChangeNotified', { change: 7 })],
  [
    'seventeen open changes',
    'too-many-open',
    () => {
      const sixteen = () => city().feat(...Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1)));
      const next = sixteen().feat(withdraw(day(0), 1), notify(day(1), 17)).last;
      return sixteen().write(next.stream, next.events, next);
    },
  ],
  ['a vendor’s words that the city rewords', 'adds-only', asEntered(() => open().feat(revise(day(1), 1, 2)), 'ChangeRevised')],
  [
    'a removal that the city enters',
    'adds-only',
    asEntered(() => city().feat(notify(day(0), 1, { notice: facts({ kind: 'removal' }) })), 'ChangeNotified'),
  ],
  [
    'a notice that is entered by a token that was revoked',
    'actor',
    () => heard(ended(() => city().token('desk', null), tokenNamed('desk'), day(-5))(), day(0)),
  ],
  ['a notice that is entered in the name of somebody else', 'actor', () => heard(city().token('desk', 'mayor'), day(0), 'clerk')],
  ['a notice by a form that was never issued', 'actor', byForm(city)],
  ['a notice by a form that was ended', 'actor', byForm(ended(withForm(), FORM, day(0)))],
  ['a notice by a form that had expired', 'actor', byForm(withForm(), day(9))],
  ['a notice by another vendor’s form', 'actor', byForm(withForm('other'))],
  ['a notice by a form in the name of another vendor', 'unknown-vendor', saidOf(byForm(withForm()), { by: 'vendor:other' })],
  ['a notice of the city’s policy by a token', 'actor', by(ofPolicy, 'token:operator')],
  ['a notice of the city’s policy in the name of an official', 'provenance', saidOf(ofPolicy, { by: 'holder:mayor' })],
  ['a notice of the city’s policy under a key', 'provenance', saidOf(ofPolicy, { key: 'k1' })],
  ['a notice of the city’s own that is not of its policy', 'provenance', () => city().on('aldergate.other', OWN)],
  ['a vendor’s notice by the operator', 'provenance', by(saidOf(open, { ...BY_OPERATOR }), 'operator')],
];

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
/** A report by the observer's token. */
const reported = (change: Partial<typeof seen>, stream = LOOK, person: string | null = null): Make =>
  wrote(() => observer(person), stream, { ...seen, ...change }, 'token:it');

const attested = (): Log => city().attest(day(1));
const resigned = (change: Readonly<Record<string, unknown>>): Make => {
  const { signed } = attested().last.events[0] as { readonly signed: Readonly<Record<string, JsonObject>> };
  return edit(attested, 'ObservationRecorded', { signed: { ...signed, ...change } as never });
};
const { message } = (attested().last.events[0] as { readonly signed: { readonly message: JsonObject } }).signed;

/** What a vendor is said to have signed of itself. */
const ATTESTED: readonly Forgery[] = [
  ['an attestation by a token', 'actor', () => tampered(attested(), { actor: 'token:it' })],
  ['an attestation by the operator', 'actor', () => tampered(attested(), { actor: 'token:operator' })],
  ['an attestation by another vendor', 'actor', () => tampered(attested(), { actor: 'vendor:other' })],
  ['an attestation without a signature', 'provenance', () => edited(attested(), ({ signed: _signed, ...event }) => event)],
  [
    'a report of a source that a vendor signs, as if a token had made it',
    'provenance',
    () => tampered(edit(attested, 'ObservationRecorded', { attested: false })(), { stream: 'observation/acme/own' }),
  ],
  ['an attestation in the name of a person', 'provenance', edit(attested, 'ObservationRecorded', { person: 'mayor' })],
  ['an attestation by a key that was never the vendor’s', 'vendor-key', resigned({ key: 'k9' })],
  [
    'an attestation by a key in another scheme',
    'vendor-key',
    resigned({ scheme: 'v1', message: { ...message, signature: null } }),
  ],
  ['an attestation whose signature was not kept', 'provenance', resigned({ message: { ...message, signature: null } })],
  ['an attestation under another message’s id', 'provenance', resigned({ message: { ...message, id: 'msg_other' } })],
  [
    'an attestation that was signed long before',
    'provenance',
    resigned({ message: { ...message, timestamp: String(Date.parse(day(0)) / 1000) } }),
  ],
  [
    'an attestation that is sent again after another',
    'already-decided',
    () => {
      const log = attested();
      const { stream, events, at, actor, commandId } = log.last;
      return log.attest(at, { features: { acme: false } }, 'msg_2').write(stream, events, { at, actor, commandId });
    },
  ],
  [
    'an attestation of another vendor’s feature',
    'observation',
    edit(attested, 'ObservationRecorded', { features: { other: true } }),
  ],
  [
    'an attestation of a vendor that was never added',
    'unknown-vendor',
    () =>
      tampered(edit(attested, 'ObservationRecorded', { features: {} })(), {
        stream: 'observation/ghost/@own',
        actor: 'vendor:ghost',
      }),
  ],
];

const RECEIPT = { type: 'NoticeReceived', v: 1, bodySha256: wordsOf(1), feature: 'acme', after: 0, missingAncestors: [] };
const received = (log = city()): Log =>
  log.write('receipt/acme/msg_1', [RECEIPT], { at: day(0), actor: 'vendor:acme', commandId: 'receipt/acme/msg_1' });

/** Commits that continue no stream. */
const RECORDS: readonly Forgery[] = [
  ['a stream that no aggregate has', 'stream', wrote(city, 'elsewhere/acme', { type: 'X', at: day(0) })],
  ['a stream whose kind is a prototype’s name', 'stream', wrote(city, 'constructor/acme', { type: 'X', at: day(0) })],
  [
    'a notice in the stream of another key',
    'stream',
    () => tampered(open(), { stream: 'feature/acme.lpr', version: 1, prev: null }),
  ],
  ['a receipt of a delivery that has one', 'version', () => tampered(received(received()), { version: 1, prev: null })],
  ['a version left out', 'version', () => tampered(passed(), { version: 4 })],
  ['another past', 'previous', () => tampered(passed(), { prev: digest('another past') })],
  ['an earlier time', 'instant', () => tampered(passed(), { at: day(-1) })],
  [
    'more events than a commit has',
    'size',
    () => tampered(open(), { events: Array.from({ length: 21 }, () => open().last.events[0] as never) }),
  ],
  ['a field that the type has not', 'schema', edit(open, 'ChangeNotified', { enabled: true })],
  [
    'before any time zone',
    'no-zone',
    () =>
      new Log()
        .setRoster()
        .adopt()
        .vendor()
        .feat(notify(day(0), 1)),
  ],
  ['an observation of another vendor', 'observation', reported({ features: { other: false } as never })],
  [
    'an observation by a token that may only enter notices',
    'actor',
    wrote(() => city().token('it', null), LOOK, seen, 'token:it'),
  ],
  ['an observation of a vendor whose name only begins alike', 'observation', reported({ features: { acmes: true } as never })],
  ['an observation of the future', 'observation', reported({ observedAt: day(2) })],
  ['an observation in the stream of the vendor alone', 'stream', reported({}, 'observation/acme')],
  ['an observation in the stream of another source', 'stream', reported({}, 'observation/acme/portal')],
  ['an observation whose source is written otherwise', 'stream', reported({}, 'observation/acme/a+look')],
  ['an observation in the stream of what is attested', 'stream', reported({}, 'observation/acme/@a%20look')],
  ['an observation of the city’s own keys', 'stream', reported({ features: {} as never }, 'observation/aldergate/a%20look')],
  ['an observation in the name of a person', 'actor', reported({ person: 'mayor' as never })],
  ['an observation by a person’s token without the person', 'actor', reported({}, LOOK, 'mayor')],
  ['an observation in the name of another person', 'actor', reported({ person: 'clerk' as never }, LOOK, 'mayor')],
  [
    'an observation by a token that reports as another source',
    'actor',
    wrote(() => city().token('it', null, 'observe', day(-6), 'portal'), LOOK, seen, 'token:it'),
  ],
  [
    'an observation that is the newest already',
    'already-decided',
    wrote(reported({}), LOOK, { ...seen, at: day(2) }, 'token:it'),
  ],
  ['an observation that is attested by a token', 'provenance', reported({ attested: true }, 'observation/acme/@a%20look')],
  [
    'a repin to the same policy',
    'other-policy',
    wrote(open, 'feature/acme', {
      type: 'PolicyPinned',
      v: 1,
      at: day(1),
      change: 1,
      revision: 1,
      pinned: open().last.events[0]?.['pinned'] ?? null,
      voids: true,
    }),
  ],
];

/** Forgeries of what arrives: notices, what becomes of their words, and other records. */
export const ARRIVALS: readonly Forgery[] = [...ARRIVED, ...NOTICES, ...ATTESTED, ...RECORDS];
