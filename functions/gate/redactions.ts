import type * as z from 'zod';
import { featureStream } from '../../domain/feature/keys.ts';
import type { Assertion } from '../../domain/kernel/assertion.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import {
  type RedactionCommand,
  type RedactionRejection,
  redactionDecider,
  redactionStream,
} from '../../domain/redaction/decide.ts';
import { RedactionEvent, type RedactionReason } from '../../domain/redaction/events.ts';
import { isHidden, REDACTION_STATE_VERSION, Redaction, RedactionState } from '../../domain/redaction/state.ts';
import { REVOCATION_STREAM } from '../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { commitsAbove } from '../platform/feed/commitsAbove.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { namedBy, namingEvents } from './named.ts';
import type { GatePorts } from './ports.ts';
import { confirmationPasskeys } from './rosters.ts';
import { rulesInForce } from './rules.ts';

/** The redaction of one text: stream `redaction/<hex of its commitment>`. */
export const redactionAggregate = aggregate(redactionDecider, REDACTION_STATE_VERSION, RedactionState, RedactionEvent);

/** Returns what the orders about a text have come to; null if there were none. Costs one strongly consistent read. */
export const readRedaction = async (store: Store, commitment: string): Promise<RedactionState> =>
  (await load(store, redactionAggregate, redactionStream(commitment))).state;

/** The ports for officials' texts: where they are stored, and where their redactions are recorded. */
export interface TextPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}

/** Side kind: the texts of officials, by their commitment. */
export const TEXT_KIND = 'text';

/** Side kind, derived: what is hidden of a feature, or of the roster, so that a list shows it with one read. */
const KIND = 'redaction';
/** Side kind, derived: the disposals that wait for a second person, by their commitments. */
const WAITING = 'disposal';
/** Entries of the roster have an empty key, which no feature has. */
const indexPrefix = (key: string | null): string => `${key ?? ''}/`;

/** What a history shows of a redaction. */
const RedactionNote = Redaction.pick({ status: true, at: true, reason: true, authority: true, fileNumber: true });
export type RedactionNote = z.infer<typeof RedactionNote>;

/**
 * Keeps the indexes of histories and of inboxes as the orders about a text say. Derived, so what cannot be read of them is left out. Repeating it is safe.
 * Nothing is destroyed here: that follows the log (see `redactor`).
 */
export const indexRedaction = async ({ store, sideStore }: TextPorts, commitment: string): Promise<void> => {
  const state = await loadReadable(store, redactionAggregate, redactionStream(commitment));
  if (state === null) return;
  const { key, status, at, reason, authority, fileNumber } = state;
  const id = `${indexPrefix(key)}${commitment}`;
  if (isHidden(state)) await sideStore.put(KIND, id, { status, at, reason, authority, fileNumber });
  else await sideStore.remove(KIND, id);
  if (status === 'disposal-requested') await sideStore.put(WAITING, commitment, {});
  else await sideStore.remove(WAITING, commitment);
};

/** Returns the disposals that wait for a second person, oldest first. The index may lag; each is read with strong consistency. */
export const waitingDisposals = async ({ store, sideStore }: TextPorts): Promise<readonly Redaction[]> => {
  const listed = await sideStore.list(WAITING);
  const read = await Promise.all(listed.map(({ id }) => loadReadable(store, redactionAggregate, redactionStream(id))));
  return read
    .flatMap((state) => (state?.status === 'disposal-requested' ? [state] : []))
    .toSorted((one, other) => ascending(one.at, other.at));
};

/** Returns what is hidden of a feature, or with null of the roster, by its commitments. Derived, so it may lag by a moment. */
export const redactionsOf = async ({ sideStore }: TextPorts, key: string | null): Promise<ReadonlyMap<string, RedactionNote>> => {
  const prefix = indexPrefix(key);
  return new Map(
    (await sideStore.list(KIND, prefix)).flatMap(({ id, value }) => {
      const note = RedactionNote.safeParse(value).data;
      return note === undefined ? [] : [[id.slice(prefix.length), note] as const];
    }),
  );
};

/**
 * An order about a text, a raw notice or a document of a feature, or with `key` null about a text of the roster, on a legal authority and by
 * a file. `by` and `person` come from the credential.
 */
