import type { DecisionContext } from '../../domain/feature/commands.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import type { CityIdentity } from './city.ts';
import type { LogEnd } from './end.ts';

/** The policy and the roster in force, with their version numbers; null while none was adopted. */
export type Rules = Pick<DecisionContext, 'policy' | 'roster'>;

/** What the gate stands on, whether one machine or the cloud gives it. */
export interface GatePorts extends SubmitPorts {
  readonly sideStore: SideStore;
  /** The city's IANA time zone as this process is set. Pages and mails show times in it; decisions are made in the one of the log (`zoneInForce`). */
  readonly zone: string;
  readonly city: CityIdentity;
  /** Where the city's people reach the gate, without a slash at the end; links and same-origin checks use it, never a Host header. */
  readonly url: string;
  /** How the log ended, if it has: then every answer is no. Absent: it is not known to. */
  readonly end?: () => Promise<LogEnd | undefined>;
  /**
   * The states of features for information only, such as which ancestors a notice still lacks: may lag. Never used for "enabled".
   * Absent: the strongly consistent heads are read.
   */
  readonly glance?: (keys: readonly string[]) => Promise<readonly (FeatureState | null)[]>;
  /** The policy and the roster in force, where reading them each time would cost two calls: at most a second old. Absent: read anew. */
  readonly rules?: () => Promise<Rules>;
}
