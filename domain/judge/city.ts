import type { Assertion } from '../kernel/assertion.ts';
import { plusMs } from '../kernel/order.ts';
import type { PasskeyRule } from '../policy/schema.ts';
import type { RedactionEvent } from '../redaction/events.ts';
import type { RevocationRecorded } from '../revocation/events.ts';
import type { VendorEvent } from '../vendors/events.ts';
import type { FeatureCase } from './case.ts';
import { claimOf, KnownPasskeys } from './passkeys.ts';
import { type Moment, type Officer, type PolicyWords, type RosterVersion, seatedBy, sitting, type Version } from './sitting.ts';
import { equal, must } from './verdict.ts';

interface Ending {
  readonly endedAt: string | null;
}

interface Issued extends Ending {
  readonly since: string;
}

interface TokenCase extends Issued {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly person: string | null;
  /** The only source it reports as; null: any. */
  readonly source: string | null;
}

interface FormCase extends Issued {
  readonly vendor: string;
  readonly expiresAt: string;
}

/** The first segment of the city's own keys; its policy has the key {@link POLICY_KEY}. */
export const CITY = 'aldergate';
export const POLICY_KEY = 'aldergate.policy';

export interface ProposalCase {
  readonly sha256: string;
  readonly since: string;
  readonly subject:
    | RosterVersion
    | { readonly holder: string; readonly generation: number }
    | { readonly size: number; readonly root: string };
  readonly confirmers: readonly Officer[];
  readonly refusers: readonly Officer[];
}

export interface PolicyVersion extends Version, PolicyWords {
  readonly sha256: string;
}

interface ZoneVersion extends Version {
  readonly zone: string;
  readonly tzdata: string;
}

/** A key, valid from `from` until `until`, exclusive. */
export interface VendorKeyCase {
  readonly key: Extract<VendorEvent, { type: 'KeyAdded' }>['key'];
  readonly from: string;
  readonly until: string | null;
}

/** A document: `complete` once every part is kept, `since` its newest part. */
interface DocumentCase {
  readonly since: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly complete: boolean;
}

/** The newest generation of a person's links, and the newest generation of which one was used. */
export interface LinksCase {
  readonly generation: number;
  readonly used: number;
}

/** The policy that an approved change of the city's policy adopts, in force `since` then. `endedAt`: when it ended, if it has. */
export interface PolicyApproval {
  readonly since: string;
  readonly revision: number;
  readonly sha256: string | null;
  readonly endedAt: string | null;
}

/** The judge's whole state except the ends of streams. It grows by a few hundred bytes with each notice, document and text. */
export class City {
  /** The latest instant of any commit that stands; null before the first. */
  newest: string | null = null;
  readonly zones: ZoneVersion[] = [];
  readonly rosters: RosterVersion[] = [];
  proposal: ProposalCase | null = null;
  readonly policies: PolicyVersion[] = [];
  /** The digest of the policy that was proposed last, until it is in force. */
  policyProposal: string | null = null;
  /** When each proposed policy became public, by its digest. */
  readonly policyWords = new Map<string, string>();
  /** The number of the newest policy whose bodies a roster has taken over. */
  followed = 0;
  /** The bodies by which the current commit is judged: those of a policy in force; null before the first. */
  bodies: PolicyWords['bodies'] | null = null;
  readonly policyApprovals = new Map<string, PolicyApproval>();
  readonly spentApprovals = new Set<string>();
  readonly vendors = new Map<string, readonly VendorKeyCase[]>();
  readonly features = new Map<string, FeatureCase>();
  /** The newest reports of each source, by its stream. */
  readonly observations = new Map<string, readonly unknown[]>();
  readonly documents = new Map<string, DocumentCase>();
  /** The orders in force, by digest and place. */
  readonly redactions = new Map<string, Extract<RedactionEvent, { type: 'TextWithheld' }>>();
  /** The place of every text, notice and document that a commit names, by that commit and the digest. */
  readonly named = new Map<string, string>();
  readonly passkeys = new KnownPasskeys();
  /** Every token by its stream. Forms are by the id that a notice's provenance names. */
  readonly tokens = new Map<string, TokenCase>();
  readonly forms = new Map<string, FormCase>();
  readonly revocations = new Map<string, RevocationRecorded>();
  readonly logbook = new Set<string>();
  readonly links = new Map<string, LinksCase>();

  get roster(): RosterVersion | undefined {
    const last = this.rosters.at(-1);
    return last === undefined ? undefined : seatedBy(this.bodies, last);
  }

  get policy(): PolicyVersion | undefined {
    return this.policies.at(-1);
  }
}

/** For how long after its end a version can still have decided a command: a gate caches the time zone for a minute, and retries. */
const STALE_MS = 5 * 60_000;

/** The instant {@link STALE_MS} before another. Cached, because each commit needs it several times. */
let latest = { at: '', before: '' };
const staleBefore = (at: string): string => {
  if (latest.at !== at) latest = { at, before: plusMs(at, -STALE_MS) };
  return latest.before;
};

/** Returns the versions by which a commit at `at` may have been decided, newest first; several only if one was just replaced. */
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

/** Reports whether a commit at `at` may have been decided before any version was in force. */
export const mayPrecedeAll = ([first]: readonly Version[], at: string): boolean =>
  first === undefined || first.since > staleBefore(at);

/** How late a commit can enter the log and still be judged by its own instant alone. `verify` names the later ones. */
const LATE_MS = 15 * 60_000;

/**
 * Returns the instants at which a commit at `at` must meet the rules that a false date could evade: its own and, if it enters the log
 * late, also one at which only what precedes it in the log counts.
 */
