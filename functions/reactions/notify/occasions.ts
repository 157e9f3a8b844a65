import type { FeatureEvent, Opening } from '../../../domain/feature/events.ts';
import type { Outcome } from '../../platform/mail/vocabulary.ts';

/** A reason to write to somebody about a change. */
export type Occasion = { readonly n: number } & (
  | { readonly kind: 'opened'; readonly requirement: string }
  | { readonly kind: 'pinned' }
  | { readonly kind: 'vetoed'; readonly requirement: string }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
);

const opened = (n: number, opens: readonly Opening[]): readonly Occasion[] =>
  opens.map(({ requirement }) => ({ n, kind: 'opened', requirement }));

const outcome = (n: number, what: Outcome): readonly Occasion[] => [{ n, kind: 'outcome', outcome: what }];

/** Whom an event gives reason to write to, by change. `standing`: the change whose approval a removal ends. */
export const occasionsOf = (event: FeatureEvent, standing: number | null): readonly Occasion[] => {
  const n = event.change;
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
    case 'PolicyPinned':
      return event.pinned === null ? [] : [{ n, kind: 'pinned' }, ...opened(n, event.pinned.opens)];
    case 'RequirementMet':
    case 'VetoOverridden':
      return opened(n, event.opens);
    case 'ChangeVetoed':
      return [{ n, kind: 'vetoed', requirement: event.requirement }];
    case 'ChangeApproved':
      return outcome(n, 'approved');
    case 'ChangeRefused':
      return outcome(n, 'refused');
    case 'ChangeLapsed':
      return outcome(n, 'lapsed');
    case 'ChangeWithdrawn':
      return outcome(n, 'withdrawn');
    case 'ApprovalExpired':
      return outcome(n, 'expired');
    case 'ApprovalRevoked':
    case 'ApprovalLost':
      return outcome(n, 'revoked');
    case 'FeatureRemoved':
      return [...event.closes.filter((closed) => closed !== n), ...(standing === null ? [] : [standing])].flatMap((ended) =>
        outcome(ended, 'removed'),
      );
    case 'VoteCertified':
    case 'SignatureGiven':
    case 'BallotCast':
    case 'AdviceGiven':
      return [];
  }
};
