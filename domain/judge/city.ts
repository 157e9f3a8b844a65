import { localDateOf } from '../kernel/zone.ts';
import type { Policy } from '../policy/schema.ts';
import type { RevocationRecorded } from '../revocation/events.ts';
import type { Contacts, Roster } from '../roster/schema.ts';
import type { VendorEvent } from '../vendors/events.ts';
import type { FeatureCase } from './case.ts';
import { KnownPasskeys } from './passkeys.ts';
import { must } from './verdict.ts';

/** A version of data that decisions rest on: in force from `since` until the next one. */
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

/** A token: its name, its scopes, the person who enters notices with it, and when it ended. */
interface TokenCase {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly person: string | null;
  readonly endedAt: string | null;
}

/** The judge's access state: what is issued and not ended, the owner of each key, and each person's passkeys. */
class AccessCase {
  readonly open = new Set<string>();
  /** Every token by its stream. */
  readonly tokens = new Map<string, TokenCase>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly credentials: readonly string[] }>();
}

/**
 * The judge's whole state except the ends of streams. It grows with what is open, with the versions of the rosters and policies
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
  /** The recorded revocations that can still end an approval, by change and requirement. */
  readonly revocations = new Map<string, RevocationRecorded>();
  /** The number of times each person's links were cut off, plus one. */
  readonly linkGenerations = new Map<string, number>();

  get roster(): RosterVersion | undefined {
    return this.rosters.at(-1);
  }

  get policy(): PolicyVersion | undefined {
    return this.policies.at(-1);
  }
}

/**
 * How long after its end a version can still have decided a command: a gate caches rules for a second and the time zone for a
 * minute, and retries a command for some seconds.
 */
const STALE_MS = 5 * 60_000;

/** The instant {@link STALE_MS} before another. Cached, because each commit needs it several times. */
let latest = { at: '', before: '' };
const staleBefore = (at: string): string => {
  if (latest.at !== at) latest = { at, before: new Date(Date.parse(at) - STALE_MS).toISOString() };
  return latest.before;
};

/**
 * Returns the versions that a commit at `at` can rest on, the newest first; more than one only where one has just replaced
 * another.
 */
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

/** Reports whether a commit at `at` can rest on the absence of any version. */
export const mayBeNone = ([first]: readonly Version[], at: string): boolean =>
  first === undefined || first.since > staleBefore(at);

/** Returns the roster of that number, if it was in force at `at`. */
export const rosterInForce = ({ rosters }: City, number: number, at: string): RosterVersion => {
  const found = inForceAt(rosters, at).find((version) => version.number === number);
  must(found !== undefined, 'other-roster', `roster ${number} was not in force at ${at}`);
  return found;
};

/** Returns the holders of a body's seats on a local date, by seat in the order of its seats; vacant seats are missing. */
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

/** Returns the seats of a body; empty for an unknown one. */
export const seatsOf = ({ bodies }: Roster, body: string): readonly string[] =>
  (Object.hasOwn(bodies, body) ? bodies[body]?.seats : undefined) ?? [];

/** Returns the office that certifies the acts of a body. */
export const officeOf = ({ bodies }: Roster, body: string): string | undefined =>
  Object.hasOwn(bodies, body) ? bodies[body]?.attestedBy : undefined;

/** Reports whether a person has a passkey by the events of access, enrolled since the last reset; a certain one, if its credential is given. */
export const hasPasskey = ({ access, passkeys }: City, holder: string, credential?: string): boolean => {
  const known = access.passkeys.get(holder);
  if (known === undefined || known.generation !== passkeys.resetsOf(holder)) return false;
  return credential === undefined ? known.credentials.length > 0 : known.credentials.includes(credential);
};

/** The context of an act: the roster named, the zone whose calendar counts, the instant. */
export interface Moment {
  readonly at: string;
  readonly zone: string;
}

/** Checks that a person holds the seat they act in, on the local day of the act. */
export const mustHold = (
  version: RosterVersion,
  { holder, body, seat }: { readonly holder: string; readonly body: string | undefined; readonly seat: string },
  { at, zone }: Moment,
): void => {
  const holds = body !== undefined && sitting(version, body, localDateOf(at, zone)).get(seat) === holder;
  must(holds, 'not-in-office', `${holder} did not hold ${body ?? 'any'}/${seat} under roster ${version.number} at ${at}`);
};
