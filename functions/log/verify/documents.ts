import { isDocumentStream } from '../../../domain/documents/decide.ts';
import { DocumentPartKept } from '../../../domain/documents/events.ts';
import { type Commit, hashOf } from '../../../domain/kernel/commit.ts';

/** Returns the part of a document that a commit keeps; undefined for a commit of another stream, or one that the judge refuses. */
export const documentPartOf = ({ stream, events }: Pick<Commit, 'stream' | 'events'>): DocumentPartKept | undefined =>
  isDocumentStream(stream) ? DocumentPartKept.safeParse(events[0]).data : undefined;

/** Returns the digest of the document that a commit completes; undefined if it completes none. */
export const documentCompleted = (commit: Pick<Commit, 'stream' | 'events'>): string | undefined => {
  const part = documentPartOf(commit);
  return part !== undefined && part.part === part.of ? part.sha256 : undefined;
};

/** Returns why the bytes beside a commit are not the part that it keeps; undefined if they are, or if it keeps none. */
export const partProblem = (commit: Commit, bytesOf: (digest: string) => Uint8Array | undefined): string | undefined => {
  const part = documentPartOf(commit);
  if (part === undefined) return undefined;
  const bytes = bytesOf(part.partSha256);
  if (bytes === undefined) return `part ${part.part} of the document ${part.sha256} is missing`;
  return hashOf(bytes) === part.partSha256 ? undefined : `part ${part.part} of the document ${part.sha256} is another`;
};
