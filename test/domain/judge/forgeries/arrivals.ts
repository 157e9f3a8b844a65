import type { FeatureCommand } from '../../../../domain/feature/decide.ts';
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
  optOut,
  proposal,
  revise,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from '../../feature/support.ts';
import { digest, edited, enrolled, of, tampered } from '../forger.ts';
import { city, Log, tokenNamed } from '../log.ts';
import { waitingInVain } from '../stories.ts';
import { by, edit, type Forgeries, graft, keys, type Make, open, openUnder, VOTED, wrote } from './base.ts';

const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const MAINTAINED = { terms: { ...NO_TERMS, maintenance: true } };
const on = () => city().feat(notify(day(0), 1), ...adoption(1));
const ran = () => on().feat(notify(day(20), 2, forced));
const rollback =
  (...over: Parameters<typeof confirmRollback>[1][]) =>
  () =>
    ran().feat(withdraw(day(21), 2), ...over.map((each, index) => confirmRollback(day(22 + index), each)));
const tolerant = (scope = 'notice') =>
  city()
    .token('it', null, scope)
    .feat(notify(day(0), 1), ...adoption(1, MAINTAINED), notify(day(20), 2, forced));
const contestedAs =
  ({ holder = 'mayor', ...place }: { readonly holder?: string; readonly body?: string; readonly seat: string }) =>
  () => {
    const by = { requirement: 'mayor', holder };
    const log = tolerant().feat(contest(day(21), 2, { by: { requirement: 'mayor', holder: 'mayor' } }));
    const act = digest({ type: 'contest', change: 2, revision: 1, by, reason: null }).slice(7, 23);
    const forged = edited(log, (event) => ({ ...event, by: { ...(event['by'] as JsonObject), ...place, holder }, act }));
    return tampered(forged, { actor: `holder:${holder}` });
  };
type Acts = readonly FeatureCommand[];
/** Maintenance that the vendor leaves off where the city says so. */
const upkeepToStop = () => maintained(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'yes' }) }));
const onDay = (effect: number) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(effect) }) });
const maintained = (...acts: Acts) =>
  city()
    .token('it', null, 'notice')
    .feat(notify(day(0), 1), ...adoption(1, MAINTAINED), ...acts);
/** Approved words that came before an update and take effect after it, then another update. */
const cameBefore = (...contests: Acts) =>
  maintained(notify(day(12), 2, onDay(40)), notify(day(20), 3, forced), ...contests).feat(
    ...adoption(2, MAINTAINED, 12),
    notify(day(41), 4, forced),
  );
/** Approved words that came after an update and take effect before it, then another update. */
const cameAfter = (...contests: Acts) =>
  maintained(notify(day(20), 2, onDay(60)), ...contests, notify(day(22), 3)).feat(
    ...adoption(3, MAINTAINED, 22),
    notify(day(34), 4, forced),
  );
const heard = (log: Log, at: string, person: string | null = null) =>
  log.feat(notify(at, 1, { provenance: enteredBy(person, at) }));

