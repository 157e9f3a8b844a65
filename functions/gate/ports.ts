import * as z from 'zod';
import type { FeatureState } from '../../domain/feature/state.ts';
import type { PolicyState } from '../../domain/policy/state.ts';
import type { RosterState } from '../../domain/roster/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import type { CountNotice } from './noticeLimits.ts';

/** The name shown if the installation has none. */
export const UNNAMED_CITY = 'City';

const oneLine = (charsMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charsMax)
    .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'must be one line without control characters');

/** Parses the setting for the city's name: one line of at most 100 characters. */
export const CityName = oneLine(100);

/** Parses the setting for the city's contact (a phone number or an address): one line of at most 200 characters. */
export const CityContact = oneLine(200);

/**
 * Parses the setting for the gate's address: scheme, host and port, as browsers send them in `Origin`, so without a default port and with
 * the host in lower case. A path is refused: pages and links lie at the root.
 */
export const GateUrl = z.url({ protocol: /^https?$/ }).transform((text, context) => {
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (/^\/*$/.test(pathname) && `${search}${hash}${username}${password}` === '') return origin;
  context.addIssue(
    'must be scheme, host and port alone, such as https://gate.city.example: the gate needs a host name of its own',
  );
  return z.NEVER;
});

/** The city as named on its pages and in its mails. */
export interface CityIdentity {
  readonly name: string;
  /** `undefined` if the city names no contact. */
  readonly contact: string | undefined;
}

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
