import type { Pattern } from '../../platform/bus/pattern.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** Every event of the house: something was written that is not in the log yet. */
export const SEQUENCER_RULE = { source: [SOURCE] } as const satisfies Pattern;
