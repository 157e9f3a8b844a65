import type { Pattern } from '../bus/pattern.ts';
import { SOURCE } from '../relay/catalogue.ts';

/** The events that give reason for mail: of features, and of rosters put forward. */
export const NOTIFY_RULE = {
  source: [SOURCE],
  'detail-type': [{ prefix: `${SOURCE}.feature.` }, { prefix: `${SOURCE}.roster.` }],
} as const satisfies Pattern;
