import type { EventOf } from '../feature/events.ts';
import type { Commit } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import { plusMs } from '../kernel/order.ts';
import { isZone, plusDuration } from '../kernel/zone.ts';
import type { LogKeyAnnounced } from '../log/events.ts';
import type { ObservationEvent } from '../observation/events.ts';
import type { NoticeReceived } from '../receipt/events.ts';
import type { RedactionEvent } from '../redaction/events.ts';
import type { RevocationRecorded } from '../revocation/events.ts';
import type { SettingsEvent } from '../settings/events.ts';
import type { VendorEvent } from '../vendors/events.ts';
import { type City, inForceAt, tokenPermits, type VendorKeyCase } from './city.ts';
import { equal, must, mustBeHolder, mustBeOperator } from './verdict.ts';

// The streams that decide nothing about a feature: vendors, settings, observations, receipts, the log's own keys.

/** Applies a commit that may stand to the city. */
export type Effect = () => void;
const nothing: Effect = () => undefined;

export const nameIn = (stream: string): string => stream.slice(stream.indexOf('/') + 1);

export const onlyEvent = <E extends { readonly at?: string }>(events: readonly E[], { at }: Commit): E => {
  const [event] = events;
  must(event !== undefined && events.length === 1, 'no-act', 'one command makes one event here');
  must(event.at === undefined || event.at === at, 'instant', 'an event of another instant');
  return event;
};

export const judgeSettings = (city: City, commit: Commit, events: readonly SettingsEvent[]): Effect => {
  const { zone, tzdata, at } = onlyEvent(events, commit);
  mustBeOperator(commit.actor);
  must(isZone(zone), 'no-zone', `${zone} is not a time zone that is known here`);
  const known = city.zones.at(-1);
  must(known?.zone !== zone || known.tzdata !== tzdata, 'already-decided', 'this time zone is on record');
  return () => void city.zones.push({ number: city.zones.length + 1, since: at, zone, tzdata });
};

const KEYS_VALID_MAX = 4;
const OVERLAP = 'P7D';
const isValid = ({ until }: VendorKeyCase, at: string): boolean => until === null || at < until;

/** Judges a vendor's commit. A new key ends the others within a week; an ended key never returns, and its end is never postponed. */
export const judgeVendor = (city: City, commit: Commit, events: readonly VendorEvent[]): Effect => {
  const { at, version } = commit;
  const vendor = nameIn(commit.stream);
  mustBeOperator(commit.actor);
  must(
    events.every((event) => event.at === at),
    'instant',
    'an event of another instant',
  );
  const [first, second] = events;
  must((version === 1) === (first?.type === 'VendorAdded'), 'no-act', 'a vendor is added once, before it has keys');
  if (first?.type === 'VendorAdded') {
    must(first.vendor === vendor, 'stream', `${first.vendor} is added in the stream of ${vendor}`);
    must(second?.type === 'KeyAdded' && events.length === 2, 'consequence-missing', 'a vendor is added with one key');
  }
  let keys = city.vendors.get(vendor) ?? [];
  const added = events.filter(({ type }) => type === 'KeyAdded').length;
  must(version === 1 || added === 0 || first?.type === 'KeyAdded', 'order', 'a new key comes before the end of others');
  const ending = keys.filter(({ until }) => until === null);
  for (const event of events) {
    if (event.type === 'KeyAdded') keys = [...keys, newKey(keys, event)];
    else if (event.type === 'KeyRetired') keys = retired(keys, event, added > 0);
  }
  const missing = added > 0 && keys.filter(({ until }) => until === null).length !== 1;
  must(!missing && (added === 0 || events.length <= ending.length + 2), 'consequence-missing', 'a new key ends the others');
  must(added > 0 || events.length === 1, 'no-act', 'one command ends one key');
  return () => void city.vendors.set(vendor, keys);
};

const newKey = (keys: readonly VendorKeyCase[], { key, at }: Extract<VendorEvent, { type: 'KeyAdded' }>): VendorKeyCase => {
  const publicKey = key.scheme === 'v1a' ? key.publicKey : undefined;
  const taken = keys.some(
    (known) => known.key.id === key.id || (known.key.scheme === 'v1a' && known.key.publicKey === publicKey),
  );
  must(!taken, 'vendor-key', `the key ${key.id} was known before`);
  must(keys.filter((known) => isValid(known, at)).length < KEYS_VALID_MAX, 'vendor-key', 'too many keys are valid');
  return { key, from: at, until: null };
};

