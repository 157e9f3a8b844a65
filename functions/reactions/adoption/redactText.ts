import { commitmentsOf } from '../../../domain/feature/eventFacts.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import { isRedactionStream, type RedactionRejection, redactionStream } from '../../../domain/redaction/decide.ts';
import type { RedactionReason, TextRedacted } from '../../../domain/redaction/events.ts';
import { featureAggregate } from '../../gate/aggregates.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { redactionAggregate } from '../../gate/redaction.ts';
import type { TextPorts } from '../../gate/texts.ts';
import { removeText } from '../../gate/texts.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { eventsOf, load } from '../../platform/store/load.ts';
import { type StoreRejection, submit } from '../../platform/store/submit.ts';

/** An order to redact a text: which text, why, and on whose authority. `by` comes from the credential, never from a request body. */
export interface RedactionOrder {
  readonly key: string;
  readonly commitment: string;
  readonly reason: RedactionReason;
  readonly by: string;
  readonly authority: string;
  readonly fileNumber: string;
}

export type Redacted =
  | { readonly ok: true; readonly redaction: TextRedacted }
  | { readonly ok: false; readonly rejection: Rejection<RedactionRejection | StoreRejection | 'no-such-text'> };

/** Returns the commit of a feature's stream that first names a text. */
const placeOf = async ({ store }: TextPorts, key: string, commitment: string) => {
  for await (const record of commitsAbove(store, featureStream(key), 0)) {
    const event = eventsOf(featureAggregate, record).find((each) => commitmentsOf(each).includes(commitment));
    if (event !== undefined) return { change: event.change, version: record.version };
  }
  return undefined;
};

/** Side kind, derived: the redacted texts of a feature, so that its history shows them with one read. */
const KIND = 'redaction';
const indexId = (key: string, commitment: string): string => `${key}/${commitment}`;

/** Removes a text whose redaction is recorded. Repeating it is safe, which is how a crash heals. */
const carryOut = async (ports: TextPorts, { key, commitment, at, reason }: TextRedacted): Promise<void> => {
  await removeText(ports, commitment);
  await ports.sideStore.put(KIND, indexId(key, commitment), { at, reason });
};

/** Returns the redacted texts of a feature, by their commitments. Derived, so it may lag by a moment. */
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
 * Redacts an official's text: records the redaction, then removes the text and its salt. The same order again gives the same result and
 * completes what a crash interrupted. Rejects with `no-such-text` if the feature never named that commitment, and with `already-redacted`
 * for a different order.
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

/**
 * Returns a consumer of the feed that removes redacted texts, also after a crash between the two steps and after an old backup was
 * restored.
 */
export const redactor = (ports: TextPorts): Consumer => ({
  name: 'redactor',
  wants: isRedactionStream,
  handle: async ({ stream }) => {
    const { state } = await load(ports.store, redactionAggregate, stream);
    if (state !== null) await carryOut(ports, state);
  },
});
