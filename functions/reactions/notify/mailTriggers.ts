import type { FeatureEvent, Opening } from '../../../domain/feature/events.ts';
import type { ChangeOutcome } from '../../platform/mail/vocabulary.ts';

/** A reason to write mails about change `n` of a feature. */
export type MailTrigger = { readonly n: number } & (
  | { readonly kind: 'opened'; readonly requirement: string }
  | { readonly kind: 'pinned' }
  | { readonly kind: 'satisfied'; readonly requirement: string }
  | { readonly kind: 'certified' }
  | { readonly kind: 'disputed'; readonly requirement: string }
  | { readonly kind: 'vetoed'; readonly requirement: string }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'outcome'; readonly outcome: ChangeOutcome }
);

const opened = (n: number, opens: readonly Opening[]): readonly MailTrigger[] =>
  opens.map(({ requirement }) => ({ n, kind: 'opened', requirement }));

const outcome = (n: number, what: ChangeOutcome): readonly MailTrigger[] => [{ n, kind: 'outcome', outcome: what }];

/** Returns the reasons that an event gives, in order. `standing`: the change whose approval a removal ends. */
export const triggersOf = (event: FeatureEvent, standing: number | null): readonly MailTrigger[] => {
  const n = event.change;
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
    case 'PolicyPinned':
      return event.pinned === null ? [] : [{ n, kind: 'pinned' }, ...opened(n, event.pinned.opens)];
    case 'RequirementMet':
    case 'VetoOverridden':
      return [...opened(n, event.opens), { n, kind: 'satisfied', requirement: event.requirement }];
    case 'ChangeVetoed':
      return [{ n, kind: 'vetoed', requirement: event.requirement }];
    case 'VetoTakenBack':
      return [{ n, kind: 'opened', requirement: event.requirement }, ...outcome(n, 'takenBack')];
    case 'ChangeApproved':
      return outcome(n, event.becomes === 'replaced' ? 'overtaken' : 'approved');
    case 'ApprovalBegan':
      return outcome(n, 'began');
    case 'ChangeRefused':
      return outcome(n, 'refused');
    case 'ChangeLapsed':
      return outcome(n, 'lapsed');
    case 'ChangeWithdrawn':
      return [...outcome(n, 'withdrawn'), { n, kind: 'rollback' }];
    case 'ApprovalExpired':
      return outcome(n, 'expired');
    case 'ApprovalRevoked':
    case 'ApprovalLost':
      return [n, ...event.ends].flatMap((each) => outcome(each, 'revoked'));
    case 'RollbackConfirmed':
      return event.complete ? outcome(n, 'rolledBack') : [{ n, kind: 'rollback' }];
    case 'FeatureRemoved':
      return [...event.closes.filter((closed) => closed !== n), ...(standing === null ? [] : [standing])].flatMap((ended) =>
        outcome(ended, 'removed'),
      );
    case 'VoteCertified':
      return event.confirmBy === undefined ? [] : [{ n, kind: 'certified' }];
    case 'ConfirmationGiven':
      return event.decision === 'dispute' ? [{ n, kind: 'disputed', requirement: event.requirement }] : [];
    case 'MaintenanceContested':
      return outcome(n, 'contested');
    // The mail of the removal named its day.
    case 'ApprovalRemoved':
    case 'SignatureGiven':
    case 'BallotCast':
    case 'AdviceGiven':
    case 'DocumentAttached':
      return [];
  }
};