const retired = (
  keys: readonly VendorKeyCase[],
  event: Extract<VendorEvent, { type: 'KeyRetired' }>,
  replaced: boolean,
): readonly VendorKeyCase[] => {
  const { at, validUntil } = event;
  const known = keys.find(({ key }) => key.id === event.key);
  must(known !== undefined && isValid(known, at), 'vendor-key', `the key ${event.key} was not valid`);
  const wanted = replaced ? plusDuration(at, OVERLAP, 'UTC') : at;
  must(
    validUntil === wanted && (known.until === null || validUntil < known.until),
    'consequence',
    'the key ends at another time',
  );
  return keys.map((each) => (each === known ? { ...each, until: validUntil } : each));
};

const SKEW_MS = 5 * 60_000;
const VENDOR = /^(?!aldergate$)[a-z0-9-]{1,40}$/;

const REPORTS_KEPT = 32;

/**
 * Judges a report of what was observed: by a token, in the name of its person, or signed by the vendor. A report that equals one of
 * its source's newest is refused.
 */
export const judgeObservation = (city: City, commit: Commit, events: readonly ObservationEvent[]): Effect => {
  const { at: _at, ...said } = onlyEvent(events, commit);
  const { source, attested, observedAt, features, person, signed } = said;
  const { stream, actor, at } = commit;
  const [vendor = ''] = nameIn(stream).split('/', 1);
  const name = `observation/${vendor}/${attested ? '@' : ''}${encodeURIComponent(source)}`;
  must(stream === name && VENDOR.test(vendor), 'stream', `a report of ${source} stands elsewhere`);
  const own = Object.keys(features).every((key) => key === vendor || key.startsWith(`${vendor}.`));
  must(own, 'observation', `a feature is not of ${vendor}`);
  must(Date.parse(observedAt) <= Date.parse(at) + SKEW_MS, 'observation', 'observed before it was');
  must(attested === (signed !== undefined), 'provenance', 'what is attested has a signature, and nothing else has');
  if (signed === undefined)
    must(tokenPermits(city, actor, 'observe', at, person, source), 'actor', `${actor} reports nothing as ${source}`);
  else {
    must(person === null, 'provenance', 'a vendor signs, and no person');
    mustHaveSigned(city, vendor, signed, commit, 'attestation');
  }
  const { signed: _signed, ...report } = said;
  const known = city.observations.get(stream) ?? [];
  must(!known.some((each) => equal(each, report)), 'already-decided', 'this report is on record');
  return () => void city.observations.set(stream, [...known, report].slice(-REPORTS_KEPT));
};

export const judgeReceipt = (_city: City, commit: Commit, events: readonly NoticeReceived[]): Effect => {
  const { feature, missingAncestors } = onlyEvent<NoticeReceived & { at?: string }>(events, commit);
  const [vendor = ''] = nameIn(commit.stream).split('/', 1);
  const signed = commit.actor === `vendor:${vendor}`;
  must(!signed || feature === vendor || feature.startsWith(`${vendor}.`), 'stream', `${feature} is not of ${vendor}`);
  must(signed || !commit.actor.startsWith('vendor:'), 'actor', `${commit.actor} delivers nothing for ${vendor}`);
  must(
    missingAncestors.every((key) => feature.startsWith(`${key}.`)),
    'schema',
    'what is missing is no ancestor',
  );
  must(commit.commandId === commit.stream, 'stream', 'the receipt is of another delivery');
  return nothing;
};

export const judgeLogbook = (city: City, commit: Commit, events: readonly LogKeyAnnounced[]): Effect => {
  const event = onlyEvent(events, commit);
  mustBeOperator(commit.actor);
  must(!equal(event.key, event.by), 'consequence', 'a key does not follow itself');
  const done = `${event.by} ${event.key} ${event.until}`;
  must(!city.logbook.has(done), 'already-decided', 'the hand-over is on record');
  return () => void city.logbook.add(done);
};

