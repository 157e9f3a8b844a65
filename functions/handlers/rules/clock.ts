import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { Pattern } from '../../platform/bus/pattern.ts';
import { SOURCE } from '../../reactions/relay/catalogue.ts';

/** The approval of a policy, which then comes into force at once and not with the next run of the clock. */
export const ADOPTION_RULE = {
  source: [SOURCE],
  'detail-type': [`${SOURCE}.feature.ChangeApproved.v1`],
  detail: { subject: [POLICY_KEY] },
} as const satisfies Pattern;
