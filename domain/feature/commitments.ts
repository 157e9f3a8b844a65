import type { FeatureEvent } from './events.ts';

/** The commitments to officials' texts that an event names: comments of decisions, reasons of revocations. */
export const commitmentsOf = (event: FeatureEvent): readonly string[] => {
  switch (event.type) {
    case 'VoteCertified':
    case 'SignatureGiven':
    case 'BallotCast':
    case 'AdviceGiven':
      return event.comment === null ? [] : [event.comment];
    case 'ApprovalRevoked':
      return event.reason === null ? [] : [event.reason];
    default:
      return [];
  }
};
