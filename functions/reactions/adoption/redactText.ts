import { commitmentsOf } from '../../../domain/feature/eventFacts.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import { isRedactionStream, type RedactionRejection, redactionStream } from '../../../domain/redaction/decide.ts';
import type { RedactionReason, TextRedacted } from '../../../domain/redaction/events.ts';
import { featureAggregate } from '../../gate/aggregates.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { redactionAggregate } from '../../gate/redaction.ts';
import type { TextPorts } from '../../gate/textPorts.ts';
import { removeText } from '../../gate/texts.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { eventsOf, load } from '../../platform/store/load.ts';
import { submit } from '../../platform/store/submit.ts';

/** Which text is to go, why, and on whose word. `by` comes from the credential, never from a body. */
export interface RedactionOrder {
  readonly key: string;
  readonly commitment: string;
  readonly reason: RedactionReason;
  readonly by: string;
  readonly authority: string | null;
  readonly fileNumber: string | null;
}

export type Redacted =
  | { readonly ok: true; readonly redaction: TextRedacted }
  | { readonly ok: false; readonly rejection: Rejection<RedactionRejection | 'no-such-text' | 'contended' | 'too-large'> };

/** Where a feature's stream first names a text. */
const placeOf = async ({ store }: TextPorts, key: string, commitment: string) => {
  for await (const record of commitsAbove(store, featureStream(key), 0)) {
    const event = eventsOf(featureAggregate, record).find((each) => commitmentsOf(each).includes(commitment));
    if (event !== undefined) return { change: event.change, version: record.version };
  }
  return undefined;
};

/** Of derived use only: which texts of a feature were redacted, so that its history tells so with one read. */
const KIND = 'redaction';
const indexId = (key: string, commitment: string): string => `${key}/${commitment}`;

/** Takes a text away whose redaction is a fact. May be done again: this is how it heals after a crash. */
const carryOut = async (ports: TextPorts, { key, commitment, at, reason }: TextRedacted): Promise<void> => {
  await removeText(ports, commitment);
  await ports.sideStore.put(KIND, indexId(key, commitment), { at, reason });
};

/** The texts of a feature that were redacted, by their commitments. Derived: may lag behind the facts for a moment. */
export const redactionsOf = async (
  { sideStore }: TextPorts,
  key: string,
): Promise<ReadonlyMap<string, { at: string; reason: string }>> =>
  new Map(
    (await sideStore.list(KIND, `${key}/`)).map(({ id, value }) => [
      id.slice(key.length + 1),
      value as { at: string; reason: string },
    ]),
  );

/**
 * Redacts an official's text: first the fact, then the text and its salt go. The same order again gives the same answer and finishes
 * what a crash left. Refused: `no-such-text` where the feature never named that commitment, `already-redacted` for another order.
 */
export const redactText = async (ports: GatePorts, order: RedactionOrder): Promise<Redacted> => {
  const place = await placeOf(ports, order.key, order.commitment);
  if (place === undefined)
    return { ok: false, rejection: { code: 'no-such-text', detail: `${order.key} names no text ${order.commitment}` } };
  const stream = redactionStream(order.commitment);
  const done = await submit(ports, redactionAggregate, {
    stream,
    commandId: `redact/${ports.newId()}`,
    actor: order.by,
    command: (at) => ({ ...order, ...place, at }),
  });
  if (!done.ok) return done;
  const { state } = done;
  if (state === null) throw new Error('broken invariant: a redaction was decided and is not there');
  await carryOut(ports, state);
  return { ok: true, redaction: state };
};

/** A consumer of the feed that takes away what was redacted: it heals a crash between the fact and the deed, and an old backup. */
export const redactor = (ports: TextPorts): Consumer => ({
  name: 'redactor',
  wants: isRedactionStream,
  handle: async ({ stream }) => {
    const { state } = await load(ports.store, redactionAggregate, stream);
    if (state !== null) await carryOut(ports, state);
  },
});