export const instantsToCheck = ({ newest }: City, at: string): readonly string[] => {
  const last = newest ?? at;
  return Date.parse(last) - Date.parse(at) > LATE_MS ? [at, plusMs(last, STALE_MS)] : [at];
};

/** Returns the last of {@link instantsToCheck}: when the words of a commit at `at` can have been known. */
export const knownFrom = (city: City, at: string): string => instantsToCheck(city, at).at(-1) ?? at;

/** Returns when the words of a commit at `at` became public: at `at` or, if they enter late, at the newest instant before them. */
export const publicFrom = (city: City, at: string): string => (instantsToCheck(city, at).length === 1 ? at : (city.newest ?? at));

/** Reports whether a credential or an approval that ended at `endedAt` was still good for a command committed at `at`. */
export const wasStillValid = (endedAt: string | null, at: string): boolean => endedAt === null || endedAt > staleBefore(at);

/** Reports whether something that began at `since` existed by `at`, within the tolerance for a gate's clocks. */
export const hadBegun = (since: string, at: string): boolean => staleBefore(since) <= at;

/**
 * Reports whether an actor is a token that was good at `at` and has a scope; if `person` is given, that it is that person's; if
 * `source` is given, that it may report as that source.
 */
export const tokenPermits = (
  { tokens }: City,
  actor: string,
  scope: string,
  at: string,
  person?: string | null,
  source?: string,
): boolean =>
  (actor === OPERATOR && (person ?? null) === null) ||
  [...tokens.values()].some(
    (token) =>
      `token:${token.name}` === actor &&
      (person === undefined || token.person === person) &&
      (source === undefined || token.source === null || token.source === source) &&
      (token.scopes.includes(scope) || token.scopes.includes('admin')) &&
      hadBegun(token.since, at) &&
      wasStillValid(token.endedAt, at),
  );
/** The operator at the machine itself, who needs no token. */
const OPERATOR = 'token:operator';

export const hadForm = ({ forms }: City, vendor: string, id: string | null, at: string): boolean => {
  const form = forms.get(id ?? '');
  if (form?.vendor !== vendor || !hadBegun(form.since, at)) return false;
  return [form.endedAt, form.expiresAt].every((end) => wasStillValid(end, at));
};

export const rosterInForce = ({ rosters, bodies }: City, number: number, at: string): RosterVersion => {
  const found = inForceAt(rosters, at).find((version) => version.number === number);
  must(found !== undefined, 'other-roster', `roster ${number} was not in force at ${at}`);
  return seatedBy(bodies, found);
};

/** Reports whether a person holds a seat of this name under the newest roster and policy, whatever the date of the current commit. */
export const isSeated = ({ rosters, policies }: City, holder: string, seat: string, moment: Moment): boolean =>
  rosters.slice(-1).some((last) => {
    const roster = seatedBy(policies.at(-1)?.bodies ?? null, last);
    return Object.keys(roster.roster.bodies).some((body) => sitting(roster, body, moment).get(seat) === holder);
  });

/** How long before its end a challenge can have been signed: ten minutes, and five for clocks that differ. */
const CHALLENGE_MS_MAX = 15 * 60_000;

/**
 * Checks that a signature is by this person's own passkey, as it was enrolled, and that its challenge is recent. A passkey that was
 * just removed or reset still counts as theirs.
 */
export const mustOwnPasskey = (city: City, holder: string, assertion: Assertion, at: string): void => {
  const { credential, algorithm, publicKey, enrolled, expiresAt } = assertion;
  const { passkeys } = city;
  const owner = passkeys.owners.get(claimOf('credential', credential));
  must((owner ?? holder) === holder, 'passkey-shared', `the passkey is another’s than ${holder}’s`);
  const key = passkeys
    .newestOf(holder)
    .filter((each) => each.credential === credential && each.algorithm === algorithm && each.publicKey === publicKey)
    .findLast((each) => equal(each.enrolled, enrolled) && enrolled.at <= at);
  must(key !== undefined, 'passkey', `${holder} had no such passkey by then, or it was reset`);
  must(Date.parse(expiresAt) - Date.parse(at) <= CHALLENGE_MS_MAX, 'passkey', 'the passkey signed for another time');
  const ends = [key.endedAt, passkeys.resetsOf(holder)[key.generation] ?? null];
  const isOwn = instantsToCheck(city, at).every((when) => ends.every((end) => wasStillValid(end, when)));
  must(isOwn, 'passkey', `${holder} has no such passkey`);
};

/** Reports whether a rule asks a person for a passkey. `when-enrolled` asks those who ever had one, even reset, since before just now. */
const asksForPasskey = ({ passkeys }: City, rule: PasskeyRule, holder: string, at: string): boolean =>
  rule === 'required' || (rule === 'when-enrolled' && (passkeys.keysOf(holder)[0]?.enrolled.at ?? at) <= staleBefore(at));

/**
 * Checks that an act is a person's own. A passkey's signature must prove it (`prove`), and the passkey must be theirs. Without one, at
 * no instant to check may every rule that can have been in force ask this person for a passkey.
 */
export const mustBeProven = (
  city: City,
  { holder, at, assertion }: { readonly holder: string; readonly at: string; readonly assertion?: Assertion | undefined },
  rulesAt: (at: string) => readonly PasskeyRule[],
  prove: (assertion: Assertion) => void,
): void => {
  if (assertion === undefined) {
    const asked = instantsToCheck(city, at).some((when) => {
      const rules = rulesAt(when);
      return rules.length > 0 && rules.every((rule) => asksForPasskey(city, rule, holder, when));
    });
    must(!asked, 'passkey-missing', `the policy asks ${holder} for a passkey`);
    return;
  }
  prove(assertion);
  mustOwnPasskey(city, holder, assertion, at);
};
