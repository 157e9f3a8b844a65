import type { DocumentPartKept } from '../documents/events.ts';
import type { EventOf, Provenance } from '../feature/events.ts';
import { digestOf } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { mustStand } from './acts.ts';
import { effectOf, inForce, isOutdated, placeOfWords, runningAt, runsUnasked, wasOvertaken } from './arrivals.ts';
import { type ChangeCase, type FeatureCase, isOpen, withChange, withOpened } from './case.ts';
import { CITY, type City, hadBegun, hadForm, POLICY_KEY, publicFrom, tokenPermits } from './city.ts';
import type { ActRule, Owed } from './consequences.ts';
import { isProposal } from './policy.ts';
import { mustBePinned } from './rules.ts';
import type { Moment } from './sitting.ts';
import { mustHaveSigned, onlyEvent } from './streams.ts';
import { must, mustBeOperator } from './verdict.ts';

const OPEN_MAX = 16;
const NONE: ReadonlyMap<string, string> = new Map();

type Wording = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

export const notified = (
  city: City,
  feature: FeatureCase,
  event: EventOf<'ChangeNotified'>,
  commit: Commit,
  moment: Moment,
): Owed => {
  const { change, revision, notice, at } = event;
  must(event.key === feature.key, 'stream', `the notice is of ${event.key}`);
  must(change === feature.count + 1 && revision === 1, 'number', `change ${change}, revision ${revision} is not the next`);
  must(notice.kind !== 'contract' || notice.endsAt !== null, 'schema', 'a contract says when it ends');
  mustComeFrom(city, feature.key, event, commit);
  const open = [...feature.changes.values()].filter(isOpen);
  const twice = open.find(({ digest }) => digest === event.digest);
  must(twice === undefined, 'other-words', `the words of change ${twice?.number} are open already`);
  const now = inForce(feature);
  const isApproved = now?.digest === event.digest && !isOutdated(feature, now, at);
  must(!isApproved, 'other-words', `the words are those of change ${now?.number}, which is in force`);
  const removal = notice.kind === 'removal';
  must(!removal || event.pinned === null, 'pinned', 'a removal needs no approval');
  must(removal || open.length < OPEN_MAX, 'too-many-open', `${open.length} changes are open`);
  const next = withArrival(city, { ...feature, count: change }, undefined, event, moment);
  if (!removal) return { feature: next, owed: [] };
  const closes = [...open.map(({ number }) => number).sort((one, other) => one - other), change];
  return { feature: next, owed: [{ type: 'FeatureRemoved', v: 1, at, change, effectiveAt: effectOf(event), closes }] };
};

export const revised: ActRule<'ChangeRevised'> = (city, feature, change, event, commit, moment) => {
  const { revision, digest, notice, at } = event;
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  must(revision === change.revision + 1, 'number', `revision ${revision} is not the next`);
  must(digest !== change.digest || wasOvertaken(feature, change, at), 'other-words', 'the words are the same');
  must(notice.kind !== 'removal' && (notice.kind !== 'contract' || notice.endsAt !== null), 'schema', 'no notice says this');
  mustComeFrom(city, feature.key, event, commit);
  return { feature: withArrival(city, feature, change, event, moment), owed: [] };
};

/**
 * Judges a vendor's signed withdrawal of an open change, or of one that ran unapproved, whose words count until its rollback is
 * confirmed.
 */
export const withdrawn: ActRule<'ChangeWithdrawn'> = (city, feature, change, event, commit) => {
  const ran = runningAt(change.running, commit.at);
  const late = ran.length > 0 && change.approvedAt === null && change.status !== 'withdrawn';
  must(isOpen(change) || late, 'closed', `change ${change.number} is ${change.status}`);
  must(event.provenance.channel === 'webhook', 'provenance', 'a change is withdrawn by a signed message alone');
  mustBeSigned(city, feature.key, event.provenance, commit, 'withdraw');
  return { feature: withChange(feature, { ...change, status: 'withdrawn', veto: null, waiting: null, running: ran }), owed: [] };
};

/**
 * Judges the binding of a change to its first policy, or to a later one, which voids the decisions under the previous one. Only the
 * operator can void decisions.
 */
