import type { ActView, ChangeView } from '../../../domain/feature/view.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { latestOf } from './changeJson.ts';

/** Wire format. One act by which an approval came about: whose, by what instrument, and for a vote how it went. */
export interface ApprovalJson {
  readonly requirement: string;
  readonly body: string | null;
  readonly instrument: 'certification' | 'signature' | 'ballots';
  readonly holder: string;
  readonly name: string | null;
  readonly seat: string;
  readonly at: string;
  readonly purpose?: 'adopt' | 'override' | 'correct';
  readonly fileNumber?: string;
  readonly meetingDate?: string;
  readonly yes?: number;
  readonly needed?: number;
  readonly of?: number;
}

const INSTRUMENT = { VoteCertified: 'certification', SignatureGiven: 'signature', BallotCast: 'ballots' } as const;

const isApproval = (act: ActView): act is Extract<ActView, { type: keyof typeof INSTRUMENT }> =>
  act.type === 'VoteCertified' || ((act.type === 'SignatureGiven' || act.type === 'BallotCast') && act.decision === 'approve');

/** The acts on the wording that was approved, up to the approval and its corrections; `upTo`: those known at that instant. */
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
