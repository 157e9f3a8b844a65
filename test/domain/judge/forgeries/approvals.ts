import { adoption, correct, date, day, notify, rollOf, tick, wordsOf } from '../../feature/support.ts';
import { dropped, edited, of } from '../forger.ts';

import { approved, type Forgery, open, passed, vetoed } from './base.ts';

/** Forgeries of consequences without their acts, and acts without their consequences. */
export const APPROVALS: readonly Forgery[] = [
  [
    'an approval that nobody decided',
    'no-act',
    () => open().write('feature/acme', [approved().last.events[2]], { at: day(11), actor: 'holder:mayor' }),
  ],
  ['a later end', 'approval-end', () => edited(approved(), of('ChangeApproved', { validUntil: '2099-01-01T00:00:00.000Z' }))],
  [
    'other terms than were decided',
    'approval-terms',
    () =>
      edited(
        approved(),
        of('ChangeApproved', {
          terms: { from: null, until: null, audience: ['Elsewhere'], conditions: null, maintenance: false },
        }),
      ),
  ],
  ['an approval of other words', 'consequence', () => edited(approved(), of('ChangeApproved', { digest: wordsOf(7) }))],
  [
    'an approval that leaves its replacement out',
    'consequence',
    () => edited(approved().feat(notify(day(20), 2), ...adoption(2, {}, 20)), of('ChangeApproved', { replaces: [] })),
  ],
  [
    'a lost approval that stays',
    'consequence-missing',
    () =>
      dropped(
        approved().feat(correct(day(12), 1, { votes: rollOf(6, 5), meetingDate: date(10) })),
        ({ type }) => type !== 'ApprovalEnded',
      ),
  ],
  ['a signature without what follows', 'consequence-missing', () => dropped(approved(), (_, index) => index === 0)],
  ['a refusal that vetoes nothing', 'consequence-missing', () => dropped(vetoed(), (_, index) => index === 0)],
];

/** Forgeries of time events. */
export const TIME: readonly Forgery[] = [
  [
    'a lapse before its time',
    'not-due',
    () => open().write('feature/acme', [{ type: 'ChangeLapsed', v: 1, at: day(5), change: 1 }], { at: day(5), actor: 'clock' }),
  ],
  [
    'a deadline that had not passed',
    'not-due',
    () => edited(passed().feat(tick(day(60))), of('ChangeVetoed', { until: day(300) })),
  ],
];
