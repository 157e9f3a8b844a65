import type * as z from 'zod';
import { commitmentsOf } from '../../domain/feature/eventFacts.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { Assertion } from '../../domain/kernel/assertion.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import {
  type RedactionCommand,
  type RedactionRejection,
  redactionDecider,
  redactionStream,
} from '../../domain/redaction/decide.ts';
import { RedactionEvent, type RedactionReason } from '../../domain/redaction/events.ts';
import { isHidden, REDACTION_STATE_VERSION, Redaction, RedactionState } from '../../domain/redaction/state.ts';
import { commitsAbove } from '../platform/feed/commitsAbove.ts';
import type { Aggregate } from '../platform/store/aggregate.ts';
import { eventsOf, load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { featureAggregate } from './aggregates.ts';
import type { GatePorts } from './ports.ts';
import { confirmationPasskeys } from './rosters.ts';
import { rulesInForce } from './rules.ts';

/** The redaction of one text: stream `redaction/<hex of its commitment>`. */
export const redactionAggregate: Aggregate<RedactionCommand, RedactionState, RedactionEvent, RedactionRejection> = {
  decider: redactionDecider,
  stateVersion: REDACTION_STATE_VERSION,
  parseEvent: (json) => RedactionEvent.parse(json),
  parseState: (json) => RedactionState.parse(json),
};

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

/** Side kind, derived: the redacted texts of a feature, so that its history shows them with one read. */
const KIND = 'redaction';
const indexId = (key: string, commitment: string): string => `${key}/${commitment}`;

/** What a history shows of a redaction. */
const RedactionNote = Redaction.pick({ status: true, at: true, reason: true, authority: true, fileNumber: true });
export type RedactionNote = z.infer<typeof RedactionNote>;

/**
 * Keeps the index of histories as the orders about a text say. Derived, so what cannot be read of them is left out. Repeating it is safe.
 * Nothing is destroyed here: that follows the log (see `redactor`).
 */
export const indexRedaction = async ({ store, sideStore }: TextPorts, commitment: string): Promise<void> => {
  const state = await loadReadable(store, redactionAggregate, redactionStream(commitment));
  if (state === null) return;
  const { key, status, at, reason, authority, fileNumber } = state;
  if (isHidden(state)) await sideStore.put(KIND, indexId(key, commitment), { status, at, reason, authority, fileNumber });
  else await sideStore.remove(KIND, indexId(key, commitment));
};

/** Returns the hidden texts of a feature, by their commitments. Derived, so it may lag by a moment. */
export const redactionsOf = async ({ sideStore }: TextPorts, key: string): Promise<ReadonlyMap<string, RedactionNote>> =>
  new Map(
    (await sideStore.list(KIND, `${key}/`)).flatMap(({ id, value }) => {
      const note = RedactionNote.safeParse(value).data;
      return note === undefined ? [] : [[id.slice(key.length + 1), note] as const];
    }),
  );

/** An order about a text of a feature, on a legal authority and by a file. `by` and `person` come from the credential. */
interface Order {
  readonly key: string;
  readonly commitment: string;
  readonly authority: string;
  readonly fileNumber: string;
  readonly by: string;
}
type WithReason = Order & { readonly reason: RedactionReason };

/** An order to withhold a text, to show it again, or to dispose of it once a second person confirms. */
export type RedactionOrder =
  | (WithReason & { readonly action: 'withhold' })
  | (Order & { readonly action: 'disclose' })
  | (WithReason & { readonly action: 'dispose'; readonly person: string | null });

export type Redacted =
  | { readonly ok: true; readonly redaction: Redaction }
  | { readonly ok: false; readonly rejection: Rejection<RedactionRejection | StoreRejection | 'no-such-text'> };

/** Returns the commit of a feature's stream that first names a text. */
const placeOf = async ({ store }: TextPorts, key: string, commitment: string) => {
  for await (const record of commitsAbove(store, featureStream(key), 0)) {
    const event = eventsOf(featureAggregate, record).find((each) => commitmentsOf(each).includes(commitment));
    if (event !== undefined) return { change: event.change, version: record.version };
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

const commandOf = (order: RedactionOrder, place: { readonly change: number; readonly version: number }, at: string) => {
  const { key, commitment, authority, fileNumber, by } = order;
  const ordered = { at, commitment, authority, fileNumber, by };
  switch (order.action) {
    case 'withhold':
      return { type: 'withholdText', ...ordered, key, ...place, reason: order.reason } as const;
    case 'disclose':
      return { type: 'discloseText', ...ordered } as const;
    case 'dispose':
      return { type: 'requestDisposal', ...ordered, key, ...place, reason: order.reason, person: order.person } as const;
  }
};

/**
 * Records an order about an official's text. The same order again gives the same result and completes what a crash interrupted.
 * Rejects with `no-such-text` if the feature never named that commitment.
 */
export const orderRedaction = async (ports: GatePorts, order: RedactionOrder): Promise<Redacted> => {
  const { key, commitment, by: actor } = order;
  const place = await placeOf(ports, key, commitment);
  if (place === undefined)
    return { ok: false, rejection: { code: 'no-such-text', detail: `${key} names no text ${commitment}` } };
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