export const repinned: ActRule<'PolicyPinned'> = (city, feature, change, event, { actor }, moment) => {
  const { pinned, revision, voids } = event;
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  must(revision === change.revision, 'other-words', `revision ${revision} does not stand`);
  must(voids === (change.pinned !== null), 'pinned', 'the change was bound before, or was not');
  must(!voids || actor === 'operator', 'actor', `${actor} cannot void what was decided`);
  must(
    change.pinned === null || change.pinned.policy < pinned.policy,
    'other-policy',
    'a change is bound again only to a later policy',
  );
  const { notice, since, known, attached } = change;
  const bound = mustBePinned(city, { key: feature.key, notice, since, known, attached }, pinned, moment);
  return { feature: withChange(feature, { ...change, ...undecidedUnder(bound) }), owed: [] };
};

const undecidedUnder = (pinned: ChangeCase['pinned']) => ({
  status: 'pending' as const,
  pinned,
  closesAt: pinned?.closesAt ?? null,
  terms: null,
  requirements: withOpened(new Map(), pinned?.opens ?? []),
  veto: null,
  waiting: null,
});

const withArrival = (
  city: City,
  feature: FeatureCase,
  before: ChangeCase | undefined,
  event: Wording,
  moment: Moment,
): FeatureCase => {
  const { notice, at: since } = event;
  const known = publicFrom(city, since);
  const words = { key: feature.key, notice, since, known, attached: NONE };
  const pinned = notice.kind === 'removal' ? null : mustBePinned(city, words, event.pinned, moment);
  const arrival = feature.arrivals + 1;
  const change = changeFrom(event, pinned);
  const maintenance = change.maintenance && feature.contest === null;
  const place = placeOfWords(event, arrival);
  const ran = runningAt(before?.running ?? [], event.at);
  const own = runsUnasked(event, feature.key) ? [{ place, upkeep: maintenance, contested: false }] : [];
  const next = { ...change, known, maintenance, arrival, place, effect: effectOf(event), running: [...ran, ...own] };
  return withChange({ ...feature, arrivals: arrival }, next);
};

type Unplaced = Omit<ChangeCase, 'known' | 'arrival' | 'place' | 'effect' | 'running'>;

const changeFrom = ({ change, revision, digest, notice, at, provenance }: Wording, pinned: ChangeCase['pinned']): Unplaced => ({
  number: change,
  revision,
  digest,
  notice,
  attached: new Map(),
  attachedAt: null,
  since: at,
  enteredBy: provenance.person,
  validUntil: null,
  approvedAt: null,
  entered: provenance.channel !== 'operator' && !provenance.by.startsWith('vendor:'),
  rollback: [],
  optOut: null,
  lastAct: null,
  maintenance:
    provenance.scheme !== null && notice.kind === 'update' && Object.values(notice.impact).every((each) => each === 'unchanged'),
  ...undecidedUnder(pinned),
});

const vendorIn = (key: string): string => key.split('.', 1)[0] ?? key;

const mustComeFrom = (city: City, key: string, { provenance, command, revision, notice }: Wording, commit: Commit): void => {
  const { channel, by, person, scheme, message, heardAt } = provenance;
  const { actor, commandId } = commit;
  const vendor = vendorIn(key);
  must(command === digestOf(commandId).slice(7, 23), 'act', 'the notice is of another command');
  if (channel === 'webhook') {
    mustBeSigned(city, key, provenance, commit, notice.kind === 'removal' ? 'removal' : 'notice');
    return;
  }
  must(scheme === null && message === null, 'provenance', 'only a signed message has a signature');
  const entered = channel !== 'operator' && channel !== 'form';
  must(entered || person === null, 'provenance', 'a person enters what the city hears, and nothing else');
  must((vendor === CITY) === (channel === 'operator'), 'provenance', 'the operator speaks of the city’s own policy alone');
  if (channel === 'operator') {
    must(key === POLICY_KEY && by === 'operator' && provenance.key === null, 'provenance', 'the operator gives no other notice');
    must(isProposal(notice), 'policy-proposal', 'the notice is not that of a policy that is proposed');
    mustBeOperator(actor);
  } else if (channel === 'form') {
    must(by === `vendor:${vendor}`, 'unknown-vendor', `${by} has no form for ${vendor}`);
    must(actor === `form:${provenance.key}`, 'actor', `${actor} is not the form ${provenance.key}`);
    must(hadForm(city, vendor, provenance.key, commit.at), 'actor', `${vendor} had no open form ${provenance.key}`);
  } else {
    must(by === actor, 'actor', `${actor} enters in the name of ${by}`);
    must(heardAt !== null && provenance.key === null, 'provenance', 'the city says when it heard of a change');
    must(revision === 1 && notice.kind !== 'removal', 'adds-only', 'the city only adds new changes');
    must(
      tokenPermits(city, actor, 'notice', commit.at, person),
      'actor',
      `${actor} enters no notice for ${person ?? 'an unnamed person'}`,
    );
  }
};

