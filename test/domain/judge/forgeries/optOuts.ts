import {
  adoption,
  certify,
  confirmRollback,
  day,
  facts,
  notify,
  optOut,
  revise,
  rollOf,
  withdraw,
  wordsOf,
} from '../../feature/support.ts';
import { city, type Log, tokenNamed } from '../log.ts';
import { waitingInVain } from '../stories.ts';
import { by, edit, type Forgeries, graft, type Make, wrote } from './base.ts';

const PROOF = { evidence: { sha256: 'e'.repeat(64), title: 'A screenshot' } };
const words = (over: Parameters<typeof facts>[0] = {}) =>
  notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'yes', effectiveAt: day(25), ...over }) });

const withTokens = (key = 'acme'): Log =>
  city()
    .token('console', 'ida', 'observe')
    .feat(notify(day(0), 1, { key }), ...adoption(1));
const announced = (over: Parameters<typeof facts>[0] = {}): Log => withTokens().feat(words(over));
const recorded =
  (over: Parameters<typeof optOut>[1] = {}, at = day(21)): Make =>
  () =>
    announced().feat(optOut(at, over));
const late = (): Log => announced().feat(optOut(day(26), PROOF));
const confirmedLate =
  (...over: Parameters<typeof confirmRollback>[1][]): Make =>
  () =>
    late().feat(...over.map((each, index) => confirmRollback(day(27 + index), { of: 'opt-out', ...each })));
/** The record of another city's story, in which the same words could be opted out of. */
const ofOthers = (into: Make): Make => graft(into, recorded());

/** Opt-outs that nobody could record, or not so, and confirmations of them. */
export const OPT_OUTS: Forgeries = {
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
    'an opt-out of what the vendor took back': ofOthers(() => announced().feat(withdraw(day(20, '13:00:00.000'), 2))),
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
    'an opt-out of words that were revised since': ofOthers(() => announced().feat(revise(day(20, '13:00:00.000'), 2, 2))),
  },
  'already-decided': {
    'a second opt-out that adds nothing': graft(recorded(), () => announced().feat(optOut(day(22)))),
    'an opt-out confirmed twice by one person': graft(confirmedLate({}), () =>
      late().feat(confirmRollback(day(28), { of: 'opt-out' })),
    ),
    'evidence for an opt-out that has some': graft(recorded(PROOF), () => announced().feat(optOut(day(22), PROOF))),
  },
  order: {
    'a confirmation of an opt-out that nobody recorded': graft(announced, confirmedLate({})),
    'a third confirmation': graft(
      confirmedLate({}, { holder: 'mayor', body: 'mayor', seat: 'mayor' }),
      confirmedLate({}, { holder: 'district-1', body: 'council', seat: 'district-1' }),
    ),
    'a confirmation that an opt-out was in time which was so': graft(recorded(PROOF), confirmedLate({})),
    'a confirmation of an opt-out that is late and shows nothing': graft(recorded({}, day(26)), confirmedLate({})),
    'a confirmation of an opt-out of words that can be held back': graft(
      () => announced({ withoutAction: 'off' }).feat(optOut(day(26), PROOF)),
      confirmedLate({}),
    ),
    'an opt-out where the vendor took the change back after it ran': graft(
      () => late().feat(withdraw(day(26, '13:00:00.000'), 2)),
      confirmedLate({}),
    ),
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
