import {
  REDACTION_STATE_VERSION,
  type RedactionRejection,
  RedactionState,
  type RedactText,
  redactionDecider,
  redactionStream,
} from '../../domain/redaction/decide.ts';
import { TextRedacted } from '../../domain/redaction/events.ts';
import type { Aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';

/** The redaction of one text: stream `redaction/<hex of its commitment>`. */
export const redactionAggregate: Aggregate<RedactText, RedactionState, TextRedacted, RedactionRejection> = {
  decider: redactionDecider,
  stateVersion: REDACTION_STATE_VERSION,
  parseEvent: (json) => TextRedacted.parse(json),
  parseState: (json) => RedactionState.parse(json),
};

/** Returns the redaction of a text; undefined if it was not redacted. Costs one strongly consistent read. */
export const readRedaction = async (store: Store, commitment: string): Promise<TextRedacted | undefined> =>
  (await load(store, redactionAggregate, redactionStream(commitment))).state ?? undefined;