/** Against the order of arrival, what is contested and what was rolled back. */
const ARRIVED: Forgeries = {
  'other-words': {
    'the words of an open change again while none that arrived later overtook them': edit(
      () => open().feat(revise(day(2), 1, 2)),
      'ChangeRevised',
      { digest: wordsOf(1) },
    ),
    'the words of an open change again that come before those in force do': edit(
      () =>
        city().feat(
          notify(day(0), 1, onDay(60)),
          ...adoption(1),
          notify(day(12), 2, onDay(20)),
          revise(day(24), 2, 2, onDay(20)),
        ),
      'ChangeRevised',
      { digest: wordsOf(2) },
    ),
  },
  closed: {
    'a contest while one of words that came later than those in force stands': graft(
      () => cameBefore(contest(day(21), 3)),
      () => cameBefore().feat(contest(day(42), 4)),
    ),
    'a contest while one of words that take effect later than those in force stands': graft(
      () => cameAfter(contest(day(21), 2)),
      () => cameAfter().feat(contest(day(35), 4)),
    ),
    'a contest of an update that was to be stopped, ran out of time and never ran': graft(
      () => upkeepToStop().feat(certify(day(30), 2), tick(day(36)), tick(day(80))),
      () => upkeepToStop().feat(contest(day(81), 2)),
    ),
    'a contest of an update that changes what it costs': graft(
      () =>
        maintained(notify(day(20), 2, { notice: { ...forced.notice, impact: { ...forced.notice.impact, cost: 'changed' } } })),
      () => tolerant().feat(contest(day(21), 2)),
    ),
    'a rollback of words that the city entered and that have yet to run': graft(
      () =>
        on()
          .token('desk', 'auditor')
          .feat(notify(day(20), 2, { ...onDay(40), provenance: enteredBy('auditor', day(20)) })),
      rollback({}),
    ),
  },
  order: {
    'a rollback of an entered change that a signed notice joined': () => {
      const desk = on().token('desk', 'auditor');
      const joined = desk.feat(
        notify(day(20), 2, { ...forced, provenance: enteredBy('auditor', day(20)) }),
        notify(day(21), 3, forced),
      );
      return graft(() => joined, edit(rollback({}), 'RollbackConfirmed', { digest: wordsOf(3), revision: 2 }))();
    },
  },
  consequence: {
    'a rollback that two persons of one body complete': edit(
      rollback({}, { holder: 'deputy-clerk', seat: 'deputy-clerk' }),
      'RollbackConfirmed',
      { complete: true },
    ),
  },
  'not-in-office': {
    'a rollback confirmed by a board that only advises': edit(
      rollback({ holder: 'mayor', body: 'mayor', seat: 'mayor' }),
      'RollbackConfirmed',
      { body: 'board', seat: 'board-1' },
    ),
    'a contest from a seat that its person does not hold': contestedAs({ seat: 'auditor' }),
  },
  requirement: {
    'a contest by an official who is not asked': contestedAs({ holder: 'clerk', body: 'clerk', seat: 'clerk' }),
  },
  actor: {
    'time that somebody else than clock and operator records': by(() => open().feat(tick(day(200))), 'holder:mayor'),
    'a contest by a token that may only look': () => tolerant('observe').feat(contest(day(21), 2)),
    'a contest by somebody else than it names': by(
      () => tolerant().feat(contest(day(21), 2, { by: { requirement: 'mayor', holder: 'mayor' } })),
      'holder:clerk',
    ),
  },
  'passkey-missing': {
    'a rollback without the passkey that the policy asks for': graft(() => {
      const log = city({ ...thirteenSeats, passkeys: 'when-enrolled' }).feat(notify(day(0), 1), ...adoption(1));
      return enrolled(log, 'clerk', keys.clerk, day(12)).feat(notify(day(20), 2, forced), withdraw(day(21), 2));
    }, rollback({})),
  },
};

const asEntered = (make: Make, type: string) => () => {
  const log = make();
  const provenance = { ...enteredBy(null, log.last.at), by: 'token:operator' };
  return tampered(edited(log, of(type, { provenance })), { actor: 'token:operator' });
};
const keyEnds = (at: string) => wrote(city, 'vendor/acme', { type: 'KeyRetired', v: 1, at, key: 'k1', validUntil: at });

const FORM_ID = 'f0'.repeat(32);
const FORM = `access/form/${FORM_ID}`;
const withForm = (vendor = 'acme') =>
  wrote(() => city().vendor('other'), FORM, {
    type: 'AccessIssued',
    v: 1,
    at: day(0),
    issued: { kind: 'form', vendor, expiresAt: day(8) },
  });
const byForm =
  (make: Make, at = day(1)) =>
  () => {
    const key = FORM_ID.slice(0, 16);
    const provenance = { ...enteredBy(null, at), channel: 'form', by: 'vendor:acme', key, heardAt: null };
    return tampered(make().feat(notify(at, 1, { provenance })), { actor: `form:${key}` });
  };
const ended = (make: Make, stream: string, at: string) => wrote(make, stream, { type: 'AccessRevoked', v: 1, at });

const OWN = notify(day(0), 1, { provenance: BY_OPERATOR, notice: proposal() });
const saidOf = (make: Make, change: JsonObject) => () =>
  edited(make(), (event) => ({ ...event, provenance: { ...(event['provenance'] as JsonObject), ...change } }));

const revisedTo = (kind: 'contract' | 'removal') =>
  edit(() => openUnder(VOTED).feat(revise(day(1), 1, 2)), 'ChangeRevised', { notice: facts({ kind }) as never });