/**
 * Maximum age of a signed message when its commit is written: five minutes on arrival, and ten more for retries and clocks. A removal,
 * which switches off, may be older: after a clock that ran ahead, a commit is dated no earlier than those before it.
 */
const MESSAGE_AGE_MS_MAX = 15 * 60_000;

interface SignedBy {
  readonly key: string | null;
  readonly scheme: 'v1a' | 'v1' | null;
  readonly message: { readonly id: string; readonly timestamp: string; readonly signature: string | null } | null;
}

const wasValid = (key: VendorKeyCase, at: string): boolean => key.from <= at && isValid(key, at);

/** For how long a gate may retry a command after it checked the signature, with a margin. */
const RETRIED_MS = 60_000;

/** The acts that a vendor signs, as the commit's command names them; a removal is named as a notice. */
type SignedAct = 'notice' | 'removal' | 'withdraw' | 'attestation';

/** Checks the record of a vendor's signature on a commit. The signature itself is checked where the raw bytes are available. */
export const mustHaveSigned = (
  { vendors, policies }: City,
  vendor: string,
  { key: id, scheme, message }: SignedBy,
  commit: Commit,
  act: SignedAct,
): void => {
  must(commit.actor === `vendor:${vendor}`, 'actor', `${commit.actor} is not vendor:${vendor}`);
  const keys = vendors.get(vendor);
  must(keys !== undefined, 'unknown-vendor', `there is no vendor ${vendor}`);
  must(message !== null && scheme !== null, 'provenance', 'a signed message has an id, a time and a scheme');
  const command = act === 'removal' ? 'notice' : act;
  must(commit.commandId === `${command}/${vendor}/${message.id}`, 'provenance', 'the command is of another message');
  must((scheme === 'v1a') === (message.signature !== null), 'provenance', 'a v1a signature is kept, a v1 one is not');
  const age = Date.parse(commit.at) - Number(message.timestamp) * 1000;
  const oldest = act === 'removal' ? Number.POSITIVE_INFINITY : MESSAGE_AGE_MS_MAX;
  must(-MESSAGE_AGE_MS_MAX <= age && age <= oldest, 'provenance', 'the message was signed at another time');
  const known = keys.find((each) => each.key.id === id && each.key.scheme === scheme);
  const counted = known !== undefined && (wasValid(known, commit.at) || wasValid(known, plusMs(commit.at, -RETRIED_MS)));
  must(counted, 'vendor-key', `${vendor} had no key ${id} of scheme ${scheme}`);
  const accepted = inForceAt(policies, commit.at);
  const allowed = accepted.length === 0 || accepted.some(({ policy }) => policy.webhooks?.includes(scheme) ?? true);
  must(allowed, 'vendor-key', `the policy does not accept ${scheme}`);
};

// Redactions: a text, a notice or a document that an order withholds at one place, and shows again.

type Event<T extends RedactionEvent['type']> = Extract<RedactionEvent, { type: T }>;

const FEATURE = 'feature/';
/** Number of a digest's characters that suffice to distinguish it from the others of one commit. */
const DIGEST_CHARS = 24;

const nameOf = (stream: string, version: number, what: string, digest: string): string =>
  `${stream}@${version} ${what} ${digest.slice('sha256:'.length).slice(0, DIGEST_CHARS)}`;

const spotOf = (key: string | null, change: number | null): string => (key === null ? 'roster' : `${key}/${change}`);

const namedByFeature = (event: JsonObject): { readonly what: string; readonly digest: unknown; readonly revision: unknown }[] => {
  const { type, digest, sha256, comment, reason, note, revision = 1, notice } = event;
  switch (type) {
    case 'ChangeNotified':
    case 'ChangeRevised': {
      const { documents } = notice as { readonly documents: readonly JsonObject[] };
      const hashed = documents.flatMap(({ sha256: hex }) => (typeof hex === 'string' ? [`sha256:${hex}`] : []));
      return [{ what: 'notice', digest, revision }, ...hashed.map((each) => ({ what: 'document', digest: each, revision }))];
    }
    case 'ChangeWithdrawn':
      return [{ what: 'notice', digest, revision: null }];
    case 'DocumentAttached':
      return [{ what: 'document', digest: sha256, revision }];
    default:
      return [
        { what: 'text', digest: comment, revision },
        { what: 'text', digest: note, revision },
        { what: 'text', digest: reason, revision: null },
      ];
  }
};

