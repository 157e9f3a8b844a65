import type { Pattern } from '../../platform/bus/pattern.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** The events that trigger mail: of features, rosters and observations. */
export const NOTIFY_RULE = {
  source: [SOURCE],
  'detail-type': [{ prefix: `${SOURCE}.feature.` }, { prefix: `${SOURCE}.roster.` }, { prefix: `${SOURCE}.observation.` }],
} as const satisfies Pattern;