const NOTICES: Forgeries = {
  'unknown-vendor': {
    'a vendor that was never added': () =>
      new Log()
        .zone()
        .setRoster()
        .adopt()
        .feat(notify(day(0), 1)),
    'a notice by a form in the name of another vendor': saidOf(byForm(withForm()), { by: 'vendor:other' }),
  },
  'vendor-key': {
    'a key that was ended': () => keyEnds(day(-1))().feat(notify(day(0), 1)),
    'a key that was ended after it signed the message, minutes before the commit': () => {
      const { commandId, events } = open().last;
      const { provenance = null, command = null } = events[0] ?? {};
      const late = keyEnds(day(0, '12:05:00.000'))().feat(notify(day(0, '12:10:00.000'), 1));
      return tampered(edited(late, of('ChangeNotified', { provenance, command })), { commandId });
    },
    'a scheme that the policy forbids': () => city({ ...thirteenSeats, webhooks: ['v1'] }).feat(notify(day(0), 1)),
  },
  provenance: {
    'a message without a signature': saidOf(open, { message: null }),
    'a message of another time': saidOf(open, { ...signedByVendor('acme', 'msg_4', day(-300), Buffer.from('x')) }),
    'a withdrawal that no vendor signed': edit(() => open().feat(withdraw(day(1), 1)), 'ChangeWithdrawn', {
      provenance: { ...BY_OPERATOR },
    }),
    'a notice for another vendor': () =>
      tampered(edit(open, 'ChangeNotified', { key: 'other' })(), { stream: 'feature/other', version: 1, prev: null }),
    'a notice of the city’s own that is not of its policy': () => city().on('aldergate.other', OWN),
    'a vendor’s notice by the operator': by(saidOf(open, { ...BY_OPERATOR }), 'operator'),
    'a notice of the city’s own that somebody enters': asEntered(() => city().on('aldergate.other', OWN), 'ChangeNotified'),
    'a notice by a form in the name of a person': saidOf(byForm(withForm()), { person: 'mayor' }),
    'a notice by a form that is said to be signed': saidOf(byForm(withForm()), { scheme: 'v1a' }),
    'a notice that is entered without the time at which it was heard': saidOf(asEntered(open, 'ChangeNotified'), {
      heardAt: null,
    }),
  },
  schema: {
    'a contract without an end': edit(() => openUnder(VOTED), 'ChangeNotified', { notice: facts({ kind: 'contract' }) as never }),
    'a revision to a contract without an end': revisedTo('contract'),
    'a revision that removes the feature': revisedTo('removal'),
  },
  'other-words': {
    'the words of an open change as another change': edit(() => open().feat(notify(day(1), 2)), 'ChangeNotified', {
      digest: wordsOf(1),
    }),
    'the words in force as another change': edit(() => open().feat(...adoption(1), notify(day(20), 2)), 'ChangeNotified', {
      digest: wordsOf(1),
    }),
  },
  'too-many-open': {
    'seventeen open changes': () => {
      const sixteen = () => city().feat(...Array.from({ length: 16 }, (_, index) => notify(day(0), index + 1)));
      const next = sixteen().feat(withdraw(day(0), 1), notify(day(1), 17)).last;
      return sixteen().write(next.stream, next.events, next);
    },
  },
  'adds-only': {
    'a vendor’s words that the city rewords': asEntered(() => open().feat(revise(day(1), 1, 2)), 'ChangeRevised'),
    'a removal that the city enters': asEntered(
      () => city().feat(notify(day(0), 1, { notice: facts({ kind: 'removal' }) })),
      'ChangeNotified',
    ),
  },
  actor: {
    'a notice that is entered by a token that was revoked': () =>
      heard(ended(() => city().token('desk', null), tokenNamed('desk'), day(-5))(), day(0)),
    'a notice that is entered in the name of somebody else': () => heard(city().token('desk', 'mayor'), day(0), 'clerk'),
    'a notice that is entered in the name of another token': saidOf(() => heard(city().token('desk', null), day(0)), {
      by: 'token:other',
    }),
    'a notice by another form than it names': by(byForm(withForm()), 'form:other'),
    'a notice that the operator’s token enters for a person': saidOf(asEntered(open, 'ChangeNotified'), { person: 'mayor' }),
    'a notice by a form that was never issued': byForm(city),
    'a notice that is dated before its token': () => heard(city().token('desk', null, 'notice', day(1)), day(0)),
    'a notice that is dated before its form': byForm(withForm(), day(-1)),
    'a notice by a form that was ended': byForm(ended(withForm(), FORM, day(0))),
    'a notice by a form that had expired': byForm(withForm(), day(9)),
    'a notice by another vendor’s form': byForm(withForm('other')),
  },
};

