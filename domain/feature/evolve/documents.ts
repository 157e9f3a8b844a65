import type { EventOf, Pinned } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { update } from './edit.ts';

/** Length of a document's mark in the state: 72 bits in hex. */
export const DOCUMENT_MARK_CHARS = 18;

export const documentMark = (sha256: string): string => sha256.slice('sha256:'.length, 'sha256:'.length + DOCUMENT_MARK_CHARS);

export const documentsAsked = (pinned: Pinned | null, attached: ChangeState['documents']): ChangeState['documents'] => ({
  ...attached,
  ...Object.fromEntries((pinned?.missing ?? []).map((kind) => [kind, ''])),
});

export const kindsAttached = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [] : [kind]));

export const kindsMissing = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [kind] : []));

export const attached = (state: FeatureState, { change: n, kind, sha256 }: EventOf<'DocumentAttached'>): FeatureState =>
  update(state, n, (change) => ({ ...change, documents: { ...change.documents, [kind]: documentMark(sha256) } }));
