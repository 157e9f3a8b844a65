import { type DocumentRejection, documentStream, isComplete } from '../../domain/documents/decide.ts';
import type { DocumentPartKept } from '../../domain/documents/events.ts';
import type { FeatureRejection } from '../../domain/feature/commands.ts';
import { changeId } from '../../domain/feature/keys.ts';
import type { RevisionView } from '../../domain/feature/view.ts';
import { digestOf } from '../../domain/kernel/canonical.ts';
import { DOCUMENT_PART_BYTES } from '../../domain/kernel/commit.ts';
import { latest } from '../../domain/kernel/order.ts';
import { commitsAbove, eventsOf, load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { submit } from '../platform/store/submit.ts';
import { documentAggregate } from './aggregates.ts';
import { type FeatureOrder, orderFeature, withoutCommit } from './feature.ts';
import { type CountedDelivery, countDelivery, type NotTaken } from './noticeLimits.ts';
import type { GatePorts } from './ports.ts';

export interface SentDocument {
  readonly kind: string;
  readonly title: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly actor: string;
  readonly notBefore?: string | undefined;
  readonly counted: CountedDelivery | null;
}

type Kept = { readonly ok: true; readonly document: DocumentPartKept } | NotTaken<DocumentRejection>;

/** Stores the bytes of a document. Skips parts that are stored already, and completes what a crash left incomplete. */
const keepBytes = async (ports: GatePorts, { mediaType, content, actor, notBefore, counted }: SentDocument): Promise<Kept> => {
  const sha256 = digestOf(content);
  const stream = documentStream(sha256);
  const of = Math.ceil(content.length / DOCUMENT_PART_BYTES);
  let { state } = await load(ports.store, documentAggregate, stream);
  const within = await countDelivery(ports, state === null ? counted : null);
  if (!within.ok) return within;
  for (let part = (state?.part ?? 0) + 1; part <= of; part += 1) {
    const bytes = content.subarray((part - 1) * DOCUMENT_PART_BYTES, part * DOCUMENT_PART_BYTES);
    const partSha256 = digestOf(bytes);
    const done = await submit(ports, documentAggregate, {
      stream,
      commandId: `${stream}/${part}`,
      actor,
      notBefore,
      command: (at) => ({ at, sha256, bytes: content.length, mediaType: state?.mediaType ?? mediaType, part, of, partSha256 }),
      attachments: [{ sha256: partSha256, mediaType: 'application/octet-stream', bytes }],
    });
    if (!done.ok) return done;
    state = done.state;
  }
  if (!isComplete(state)) throw new Error(`broken invariant: ${stream} is not complete`);
  return { ok: true, document: state };
};

/** Returns a document's bytes; undefined unless all of them are stored. Throws CorruptStore if a part cannot be read. */
export const readDocument = async (store: Store, sha256: string): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = [];
  for await (const commit of commitsAbove(store, documentStream(sha256), 0)) {
    const [kept] = eventsOf(documentAggregate, commit);
    // Found by digest, since an altered archive can contain other attachments as well.
    const part = commit.attachments.find((each) => each.sha256 === kept?.partSha256);
    if (part !== undefined) parts.push(part.bytes);
  }
  const whole = Buffer.concat(parts);
  return digestOf(whole) === sha256 ? whole : undefined;
};

interface AttachedTo {
  readonly key: string;
  readonly n: number;
  readonly revision: RevisionView;
}

type Attached = { readonly ok: true } | NotTaken<FeatureRejection | DocumentRejection>;

const attachOrder = (
  { key, n, revision }: AttachedTo,
  { kind, title, actor, notBefore }: SentDocument,
  { sha256, bytes, mediaType }: Pick<DocumentPartKept, 'sha256' | 'bytes' | 'mediaType'>,
): FeatureOrder => ({
  key,
  commandId: `document/${changeId(key, n)}/${revision.revision}/${kind}/${sha256}`,
  actor,
  notBefore,
  request: {
    type: 'attach',
    change: n,
    revision: revision.revision,
    digest: revision.digest,
    kind,
    title,
    sha256,
    mediaType,
    bytes,
    by: actor,
    documents: revision.notice.documents,
  },
});

/**
 * Stores a document and attaches it to a revision of an open change. Bytes are stored before any event names them, and only if they can be
 * attached, because stored documents are public permanently.
 */
export const attachDocument = async (ports: GatePorts, to: AttachedTo, sent: SentDocument): Promise<Attached> => {
  const { content, mediaType, notBefore } = sent;
  const offered = { sha256: digestOf(content), bytes: content.length, mediaType };
  const done = await withoutCommit(ports, attachOrder(to, sent, offered));
  if (done !== undefined) return done;
  const kept = await keepBytes(ports, sent);
  if (!kept.ok) return kept;
  const { document } = kept;
  return orderFeature(ports, attachOrder(to, { ...sent, notBefore: latest(document.at, notBefore) }, document));
};
