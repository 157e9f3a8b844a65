import type { Pattern } from '../../platform/bus/pattern.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** Every event of the house: a subscriber is told all of them. */
export const SUBSCRIBE_RULE = { source: [SOURCE] } as const satisfies Pattern;
