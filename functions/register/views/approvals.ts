import * as z from 'zod';
import type { ActView, ChangeView } from '../../../domain/feature/view.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Instant, LocalDate } from '../../../domain/kernel/zodTypes.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { latestOf } from './changeJson.ts';

/** Wire format. One act behind an approval: who acted, by which instrument, and the count if it is a vote. */
export const ApprovalJson = strictObject(() => ({
  requirement: z.string(),
  body: z.string().nullable(),
  instrument: z.enum(['certification', 'signature', 'ballots']),
  holder: z.string(),
  name: z.string().nullable(),
  seat: z.string(),
  at: Instant,
  purpose: z.enum(['adopt', 'override', 'correct']).exactOptional(),
  fileNumber: z.string().exactOptional(),
  meetingDate: LocalDate.exactOptional(),
  yes: z.int().min(0).exactOptional(),
  needed: z.int().min(0).exactOptional(),
  of: z.int().min(0).exactOptional(),
})).meta({ id: 'Approval', description: 'One act behind an approval.' });
export type ApprovalJson = z.infer<typeof ApprovalJson>;

const INSTRUMENT = { VoteCertified: 'certification', SignatureGiven: 'signature', BallotCast: 'ballots' } as const;

const isApproval = (act: ActView): act is Extract<ActView, { type: keyof typeof INSTRUMENT }> =>
  act.type === 'VoteCertified' || ((act.type === 'SignatureGiven' || act.type === 'BallotCast') && act.decision === 'approve');

/** Returns the acts on the revision that was approved, corrections included. `upTo`: only those known at that instant. */
export const approvalsOf = (view: ChangeView, roster: Roster | null, upTo: string): readonly ApprovalJson[] => {
  if (view.approved === null || view.approved.at > upTo) return [];
  const { revision } = latestOf(view);
  return view.acts
    .filter(isApproval)
    .filter((act) => act.revision === revision && act.at <= upTo)
    .map((act) => ({
      requirement: act.requirement,
      body: view.requirements.find(({ id }) => id === act.requirement)?.body ?? null,
      instrument: INSTRUMENT[act.type],
      holder: act.holder,
      name: roster?.holders.find(({ id }) => id === act.holder)?.name ?? null,
      seat: act.seat,
      at: act.at,
      ...(act.type === 'VoteCertified' && {
        purpose: act.purpose,
        fileNumber: act.fileNumber,
        meetingDate: act.meetingDate,
        yes: act.tally.yes,
        needed: act.tally.needed,
        of: act.tally.of,
      }),
    }));
};