/** Checks the record of a vendor's signature. The signature itself is checked where the raw bytes are available. */
const mustBeSigned = (
  city: City,
  key: string,
  provenance: Provenance,
  commit: Commit,
  act: 'notice' | 'removal' | 'withdraw',
): void => {
  const { by, person, heardAt, evidence } = provenance;
  const vendor = vendorIn(key);
  const own = by === `vendor:${vendor}` && person === null && heardAt === null && evidence === null;
  must(own, 'provenance', `${by} signs nothing of ${vendor}`);
  mustHaveSigned(city, vendor, provenance, commit, act);
};

const PART_BYTES = 262_144;

const mustBeSender = (city: City, { actor, at }: Commit, vendor?: string): void => {
  const id = actor.startsWith('vendor:') ? actor.slice('vendor:'.length) : undefined;
  const may =
    id === undefined
      ? actor === 'operator' || tokenPermits(city, actor, 'notice', at)
      : city.vendors.has(id) && (vendor ?? id) === id;
  must(may, 'actor', `${actor} sends no documents here`);
};

/** Judges one part of a document. Its bytes are checked where they are available. */
export const judgeDocument = (city: City, commit: Commit, events: readonly DocumentPartKept[]): (() => void) => {
  const { sha256, bytes, mediaType, part, of, at: since } = onlyEvent(events, commit);
  must(commit.stream === `document/${sha256.slice('sha256:'.length)}`, 'stream', 'the part is of another document');
  mustBeSender(city, commit);
  must(part === commit.version && part <= of && of === Math.ceil(bytes / PART_BYTES), 'document', `part ${part} of ${of}`);
  const known = city.documents.get(sha256);
  const same = known === undefined || (known.bytes === bytes && known.mediaType === mediaType);
  must(same, 'document', 'the parts are of different documents');
  return () => void city.documents.set(sha256, { since, bytes, mediaType, complete: part === of });
};

/**
 * Judges a document that is attached: before any body has decided, and if the notice names documents of that kind by hash, one of
 * them.
 */
export const documentAttached: ActRule<'DocumentAttached'> = (city, feature, change, event, commit) => {
  const { kind, sha256, bytes, mediaType, by } = event;
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  mustStand(change, event);
  const asked = change.attached.has(kind) || change.pinned?.missing.includes(kind) === true;
  must(asked, 'document', `the rule asks for no ${kind}`);
  must(change.terms === null, 'already-decided', 'a body has decided on the documents that were there');
  must(change.attached.get(kind) !== sha256, 'already-decided', `this ${kind} is attached`);
  const [vendor = CITY] = feature.key.split('.', 1);
  must(by === commit.actor, 'actor', `${commit.actor} attaches in the name of ${by}`);
  mustBeSender(city, commit, vendor);
  const hashes = change.notice.documents.flatMap((each) =>
    each.kind === kind && each.sha256 !== undefined ? [`sha256:${each.sha256}`] : [],
  );
  const fits = hashes.length === 0 ? !by.startsWith('vendor:') : hashes.includes(sha256);
  must(fits, 'document', `the notice names another ${kind}, or none by hash`);
  const kept = city.documents.get(sha256);
  const same = kept?.bytes === bytes && kept.mediaType === mediaType;
  must(kept?.complete === true && same && hadBegun(kept.since, event.at), 'document', `the bytes of ${sha256} are not kept`);
  const attached = new Map(change.attached).set(kind, sha256);
  return { feature: withChange(feature, { ...change, attached, attachedAt: event.at }), owed: [] };
};
