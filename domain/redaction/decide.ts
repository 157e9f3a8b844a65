import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { TextRedacted } from './events.ts';

/** Raise it whenever `evolve` or the shape of the state changes. */
export const REDACTION_STATE_VERSION = 1;

/** Storage format: the redaction itself, null while there is none. */
export const RedactionState = TextRedacted.nullable();
export type RedactionState = TextRedacted | null;

/** Take a text away for good. */
export type RedactText = Omit<TextRedacted, 'type' | 'v'>;

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

/** The redaction of one text: stream `redaction/<hex of its commitment>`, of one commit. Nothing undoes it. */
export const redactionDecider: Decider<RedactText, RedactionState, TextRedacted, RedactionRejection> = {
  initialState: null,
  decide,
  evolve: (_state, event) => event,
};

const PREFIX = 'redaction/';

/** The stream of one text's redaction. A stream of its own keeps the state of features free of it, however many there are. */
export const redactionStream = (commitment: string): string => `${PREFIX}${commitment.slice('sha256:'.length)}`;

export const isRedactionStream = (stream: string): boolean => stream.startsWith(PREFIX);
