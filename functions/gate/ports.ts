import type { DecisionContext } from '../../domain/feature/commands.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import type { CityIdentity } from './city.ts';
import type { LogEnd } from './end.ts';

/** The policy and the roster in force, with their version numbers; null before the first adoption. */
export type Rules = Pick<DecisionContext, 'policy' | 'roster'>;

/** The ports that the gate needs, on one machine or in the cloud. */
export interface GatePorts extends SubmitPorts {
  readonly sideStore: SideStore;
  /**
   * The city's IANA time zone as set for this process. Pages and mails show times in it; decisions use the zone recorded in the
   * log (`zoneInForce`).
   */
  readonly zone: string;
  readonly city: CityIdentity;
  /** The public URL of the gate, without a slash at the end. Links and same-origin checks use it, never a Host header. */
  readonly url: string;
  /** Returns the end of the log, if it has ended: then every answer is no. Absent: no end is known. */
  readonly end?: () => Promise<LogEnd | undefined>;
  /**
   * Returns the states of features for information only, such as the ancestors that a notice still lacks; may lag. Never used
   * for "enabled". Absent: the strongly consistent heads are read.
   */
  readonly glance?: (keys: readonly string[]) => Promise<readonly (FeatureState | null)[]>;
  /**
   * Returns the policy and the roster in force, at most a second old, where reading them each time would cost two calls.
   * Absent: read anew.
   */
  readonly rules?: () => Promise<Rules>;
}