interface Order {
  readonly key: string | null;
  readonly commitment: string;
  readonly authority: string;
  readonly fileNumber: string;
  readonly by: string;
}
type WithReason = Order & { readonly reason: RedactionReason };

/** An order to withhold, to show again, or to dispose of a text once a second person confirms. */
export type RedactionOrder =
  | (WithReason & { readonly action: 'withhold' })
  | (Order & { readonly action: 'disclose' })
  | (WithReason & { readonly action: 'dispose'; readonly person: string | null });

export type Redacted =
  | { readonly ok: true; readonly redaction: Redaction }
  | { readonly ok: false; readonly rejection: Rejection<RedactionRejection | StoreRejection | 'no-such-text'> };

type Place = Pick<Redaction, 'what' | 'stream' | 'version' | 'key' | 'change'>;

/**
 * Returns the commit that first names a commitment. Recorded revocations are searched before their feature, because its stream may be
 * what cannot be read.
 */
const placeOf = async ({ store }: TextPorts, key: string | null, commitment: string): Promise<Place | undefined> => {
  for (const stream of key === null ? [ROSTER_STREAM] : [REVOCATION_STREAM, featureStream(key)]) {
    for await (const record of commitsAbove(store, stream, 0)) {
      const { version, events } = commitOf(record);
      const named = namingEvents(stream, events)
        .flatMap((event) => namedBy(stream, event))
        .find((each) => each.key === key && each.commitment === commitment);
      if (named !== undefined) return { what: named.what, stream, version, key, change: named.change };
    }
  }
  return undefined;
};

interface Redacting {
  readonly commitment: string;
  readonly actor: string;
  readonly notBefore?: string;
  readonly command: (at: string) => RedactionCommand;
}

/** Records a command on a redaction. A disposal destroys the text only once it is in the log, and so was judged. */
const record = async (ports: GatePorts, { commitment, ...request }: Redacting): Promise<Redacted> => {
  const stream = redactionStream(commitment);
  const done = await submit(ports, redactionAggregate, { stream, commandId: `redaction/${ports.newId()}`, ...request });
  if (!done.ok) return done;
  if (done.state === null) throw new Error('broken invariant: a redaction was decided and is not there');
  await indexRedaction(ports, commitment);
  return { ok: true, redaction: done.state };
};

const commandOf = (order: RedactionOrder, place: Place, at: string) => {
  const { commitment, authority, fileNumber, by } = order;
  const ordered = { at, commitment, authority, fileNumber, by };
  switch (order.action) {
    case 'withhold':
      return { type: 'withholdText', ...ordered, ...place, reason: order.reason } as const;
    case 'disclose':
      return { type: 'discloseText', ...ordered } as const;
    case 'dispose':
      return { type: 'requestDisposal', ...ordered, ...place, reason: order.reason, person: order.person } as const;
  }
};

/**
 * Records an order. The same order again gives the same result and completes what a crash interrupted. Rejects with `no-such-text` if the
 * feature, or the roster, never named that commitment.
 */
export const orderRedaction = async (ports: GatePorts, order: RedactionOrder): Promise<Redacted> => {
  const { key, commitment, by: actor } = order;
  const place = await placeOf(ports, key, commitment);
  if (place === undefined)
    return { ok: false, rejection: { code: 'no-such-text', detail: `${key ?? 'the roster'} names nothing by ${commitment}` } };
  return record(ports, { commitment, actor, command: (at) => commandOf(order, place, at) });
};

/** The confirmation of one disposal by one person in a seat, with the signature of their passkey if one is required. */
export interface DisposalConfirmation {
  readonly commitment: string;
  readonly request: string;
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
  readonly assertion?: Assertion;
}

/** Confirms a disposal on behalf of a clerk. The text is destroyed once the confirmation is in the log. */
export const confirmDisposal = async (
  ports: GatePorts,
  { commitment, ...confirmed }: DisposalConfirmation,
): Promise<Redacted> => {
  const { zone, notBefore, roster, handovers } = await rulesInForce(ports);
  const passkeyAsked = (await confirmationPasskeys(ports, confirmed.holder)) !== undefined;
  return record(ports, {
    commitment,
    actor: `holder:${confirmed.holder}`,
    notBefore,
    command: (at) => ({
      type: 'confirmDisposal',
      at,
      ...confirmed,
      when: localMoment(at, zone),
      roster,
      handovers,
      passkeyAsked,
    }),
  });
};
