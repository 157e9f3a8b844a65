import type { Pattern } from '../../platform/bus/pattern.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** The events that give reason for mail: of features, and of rosters put forward. */
export const NOTIFY_RULE = {
  source: [SOURCE],
  'detail-type': [{ prefix: `${SOURCE}.feature.` }, { prefix: `${SOURCE}.roster.` }],
} as const satisfies Pattern;
