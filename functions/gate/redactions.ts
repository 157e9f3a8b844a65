import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentNamed, FeatureEvent } from '../../domain/feature/events.ts';
import { featureOf, featureStream, isFeatureStream } from '../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../domain/feature/notice.ts';
import { commitmentOf } from '../../domain/kernel/canonical.ts';
import { type Rejected, reject } from '../../domain/kernel/decider.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import { safeParseOnce, strictObject } from '../../domain/kernel/zodTypes.ts';
import {
  hidingAt,
  type Place,
  placeName,
  type Redaction,
  type RedactionCommand,
  type RedactionRejection,
  type RedactionState,
  redactionAt,
  redactionStream,
} from '../../domain/redaction/decide.ts';
import type { RedactionReason } from '../../domain/redaction/events.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../domain/revocation/events.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { commitsAbove, load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { redactionAggregate } from './aggregates.ts';
import type { GatePorts } from './ports.ts';

export const readRedactions = async (store: Store, commitment: string): Promise<RedactionState> =>
  (await load(store, redactionAggregate, redactionStream(commitment))).state;

export const readHiding = async (store: Store, commitment: string, place: Place): Promise<Redaction | undefined> =>
  hidingAt(await readRedactions(store, commitment), place);

export interface TextPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}

/** Side kind: officials' texts by commitment. */
const TEXT_KIND = 'text';

/** `by` comes from the credential. */
interface Order extends Place {
  readonly commitment: string;
  readonly authority: string;
  readonly fileNumber: string;
  readonly by: string;
}

export type RedactionOrder =
  | (Order & { readonly action: 'withhold'; readonly everywhere: boolean; readonly reason: RedactionReason })
  | (Order & { readonly action: 'disclose' });

type Redacted =
  | { readonly ok: true; readonly redaction: Redaction; readonly all: RedactionState }
  | Rejected<RedactionRejection | StoreRejection | 'not-found'>;

type NamedIn = Named & Pick<Redaction, 'stream' | 'version'>;

/** Oldest first. */
export async function* namedIn(store: Store, stream: string): AsyncGenerator<NamedIn> {
  for await (const record of commitsAbove(store, stream, 0)) {
    const { version, events } = commitOf(record);
    for (const event of namingEvents(stream, events)) {
      for (const named of namedBy(stream, event)) yield { ...named, stream, version };
    }
  }
}

/** Searches recorded revocations before the feature, because its stream may be unreadable. */
const namedAt = async (store: Store, { key, change, revision, commitment }: Order): Promise<NamedIn | undefined> => {
  for (const stream of key === null ? [ROSTER_STREAM] : [REVOCATION_STREAM, featureStream(key)]) {
    for await (const each of namedIn(store, stream)) {
      const isThere = each.key === key && each.change === change && (revision === null || each.revision === revision);
      if (isThere && each.commitment === commitment) return each;
    }
  }
  return undefined;
};

/**
 * Reports whether an event about a feature names a commitment. Reads the commits: a view lacks recorded revocations and what a revision made
 * void. Throws CorruptStore.
 */
export const isNamed = async (store: Store, key: string, commitment: string): Promise<boolean> => {
  for (const stream of [REVOCATION_STREAM, featureStream(key)]) {
    for await (const named of namedIn(store, stream)) if (named.commitment === commitment) return true;
  }
  return false;
};

const commandOf = (order: RedactionOrder, { what, stream, version }: NamedIn, at: string): RedactionCommand => {
  const { commitment, key, change, revision, authority, fileNumber, by } = order;
  const ordered = { at, commitment, key, change, revision, authority, fileNumber, by };
  if (order.action === 'disclose') return { type: 'discloseText', ...ordered };
  const { everywhere, reason } = order;
  return { type: 'withholdText', ...ordered, what, stream, version, everywhere, reason };
};

/** Records an order. `not-found`: the place does not name that commitment. */
export const orderRedaction = async (ports: GatePorts, order: RedactionOrder): Promise<Redacted> => {
  const { commitment, by: actor } = order;
  const named = await namedAt(ports.store, order);
  if (named === undefined) return reject('not-found', `${placeName(order)} names nothing by ${commitment}`);
  const done = await submit(ports, redactionAggregate, {
    stream: redactionStream(commitment),
    commandId: `redaction/${ports.newId()}`,
    actor,
    command: (at) => commandOf(order, named, at),
  });
  if (!done.ok) return done;
  const redaction = redactionAt(done.state, order);
  if (redaction === undefined) throw new Error('broken invariant: a redaction was decided and is not there');
  return { ok: true, redaction, all: done.state };
};

type Named = Pick<Redaction, 'what' | 'key' | 'change' | 'revision' | 'commitment'>;

type NamingEvent = FeatureEvent | RosterEvent | RevocationRecorded;

const documentIn = ({ sha256 }: NoticeFacts['documents'][number]): readonly Pick<Named, 'what' | 'commitment'>[] =>
  sha256 === undefined ? [] : [{ what: 'document', commitment: `sha256:${sha256}` }];

