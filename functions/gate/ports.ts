import * as z from 'zod';
import type { FeatureState } from '../../domain/feature/state.ts';
import type { PolicyState } from '../../domain/policy/decide.ts';
import type { RosterState } from '../../domain/roster/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import type { CountNotice } from './noticeLimits.ts';

export const UNNAMED_CITY = 'City';

const oneLine = (charsMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charsMax)
    .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'must be one line without control characters');

export const CityName = oneLine(100);

export const CityContact = oneLine(200);

/** The sender of mails: an address, bare or in angle brackets after a name. */
export const MailSender = oneLine(200).refine(
  (text) => z.email().safeParse(/<([^<>]*)>$/.exec(text)?.[1] ?? text).success,
  'is not a mail address, bare or as in The Gate <gate@city.example>',
);

/** The city's text on a page that the law requires, or the address of the city's own page. */
export const CityText = oneLine(2_000);

/** Scheme, host and port, as browsers send them in `Origin`. Pages and links are at the root. */
export const GateUrl = z.url({ protocol: /^https?$/ }).transform((text, context) => {
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (/^\/*$/.test(pathname) && `${search}${hash}${username}${password}` === '') return origin;
  context.addIssue(
    'must be scheme, host and port alone, such as https://gate.city.example: the gate needs a host name of its own',
  );
  return z.NEVER;
});

export interface CityIdentity {
  readonly name: string;
  readonly contact: string | undefined;
  readonly accessibility?: string | undefined;
  readonly privacy?: string | undefined;
}

/** Null before the first adoption. */
export interface Rules {
  readonly policy: PolicyState['inForce'];
  readonly roster: RosterState['inForce'];
}

export interface GatePorts extends SubmitPorts {
  readonly sideStore: SideStore;
  /** As set for this process, for pages and mails; decisions use the zone in the log (`zoneInForce`). */
  readonly zone: string;
  readonly city: CityIdentity;
  /** Without a slash at the end. Links and same-origin checks use it, never a Host header. */
  readonly url: string;
  /** States of features for information only, never for "enabled". May lag; null if unknown or unreadable. */
  readonly glance: (keys: readonly string[]) => Promise<readonly (FeatureState | null)[]>;
  /** May be up to a second old if each read costs a service call. */
  readonly rules: () => Promise<Rules>;
  readonly countNotice: CountNotice;
}

/** The secrets of an installation: 32 random bytes each, never in an event, never in a log. */
export interface Keys {
  readonly linkKey: Uint8Array;
  readonly textKey: Uint8Array;
  readonly rosterSalt: Uint8Array;
}
