import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { TextRedacted } from './events.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const REDACTION_STATE_VERSION = 1;

/** Storage format: the redaction itself, null before it. */
export const RedactionState = TextRedacted.nullable();
export type RedactionState = TextRedacted | null;

/** Removes a text permanently, on a legal authority and by an order that is on file. */
export type RedactText = Omit<TextRedacted, 'type' | 'v' | 'authority' | 'fileNumber'> & {
  readonly authority: string;
  readonly fileNumber: string;
};

export type RedactionRejection = 'already-redacted';

const isSameOrder = (command: RedactText, known: TextRedacted): boolean =>
  command.reason === known.reason &&
  command.by === known.by &&
  command.authority === known.authority &&
  command.fileNumber === known.fileNumber;

const decide = (command: RedactText, state: RedactionState): Decision<TextRedacted, RedactionRejection> => {
  if (state === null) return accept<TextRedacted>({ type: 'TextRedacted', v: 1, ...command });
  if (isSameOrder(command, state)) return nothing;
  return reject('already-redacted', `the text was redacted at ${state.at}, because of ${state.reason}`);
};

/** The redaction of one text: stream `redaction/<hex of its commitment>`, of one commit. It cannot be undone. */
export const redactionDecider: Decider<RedactText, RedactionState, TextRedacted, RedactionRejection> = {
  initialState: null,
  decide,
  evolve: (_state, event) => event,
};

const PREFIX = 'redaction/';

/**
 * Returns the stream of one text's redaction. A separate stream keeps redactions out of the state of features, whatever their
 * number.
 */
export const redactionStream = (commitment: string): string => `${PREFIX}${commitment.slice('sha256:'.length)}`;

export const isRedactionStream = (stream: string): boolean => stream.startsWith(PREFIX);
