import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { Pattern } from '../../platform/bus/port.ts';
import { DERIVED_FAMILY, SOURCE } from '../../reactions/relay/cloudEvents.ts';

// The patterns of the EventBridge rules that invoke a function. A sweep every minute does the same work later if an event is lost.

/** So that a policy comes into force at once and not a minute later. */
export const CLOCK_RULE = {
  source: [SOURCE],
  'detail-type': [`${SOURCE}.feature.ChangeApproved.v1`, `${SOURCE}.feature.ApprovalBegan.v1`],
  detail: { subject: [POLICY_KEY] },
} as const satisfies Pattern;

/** What changes an answer, or what is seen; the rest follows within the minute. */
export const DERIVED_RULE = {
  source: [SOURCE],
  'detail-type': [{ prefix: `${SOURCE}.feature.` }, { prefix: `${SOURCE}.observation.` }],
} as const satisfies Pattern;

export const NOTIFY_RULE = {
  source: [SOURCE],
  'detail-type': [{ prefix: `${SOURCE}.feature.` }, { prefix: `${SOURCE}.roster.` }, { prefix: `${SOURCE}.${DERIVED_FAMILY}.` }],
} as const satisfies Pattern;

export const WEBHOOKS_RULE = { source: [SOURCE] } as const satisfies Pattern;
