import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
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
  revoke,
  sign,
  tick,
  withdraw,
  wordsOf,
} from '../../feature/support.ts';
import { edited, of, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';
import type { Forgery } from './base.ts';

const MAYOR = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const LATER = { terms: { ...NO_TERMS, from: day(60) } };
const TOLERANT = { terms: { ...NO_TERMS, maintenance: true } };
const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
const on = (): Log => city().feat(notify(day(0), 1), ...adoption(1));
const waiting = (): Log => on().feat(notify(day(20), 2), ...adoption(2, LATER, 20));
const ran = (): Log => on().feat(notify(day(20), 2, forced));
const takenBack = (): Log => ran().feat(withdraw(day(21), 2));
const tolerant = (): Log => city().feat(notify(day(0), 1), ...adoption(1, TOLERANT), notify(day(20), 2, forced));
const overtaken = (): Log => city().feat(notify(day(0), 1), notify(day(1), 2), ...adoption(2), certify(day(12), 1));

/** Returns a log whose last commit is another log's. */
const with_ = (log: Log, other: Log): Log => log.write('feature/acme', other.last.events, other.last);

/** Forgeries against the order of arrival, what waits, what is contested and what was rolled back. */
export const ARRIVALS: readonly Forgery[] = [
  [
    'an approval of words that arrived before those in force, as if it were in force',
    'consequence',
    () => edited(overtaken().feat(sign(day(12), 1)), of('ChangeApproved', { becomes: 'in-force' })),
  ],
  [
    'an approval that is in force before its start',
    'consequence',
    () => edited(waiting(), of('ChangeApproved', { becomes: 'in-force' })),
  ],
  [
    'an approval that begins before its time',
    'not-due',
    () => edited(waiting().feat(tick(day(61))), of('ApprovalBegan', { at: day(50) })),
  ],
  [
    'an approval that began and replaced nothing',
    'not-due',
    () => edited(waiting().feat(tick(day(61))), of('ApprovalBegan', { replaces: [] })),
  ],
  [
    'a revocation that leaves what waits',
    'consequence',
    () => edited(waiting().feat(revoke(day(40), 1)), of('ApprovalRevoked', { ends: [] })),
  ],
  [
    'a revocation of what waits that ends what is in force too',
    'consequence',
    () => edited(waiting().feat(revoke(day(40), 2)), of('ApprovalRevoked', { ends: [1] })),
  ],
  [
    'the words of an open change again while none that arrived later overtook them',
    'other-words',
    () => {
      const log = city().feat(notify(day(0), 1));
      return edited(log.feat(revise(day(2), 1, 2)), of('ChangeRevised', { digest: wordsOf(1) }));
    },
  ],
  [
    'a withdrawal of an approved change that ran',
    'closed',
    () => with_(ran().feat(...adoption(2, {}, 20)), ran().feat(withdraw(day(32), 2))),
  ],
  [
    'a withdrawal of a refused change that could be held back',
    'closed',
    () => {
      const refused = (over = {}) => on().feat(notify(day(20), 2, over), certify(day(30), 2), refuse(day(31), 2), tick(day(70)));
      const other = refused(forced).feat(withdraw(day(71), 2));
      return with_(refused(), other);
    },
  ],
  ['a rollback before the vendor took the change back', 'order', () => with_(ran(), takenBack().feat(confirmRollback(day(22))))],
  [
    'a rollback of an entered change that a signed notice joined',
    'order',
    () => {
      const entered = on()
        .token('desk', 'auditor')
        .feat(notify(day(20), 2, { ...forced, provenance: enteredBy('auditor', day(20)) }));
      const joined = entered.feat(notify(day(21), 3, forced));
      const words = { digest: wordsOf(3), revision: 2 };
      return with_(joined, edited(takenBack().feat(confirmRollback(day(22))), of('RollbackConfirmed', words)));
    },
  ],
  [
    'a rollback that one person completes',
    'consequence',
    () => edited(takenBack().feat(confirmRollback(day(22))), of('RollbackConfirmed', { complete: true })),
  ],
  [
    'a rollback that two persons of one body complete',
    'consequence',
    () => {
      const deputy = { holder: 'deputy-clerk', seat: 'deputy-clerk' };
      const log = takenBack().feat(confirmRollback(day(22)), confirmRollback(day(23), deputy));
      return edited(log, of('RollbackConfirmed', { complete: true }));
    },
  ],
  [
    'a rollback confirmed by a board that only advises',
    'not-in-office',
    () =>
      tampered(
        edited(takenBack().feat(confirmRollback(day(22), MAYOR)), of('RollbackConfirmed', { body: 'board', seat: 'board-1' })),
        {},
      ),
  ],
  [
    'a rollback confirmed by the command line',
    'actor',
    () => tampered(takenBack().feat(confirmRollback(day(22))), { actor: 'operator' }),
  ],
  [
    'a rollback confirmed twice by one person',
    'already-decided',
    () => {
      const log = takenBack().feat(confirmRollback(day(22)));
      return log.write(
        'feature/acme',
        log.last.events.map((event) => ({ ...event, at: day(23) })),
        { ...log.last, at: day(23) },
      );
    },
  ],
  [
    'a rollback of other words',
    'other-words',
    () => edited(takenBack().feat(confirmRollback(day(22))), of('RollbackConfirmed', { digest: wordsOf(7) })),
  ],
  [
    'a rollback without the name of its contents',
    'act',
    () => edited(takenBack().feat(confirmRollback(day(22))), of('RollbackConfirmed', { act: '0'.repeat(16) })),
  ],
  [
    'a rollback of a change that never ran',
    'closed',
    () => {
      const later = { notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(90) }) };
      const never = on().feat(notify(day(20), 2, later), withdraw(day(21), 2));
      return with_(never, takenBack().feat(confirmRollback(day(22))));
    },
  ],
  [
    'a contest of an update that came while another contest stood',
    'closed',
    () => {
      const contested = tolerant()
        .token('it', null)
        .feat(contest(day(21), 2), notify(day(22), 3, forced));
      const other = tolerant()
        .token('it', null)
        .feat(notify(day(22), 3, forced))
        .feat(contest(day(23), 3));
      return with_(contested, other);
    },
  ],
  [
    'a contest of an update that was refused, which had contested it',
    'closed',
    () => {
      const refused = tolerant()
        .token('it', null)
        .feat(certify(day(30), 2), refuse(day(31), 2));
      const other = tolerant()
        .token('it', null)
        .feat(certify(day(30), 2), contest(day(32), 2));
      return with_(refused, other);
    },
  ],
];
