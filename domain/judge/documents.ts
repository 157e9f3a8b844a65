import type { DocumentPartKept } from '../documents/events.ts';
import type { Commit } from '../kernel/commit.ts';
import { mustStand } from './acts.ts';
import { isOpen, withChange } from './case.ts';
import { CITY, type City, tokenPermits } from './city.ts';
import type { ActRule } from './consequences.ts';
import { only } from './streams.ts';
import { must } from './verdict.ts';

const PART_BYTES = 262_144;

const mustBeSender = (city: City, { actor, at }: Commit, vendor?: string): void => {
  const id = actor.startsWith('vendor:') ? actor.slice('vendor:'.length) : undefined;
  const may =
    id === undefined
      ? actor === 'operator' || tokenPermits(city, actor, 'notice', at)
      : city.vendors.has(id) && (vendor ?? id) === id;
  must(may, 'actor', `${actor} sends no documents here`);
};

/** The bytes are checked where they are at hand. */
export const judgeDocument = (city: City, commit: Commit, events: readonly DocumentPartKept[]): (() => void) => {
  const { sha256, bytes, mediaType, part, of } = only(events, commit);
  must(commit.stream === `document/${sha256.slice('sha256:'.length)}`, 'stream', 'the part is of another document');
  mustBeSender(city, commit);
  must(part === commit.version && part <= of && of === Math.ceil(bytes / PART_BYTES), 'document', `part ${part} of ${of}`);
  const known = city.documents.get(sha256);
  const same = known === undefined || (known.bytes === bytes && known.mediaType === mediaType);
  must(same, 'document', 'the parts are of different documents');
  return () => void city.documents.set(sha256, { bytes, mediaType, complete: part === of });
};

/** Before any body has approved; where the notice names documents of that kind by hash, one of them. */
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
  must(kept?.complete === true && same, 'document', `the bytes of ${sha256} are not kept`);
  return { feature: withChange(feature, { ...change, attached: new Map(change.attached).set(kind, sha256) }), owed: [] };
};