/** Records what a commit that stands names by digest, and at which place. Nothing else can be withheld. */
export const rememberNamed = ({ named }: City, { stream, version, events }: Commit): void => {
  const record = (what: string, digest: unknown, spot: string, revision: unknown): void => {
    const part = typeof revision === 'number' ? String(revision) : '';
    if (typeof digest === 'string') named.set(nameOf(stream, version, what, digest), `${spot}/${part}`);
  };
  for (const event of events) {
    if (stream.startsWith(FEATURE)) {
      const spot = spotOf(stream.slice(FEATURE.length), event['change'] as number);
      for (const { what, digest, revision } of namedByFeature(event)) record(what, digest, spot, revision);
    } else if (stream === 'revocation')
      record('text', event['reason'], spotOf(event['key'] as string, event['change'] as number), null);
    else if (stream === 'roster') record('text', event['reason'], spotOf(null, null), null);
  }
};

const mustStandThere = ({ named }: City, event: Event<'TextWithheld'>): void => {
  const { stream, version, what, commitment, key, change, revision } = event;
  const spot = spotOf(key, change);
  const there = named.get(nameOf(stream, version, what, commitment));
  const isThere = revision === null ? there?.startsWith(`${spot}/`) : there === `${spot}/${revision}`;
  must(isThere === true, 'redaction', `${stream}@${version} names no such ${what} at ${spot}/${revision ?? ''}`);
};

export const judgeRedaction = (city: City, commit: Commit, events: readonly RedactionEvent[]): Effect => {
  const event = onlyEvent(events, commit);
  const { commitment, by, at, key, change, revision } = event;
  must(nameIn(commit.stream) === commitment.slice('sha256:'.length), 'stream', 'the redaction is of another text');
  must(by === commit.actor, 'actor', `${commit.actor} orders in the name of ${by}`);
  must(tokenPermits(city, by, 'admin', at), 'actor', `${by} redacts nothing`);
  must((key === null) === (change === null), 'redaction', 'a place is a change or the roster');
  const order = `${commitment} ${spotOf(key, change)}/${revision ?? ''}`;
  const known = city.redactions.get(order);
  if (event.type === 'TextDisclosed') {
    must(known !== undefined, 'redaction', 'the text is not withheld there');
    return () => void city.redactions.delete(order);
  }
  must(known === undefined || !equal({ ...known, at }, event), 'already-decided', 'the order is in force');
  must(event.everywhere || known?.everywhere !== true, 'already-decided', 'the text is withheld everywhere');
  mustStandThere(city, event);
  return () => void city.redactions.set(order, event);
};

const revocationIn = (key: string, change: number, requirement: string): string => `${key}/${change}/${requirement}`;

/**
 * Judges a revocation that could not enter its feature's stream. Having held the seat under some roster is enough, since the newest
 * roster may have been unreadable, and a revocation only ends something.
 */
export const judgeRevocation = (city: City, commit: Commit, events: readonly RevocationRecorded[]): Effect => {
  const event = onlyEvent(events, commit);
  const { key, change, requirement, holder, body, seat } = event;
  mustBeHolder(commit.actor, holder);
  const held = city.rosters.some(({ roster }) =>
    roster.holders.some((term) => term.id === holder && term.body === body && term.seat === seat),
  );
  must(held, 'not-in-office', `${holder} held ${body}/${seat} under no roster`);
  const name = revocationIn(key, change, requirement);
  must(!city.revocations.has(name), 'already-decided', `${name} is recorded`);
  return () => void city.revocations.set(name, event);
};

export const wasRecorded = (city: City, key: string, event: EventOf<'ApprovalRevoked'>): boolean => {
  const recorded = city.revocations.get(revocationIn(key, event.change, event.requirement));
  return (['holder', 'seat', 'reason', 'fileNumber'] as const).every((name) => recorded?.[name] === event[name]);
};