const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const words = (over: Parameters<typeof facts>[0] = {}) =>
  notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25), ...over }) });

const withTokens = () =>
  city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1), ...adoption(1));
const announced = (over: Parameters<typeof facts>[0] = {}) => withTokens().feat(words(over));
const recorded =
  (over: Parameters<typeof optOut>[1] = {}, at = day(21)) =>
  () =>
    announced().feat(optOut(at, over));
const late = () => announced().feat(optOut(day(26), PROOF));
const confirmedLate =
  (...over: Parameters<typeof confirmRollback>[1][]) =>
  () =>
    late().feat(...over.map((each, index) => confirmRollback(day(27 + index), { of: 'opt-out', ...each })));
/** The record of another city's story, in which the same words could be opted out of. */
const ofOthers = (into: Make) => graft(into, recorded());

/** Opt-outs that nobody could record, or not so, and confirmations of them. */
const OPT_OUTS: Forgeries = {
  actor: {
    'an opt-out by a token that may only enter notices': () =>
      by(
        () =>
          announced()
            .token('desk', 'ida')
            .feat(optOut(day(21))),
        'token:desk',
      )(),
    'an opt-out by a token that was ended': graft(
      wrote(announced, tokenNamed('console', 'ida'), { type: 'AccessRevoked', v: 1, at: day(20, '12:30:00.000') }),
      recorded(),
    ),
  },
  'opt-out': {
    'an opt-out of what the vendor cannot hold back': ofOthers(() => announced({ optOut: 'no' })),
    'an opt-out of a contract': ofOthers(() => announced({ kind: 'contract', endsAt: day(600) })),
    'an opt-out of terms that the vendor does not let the city decline': ofOthers(() =>
      announced({ kind: 'terms', optOut: 'unknown' }),
    ),
  },
  closed: {
    'an opt-out of what was refused, recorded after another with evidence': graft(
      () => announced({ withoutAction: 'off' }).feat(certify(day(30), 2, { votes: rollOf(0, 13) }), optOut(day(31), PROOF)),
      () => announced({ withoutAction: 'off' }).feat(optOut(day(32))),
    ),
  },
  'other-words': {
    'the words in force as another change, once what would have made them untrue was opted out of': edit(
      () => announced().feat(optOut(day(21)), notify(day(50), 3)),
      'ChangeNotified',
      { digest: wordsOf(1) },
    ),
  },
  'already-decided': {
    'an opt-out confirmed twice by one person': graft(confirmedLate({}), () =>
      late().feat(confirmRollback(day(28), { of: 'opt-out' })),
    ),
  },
  order: {
    'a third confirmation': graft(
      confirmedLate({}, { holder: 'mayor', body: 'mayor', seat: 'mayor' }),
      confirmedLate({}, { holder: 'district-1', body: 'council', seat: 'district-1' }),
    ),
    'a confirmation of an opt-out that is late and shows nothing': graft(recorded({}, day(26)), confirmedLate({})),
    'a confirmation of a revision that no longer stands': graft(
      () => late().feat(revise(day(26, '13:00:00.000'), 2, 2)),
      confirmedLate({}),
    ),
  },
  consequence: {
    'an opt-out that two persons of one body complete': edit(
      confirmedLate({}, { holder: 'deputy-clerk', seat: 'deputy-clerk' }),
      'RollbackConfirmed',
      { complete: true },
    ),
  },
  'not-due': {
    'an end of words in force that leaves what waits behind them': edit(waitingInVain, 'ApprovalEnded', { ends: [] }),
  },
  'not-in-office': {
    'an opt-out confirmed by who holds no seat': edit(confirmedLate({}), 'RollbackConfirmed', { body: 'mayor', seat: 'mayor' }),
  },
};

export const ARRIVALS: readonly Forgeries[] = [ARRIVED, OPT_OUTS, NOTICES];
