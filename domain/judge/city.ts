import { localDateOf } from '../kernel/zone.ts';
import type { Policy } from '../policy/schema.ts';
import type { Contacts, Roster } from '../roster/schema.ts';
import type { VendorEvent } from '../vendors/events.ts';
import { AccessCase } from './accessCase.ts';
import type { FeatureCase } from './case.ts';
import { KnownPasskeys } from './passkeys.ts';
import { must } from './verdict.ts';

/** A version of something that decisions rest on: in force from `since` until the next one. */
interface Version {
  readonly number: number;
  readonly since: string;
}

export interface RosterVersion extends Version {
  readonly sha256: string;
  readonly roster: Roster;
  readonly contacts: Contacts;
}

export interface PolicyVersion extends Version {
  readonly sha256: string;
  readonly policy: Policy;
}

interface ZoneVersion extends Version {
  readonly zone: string;
  readonly tzdata: string;
}

/** A key of a vendor: valid from `from` until `until`, exclusive. */
export interface VendorKeyCase {
  readonly key: Extract<VendorEvent, { type: 'KeyAdded' }>['key'];
  readonly from: string;
  readonly until: string | null;
}

/** What an approved change of the city's policy adopts. `endedAt`: when the approval ended, if it has. */
export interface PolicyApproval {
  readonly revision: number;
  readonly sha256: string | null;
  readonly endedAt: string | null;
}

/**
 * Everything the judge remembers besides where streams end. It grows with what is open, with the versions of the rosters and policies
 * and with the vendors, not with the length of the log.
 */
export class City {
  readonly zones: ZoneVersion[] = [];
  readonly rosters: RosterVersion[] = [];
  rosterProposal: RosterVersion | null = null;
  readonly policies: PolicyVersion[] = [];
  readonly policyProposals = new Map<string, Policy>();
  readonly policyApprovals = new Map<string, PolicyApproval>();
  readonly spentApprovals = new Set<string>();
  readonly vendors = new Map<string, readonly VendorKeyCase[]>();
  readonly features = new Map<string, FeatureCase>();
  /** The newest observation of each vendor. */
  readonly observations = new Map<string, unknown>();
  readonly passkeys = new KnownPasskeys();
  readonly access = new AccessCase();
  /** How often each person's links were cut off, and one more. */
  readonly linkGenerations = new Map<string, number>();

  get roster(): RosterVersion | undefined {
    return this.rosters.at(-1);
  }

  get policy(): PolicyVersion | undefined {
    return this.policies.at(-1);
  }
}

/**
 * How long after its end a version may still have been decided by: a gate remembers rules for a second and the time zone for a minute,
 * and tries a command for some seconds.
 */
const STALE_MS = 5 * 60_000;

/** The instant {@link STALE_MS} before another; asked for several times a commit, so the latest is kept. */
let latest = { at: '', before: '' };
const staleBefore = (at: string): string => {
  if (latest.at !== at) latest = { at, before: new Date(Date.parse(at) - STALE_MS).toISOString() };
  return latest.before;
};

/** The versions that a commit at `at` may rest on, the newest first; more than one only where one has just replaced another. */
export const inForceAt = <V extends Version>(versions: readonly V[], at: string): readonly V[] => {
  const found: V[] = [];
  const earliest = staleBefore(at);
  for (let index = versions.length - 1; index >= 0; index -= 1) {
    const version = versions[index];
    if (version === undefined || version.since > at) continue;
    found.push(version);
    if (version.since <= earliest) break;
  }
  return found;
};

/** Whether a commit at `at` may rest on there being none yet. */
export const mayBeNone = ([first]: readonly Version[], at: string): boolean =>
  first === undefined || first.since > staleBefore(at);

/** The roster of that number, if it was in force at `at`. */
export const rosterInForce = ({ rosters }: City, number: number, at: string): RosterVersion => {
  const found = inForceAt(rosters, at).find((version) => version.number === number);
  must(found !== undefined, 'other-roster', `roster ${number} was not in force at ${at}`);
  return found;
};

/** Who sits in a body on a local date, by seat in the order of its seats; vacant seats are missing. */
export const sitting = ({ roster }: RosterVersion, body: string, date: string): ReadonlyMap<string, string> => {
  const cache = cacheOf(roster);
  const name = `${date} ${body}`;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const terms = roster.holders.filter((term) => term.body === body && term.from <= date && (term.to ?? date) >= date);
  const holders = new Map(terms.map(({ seat, id }) => [seat, id]));
  const found = new Map(seatsOf(roster, body).flatMap((seat) => (holders.has(seat) ? [[seat, holders.get(seat) ?? '']] : [])));
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(name, found);
  return found;
};

const CACHED_MAX = 256;
const caches = new WeakMap<Roster, Map<string, ReadonlyMap<string, string>>>();
const cacheOf = (roster: Roster): Map<string, ReadonlyMap<string, string>> => {
  const known = caches.get(roster);
  if (known !== undefined) return known;
  const made = new Map<string, ReadonlyMap<string, string>>();
  caches.set(roster, made);
  return made;
};

/** The seats of a body; none for an unknown one. */
export const seatsOf = ({ bodies }: Roster, body: string): readonly string[] =>
  (Object.hasOwn(bodies, body) ? bodies[body]?.seats : undefined) ?? [];

/** The office that certifies the acts of a body. */
export const officeOf = ({ bodies }: Roster, body: string): string | undefined =>
  Object.hasOwn(bodies, body) ? bodies[body]?.attestedBy : undefined;

/** Who acts where: the roster named, the zone whose calendar counts, the instant. */
export interface Moment {
  readonly at: string;
  readonly zone: string;
}

/** A person holds the seat they act in, on the local day of the act. */
export const mustHold = (
  version: RosterVersion,
  { holder, body, seat }: { readonly holder: string; readonly body: string | undefined; readonly seat: string },
  { at, zone }: Moment,
): void => {
  const holds = body !== undefined && sitting(version, body, localDateOf(at, zone)).get(seat) === holder;
  must(holds, 'not-in-office', `${holder} did not hold ${body ?? 'any'}/${seat} under roster ${version.number} at ${at}`);
};
