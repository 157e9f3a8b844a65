import type { FeatureEvent } from './events.ts';

/** Returns the commitments to officials' texts that an event names: comments of decisions, reasons of revocations. */
export const commitmentsOf = (event: FeatureEvent): readonly string[] => {
  const text = 'comment' in event ? event.comment : 'reason' in event ? event.reason : null;
  return text === null ? [] : [text];
};

/** Returns the numbers of the changes whose view an event alters: its own, those it replaces, ends or closes; each once. */
export const changesTouched = (event: FeatureEvent): readonly number[] => {
  if (event.type === 'FeatureRemoved') return [...new Set([event.change, ...event.closes])];
  const others = 'replaces' in event ? event.replaces : 'ends' in event ? event.ends : [];
  return [event.change, ...others];
};