const digestsOf = (event: FeatureEvent): readonly Pick<Named, 'what' | 'commitment'>[] => {
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
      // Also documents: their bytes stay stored even if the change closed before they could be attached.
      return [{ what: 'notice', commitment: event.digest }, ...event.notice.documents.flatMap(documentIn)];
    case 'ChangeWithdrawn':
      return [{ what: 'notice', commitment: event.digest }];
    case 'DocumentAttached':
      return [{ what: 'document', commitment: event.sha256 }];
    default: {
      const commitment = commitmentNamed(event);
      return commitment === null ? [] : [{ what: 'text', commitment }];
    }
  }
};

/** Returns the revision of an event; null if it is about the change as a whole, such as a reason, which outlives a revision. */
const revisionOf = (event: FeatureEvent): number | null => {
  if (event.type === 'ChangeNotified') return 1;
  return 'revision' in event && !('reason' in event) ? event.revision : null;
};

/** Returns what an event names: officials' texts, raw notices, and documents, attached or named by hash in a notice. */
export const namedBy = (stream: string, event: NamingEvent): readonly Named[] => {
  if (event.type === 'ProposalAnswered')
    return event.reason === null ? [] : [{ what: 'text', key: null, change: null, revision: null, commitment: event.reason }];
  if (event.type === 'RevocationRecorded') {
    const { key, change, reason } = event;
    return reason === null ? [] : [{ what: 'text', key, change, revision: null, commitment: reason }];
  }
  if (!('change' in event)) return [];
  const place = { key: featureOf(stream), change: event.change, revision: revisionOf(event) };
  return digestsOf(event).map((named) => ({ ...named, ...place }));
};

const schemaOf = (stream: string): z.ZodType<NamingEvent> | undefined => {
  if (isFeatureStream(stream)) return FeatureEvent;
  if (stream === ROSTER_STREAM) return RosterEvent;
  return stream === REVOCATION_STREAM ? RevocationRecorded : undefined;
};

/** Returns the events of a commit that can name something, without malformed ones, which the judge refuses. */
export const namingEvents = (stream: string, events: readonly JsonObject[]): readonly NamingEvent[] => {
  const schema = schemaOf(stream);
  return schema === undefined ? [] : events.flatMap((event) => safeParseOnce(schema, event).data ?? []);
};

const Kept = strictObject(() => ({ salt: z.string(), text: z.string() }));

/** `redaction`: the order that withholds it from the public; `text` is then present for officials only. */
export interface OfficialText {
  readonly text?: string | undefined;
  readonly redaction?: Redaction | undefined;
}

/** Withheld texts are hidden from the public, never from those who decide. */
export type Audience = 'public' | 'officials';

export const removeText = ({ sideStore }: Pick<TextPorts, 'sideStore'>, commitment: string): Promise<void> =>
  sideStore.remove(TEXT_KIND, commitment);

const saltOf = (key: Uint8Array, place: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${place}\n${text}`).digest();

/** Returns what {@link keepText} would return, without storing. */
export const nameText = (key: Uint8Array, place: string, text: string): string => commitmentOf(saltOf(key, place, text), text);

const keptText = async ({ sideStore }: TextPorts, commitment: string): Promise<string | undefined> => {
  const parsed = Kept.safeParse(await sideStore.get(TEXT_KIND, commitment));
  if (!parsed.success) return undefined;
  const { salt, text } = parsed.data;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === 32 && commitmentOf(bytes, text) === commitment ? text : undefined;
};

/**
 * Stores an official's free text and returns its commitment for the event. The salt is derived, so that a form sent twice is one act. A
 * text that is already stored stays.
 */
export const keepText = async (ports: TextPorts, key: Uint8Array, place: string, text: string): Promise<string> => {
  const salt = saltOf(key, place, text);
  const commitment = commitmentOf(salt, text);
  if ((await keptText(ports, commitment)) === undefined)
    await ports.sideStore.put(TEXT_KIND, commitment, { salt: salt.toString('base64'), text });
  return commitment;
};

/**
 * Returns a text; undefined if it is missing without a redaction. The redaction is looked up first, so that a text is hidden from the moment
 * its redaction is stored. Never returns a text that does not match its commitment.
 */
export const readText = async (
  ports: TextPorts,
  { commitment, audience, ...place }: Place & { readonly commitment: string; readonly audience: Audience },
): Promise<OfficialText | undefined> => {
  const redaction = await readHiding(ports.store, commitment, place);
  if (redaction !== undefined && audience === 'public') return { redaction };
  const text = await keptText(ports, commitment);
  return text === undefined && redaction === undefined ? undefined : { text, redaction };
};

export const readHidden = async (
  { store }: Pick<TextPorts, 'store'>,
  named: readonly (Place & { readonly commitment: string })[],
): Promise<ReadonlyMap<string, { readonly redaction: Redaction }>> => {
  const read = await Promise.all(
    named.map(async ({ commitment, ...place }) => [commitment, await readHiding(store, commitment, place)] as const),
  );
  return new Map(read.flatMap(([digest, redaction]) => (redaction === undefined ? [] : [[digest, { redaction }] as const])));
};

export const isMissing = async (ports: TextPorts, commitment: string): Promise<boolean> =>
  (await keptText(ports, commitment)) === undefined;
