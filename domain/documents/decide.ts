import { DOCUMENT_BYTES_MAX } from '../kernel/commit.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { DocumentPartKept } from './events.ts';

export const DOCUMENT_STATE_VERSION = 1;

/** Storage format: the newest part that is kept, null before the first. */
export const DocumentState = DocumentPartKept.nullable();
export type DocumentState = DocumentPartKept | null;

export type KeepPart = Omit<DocumentPartKept, 'type' | 'v'>;

export type DocumentRejection = 'document-refused' | 'too-large';

const decide = (command: KeepPart, state: DocumentState): Decision<DocumentPartKept, DocumentRejection> => {
  if (command.bytes > DOCUMENT_BYTES_MAX) return reject('too-large', `a document has at most ${DOCUMENT_BYTES_MAX} bytes`);
  const kept = state?.part ?? 0;
  if (command.part <= kept) return nothing;
  if (command.part !== kept + 1) return reject('document-refused', `part ${kept + 1} comes first`);
  const same = state === null || (state.bytes === command.bytes && state.mediaType === command.mediaType);
  if (!same) return reject('document-refused', 'the parts that are kept are of another document');
  return accept<DocumentPartKept>({ type: 'DocumentPartKept', v: 1, ...command });
};

/** The bytes of one document: a commit for each part. A stream of its own keeps documents out of the commits of features. */
export const documentDecider: Decider<KeepPart, DocumentState, DocumentPartKept, DocumentRejection> = {
  initialState: null,
  decide,
  evolve: (_state, event) => event,
};

export const documentStream = (sha256: string): string => `document/${sha256.slice('sha256:'.length)}`;

export const isComplete = (state: DocumentState): state is DocumentPartKept => state !== null && state.part === state.of;
