import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import type { AttachDocument } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { documentMark } from '../evolve/documents.ts';
import type { ChangeState } from '../state.ts';
import { checkOpen, checkWords, type Decided, type FeatureCheck } from './guard.ts';

/**
 * A document must be one that the notice names by its hash, if it names any of the kind; one from the vendor must always be, because the
 * vendor's signature covers the notice only.
 */
const checkNamed = ({ by, kind, sha256, documents }: AttachDocument): FeatureCheck => {
  const hashes = documents.flatMap((each) => (each.kind === kind && each.sha256 !== undefined ? [`sha256:${each.sha256}`] : []));
  if (hashes.includes(sha256) || (hashes.length === 0 && !by.startsWith('vendor:'))) return PASSED;
  return reject(
    'document-refused',
    hashes.length === 0
      ? `the notice names no ${kind} by its hash; the vendor can send a revision that does`
      : `the notice names another ${kind}, ${hashes.join(' or ')}`,
    '/content',
  );
};

/** Attaches a document that the rule asks for; its bytes are kept already. None is attached after a body has approved. */
export const attach = (command: AttachDocument, change: ChangeState): Decided => {
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { at, kind, title, sha256, mediaType, bytes, by } = command;
  const known = Object.hasOwn(change.documents, kind) ? change.documents[kind] : undefined;
  if (known === undefined) return reject('document-refused', `the rule for this change asks for no ${kind}`, '/kind');
  if (known === documentMark(sha256)) return nothing;
  if (change.terms !== null) return reject('already-decided', 'a body has decided on the documents that were there');
  const fits = checkNamed(command);
  if (!fits.ok) return fits;
  const { number, revision, digest } = change;
  return accept<FeatureEvent>({
    type: 'DocumentAttached',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    kind,
    title,
    sha256,
    mediaType,
    bytes,
    by,
  });
};
