import type { FeatureState } from '../../domain/feature/state.ts';
import type { PolicyState } from '../../domain/policy/state.ts';
import type { RosterState } from '../../domain/roster/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import type { CityIdentity } from './city.ts';
import type { CountNotice } from './noticeLimits.ts';

/** The policy and the roster in force, with their version numbers and since when; null before the first adoption. */
export interface Rules {
  readonly policy: PolicyState['inForce'];
  readonly roster: RosterState['inForce'];
}

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
  /**
   * Reads the states of features for information only, such as which ancestors a notice still lacks. May lag; null if unknown or
   * unreadable. Never used for "enabled".
   */
  readonly glance: (keys: readonly string[]) => Promise<readonly (FeatureState | null)[]>;
  /** Reads the policy and the roster in force. May be at most a second old where each read is a call to pay for. */
  readonly rules: () => Promise<Rules>;
  /** Counts a delivery against the limits of its sender. */
  readonly countNotice: CountNotice;
}

/** The secrets of an installation, given by its wiring: 32 random bytes each, never in an event, never in a log. */
export interface Keys {
  /** Derives the links of officials: every link can be derived again, so only hashes of them are stored. */
  readonly linkKey: Uint8Array;
  /** Derives the salts of officials' texts. */
  readonly textKey: Uint8Array;
  /** Derives the salts of the commitments to mail addresses. */
  readonly rosterSalt: Uint8Array;
}
