import type { Commit } from '../kernel/commit.ts';
import { isZone, plusDuration } from '../kernel/zone.ts';
import type { LogKeyAnnounced } from '../log/events.ts';
import type { ObservationEvent } from '../observation/events.ts';
import type { NoticeReceived } from '../receipt/events.ts';
import type { SettingsEvent } from '../settings/events.ts';
import type { VendorEvent } from '../vendors/events.ts';
import { type City, tokenPermits, type VendorKeyCase } from './city.ts';
import { equal } from './equal.ts';
import { mustHaveSigned } from './signatures.ts';
import { must, mustBeOperator } from './verdict.ts';

// The streams that decide nothing about a feature: vendors, settings, observations, receipts, the life of a log.

type Effect = () => void;
const nothing: Effect = () => undefined;

export const nameIn = (stream: string): string => stream.slice(stream.indexOf('/') + 1);

export const only = <E extends { readonly at?: string }>(events: readonly E[], { at }: Commit): E => {
  const [event] = events;
  must(event !== undefined && events.length === 1, 'no-act', 'one command makes one event here');
  must(event.at === undefined || event.at === at, 'instant', 'an event of another instant');
  return event;
};

export const judgeSettings = (city: City, commit: Commit, events: readonly SettingsEvent[]): Effect => {
  const { zone, tzdata, at } = only(events, commit);
  mustBeOperator(commit.actor);
  must(isZone(zone), 'no-zone', `${zone} is not a time zone that is known here`);
  const known = city.zones.at(-1);
  must(known?.zone !== zone || known.tzdata !== tzdata, 'already-decided', 'this time zone is on record');
  return () => void city.zones.push({ number: city.zones.length + 1, since: at, zone, tzdata });
};

const KEYS_VALID_MAX = 4;
const OVERLAP = 'P7D';
const isValid = ({ until }: VendorKeyCase, at: string): boolean => until === null || at < until;

/** Judges a vendor commit. A new key ends the others within a week; an ended key never returns or lasts longer. */
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
    (known) => known.key.id === key.id || (known.key.scheme === 'v1a' && known.key.publicKey === publicKey && isValid(known, at)),
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
  must(known !== undefined && isValid(known, at) && known.from <= at, 'vendor-key', `the key ${event.key} was not valid`);
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

/** Judges a report of what is seen: by a token, in its person's name, or signed by the vendor. One of the newest of its source is no news. */
export const judgeObservation = (city: City, commit: Commit, events: readonly ObservationEvent[]): Effect => {
  const { at: _at, ...said } = only(events, commit);
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
  const { feature, missingAncestors } = only<NoticeReceived & { at?: string }>(events, commit);
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
  const event = only(events, commit);
  mustBeOperator(commit.actor);
  must(!equal(event.key, event.by), 'consequence', 'a key does not follow itself');
  const done = `${event.by} ${event.key} ${event.until}`;
  must(!city.logbook.has(done), 'already-decided', 'the hand-over is on record');
  return () => void city.logbook.add(done);
};
