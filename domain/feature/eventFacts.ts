import type { FeatureEvent } from './events.ts';

/** Returns the commitment to the official's text that an event names, or null. */
export const commitmentNamed = (event: FeatureEvent): string | null =>
  'comment' in event ? event.comment : 'reason' in event ? event.reason : null;

/** Returns the changes whose view an event alters: its own, those it replaces, ends or closes. */
export const changesTouched = (event: FeatureEvent): readonly number[] => {
  if (event.type === 'FeatureRemoved') return [...new Set([event.change, ...event.closes])];
  const others = 'replaces' in event ? event.replaces : 'ends' in event ? event.ends : [];
  return [event.change, ...others];
};
