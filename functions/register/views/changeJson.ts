import * as z from 'zod';
import { missingDocuments } from '../../../domain/feature/awaited.ts';
import { Provenance } from '../../../domain/feature/events.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { type Notice, NoticeFacts } from '../../../domain/feature/notice.ts';
import { secondVoteFrom } from '../../../domain/feature/secondVote.ts';
import { CHANGE_STATUSES, decidableUntil, isOpen } from '../../../domain/feature/state.ts';
import { Terms } from '../../../domain/feature/terms.ts';
import type { RevisionView } from '../../../domain/feature/view.ts';
import { AttachedDocument, ChangeView } from '../../../domain/feature/view.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey, Instant, LocalDate } from '../../../domain/kernel/zodTypes.ts';
import { Authority, OrderFile, RedactionReason } from '../../../domain/redaction/events.ts';
import type { Redaction } from '../../../domain/redaction/state.ts';
import { ballotsAreOpen, RequirementJson, requirementJson, type Today } from './requirements.ts';

/** Wire format. By what order a raw notice or a document is withheld. */
const RedactionNote = strictObject(() => ({
  at: Instant.describe('Since when.'),
  reason: RedactionReason.describe('Why it is not shown.'),
  authority: Authority,
  fileNumber: OrderFile,
})).meta({ id: 'RedactionNote', description: 'An order that hides something.' });

/** Wire format. A change as the API and the public lists return it. */
export const ChangeJson = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  status: z.enum(CHANGE_STATUSES).describe('Where the change stands now.'),
  notice: NoticeFacts.extend({
    feature: FeatureKey,
    description: z.string().exactOptional(),
    redacted: RedactionNote.exactOptional().describe('The order that hides its text.'),
  }).describe('The notice of the revision that stands, with its text where one change is asked for.'),
  provenance: Provenance.describe('How the revision that stands reached the gate.'),
  terms: Terms.nullable().describe('The terms that the next decisions must name; null until a decision has set them.'),
  requirements: z.array(RequirementJson).describe('What the change needs, in the order of the policy.'),
  revisions: z
    .array(z.strictObject({ revision: z.int().min(1), digest: Digest, at: Instant, title: z.string() }))
    .describe('Every revision, oldest first.'),
  documents: z
    .array(
      AttachedDocument.extend({
        url: z.string().describe('Where the bytes are.'),
        redacted: RedactionNote.exactOptional().describe('The order that hides it.'),
      }),
    )
    .describe('The documents that are attached, oldest first.'),
  missingDocuments: z.array(z.string()).describe('Kinds of documents that the rules ask for and that are not attached yet.'),
  closesAt: Instant.nullable(),
  decidableFrom: Instant.nullable().describe(
    'Decisions count from this instant, since the revision must have been public first.',
  ),
  veto: z
    .strictObject({
      requirement: z.string(),
      by: z.enum(['holder', 'deadline']),
      at: Instant,
      until: Instant,
      first: LocalDate,
    })
    .nullable()
    .describe('The veto that waits for an override; null without one.'),
  approved: z
    .strictObject({ at: Instant, validUntil: Instant.nullable() })
    .nullable()
    .describe('When the change was approved, and until when; null if it never was.'),
  contested: ChangeView.shape.contested.describe(
    'Who contested that the update is maintenance, and when; `reason` is the commitment to the text. Null without a contest.',
  ),
  ended: z
    .strictObject({ at: Instant, because: z.string() })
    .nullable()
    .describe('When the change or its approval ended, and by what; null while it has not.'),
  checkpoint: z.string().nullable(),
})).meta({ id: 'Change', description: 'One change of one feature, with all its revisions and requirements.' });
export type ChangeJson = z.infer<typeof ChangeJson>;

/**
 * The parts of an answer about a change beside its view. `words`: its notice in full, for the text that the facts leave out. `hidden`: what
 * orders withhold of its newest notice and its documents, by digest.
 */
export interface ChangeFacts {
  readonly words?: Notice | undefined;
  readonly hidden?: ReadonlyMap<string, { readonly redaction: Redaction }>;
  readonly checkpoint: string | undefined;
}

/** Returns the path of an attached document's bytes. */
export const documentUrl = (sha256: string): string => `/log/document/${sha256.slice('sha256:'.length)}`;

/** Returns the revision that stands; every change has one. */
export const latestOf = ({ key, number: n, revisions }: ChangeView): RevisionView => {
  const latest = revisions.at(-1);
  if (latest === undefined) throw new Error(`broken invariant: ${changeId(key, n)} has no wording`);
  return latest;
};

/**
 * Returns the terms that decisions must name; null if only ballots that are still open have set them, since terms would then reveal
 * that a member said yes.
 */
export const shownTerms = (view: ChangeView): Terms | null => {
  if (!view.requirements.some((requirement) => ballotsAreOpen(view, requirement))) return view.terms;
  const open = new Set(view.requirements.filter((requirement) => ballotsAreOpen(view, requirement)).map(({ id }) => id));
  const { revision } = latestOf(view);
  const elsewhere = view.acts.some(
    (act) =>
      act.type !== 'ApprovalRevoked' && act.type !== 'AdviceGiven' && act.revision === revision && !open.has(act.requirement),
  );
  return elsewhere ? view.terms : null;
};

const vetoJson = (view: ChangeView, { zone }: Today): ChangeJson['veto'] => {
  const first = secondVoteFrom(view, zone);
  return view.veto === null || first === undefined ? null : { ...view.veto, first };
};

/** Returns the field that names the order by which something is withheld; no field if it is not. */
const redactedIn = (hidden: ChangeFacts['hidden'], digest: string): { readonly redacted?: z.infer<typeof RedactionNote> } => {
  const { redaction } = hidden?.get(digest) ?? {};
  if (redaction === undefined) return {};
  const { at, reason, authority, fileNumber } = redaction;
  return { redacted: { at, reason, authority, fileNumber } };
};

/** Returns a change as it is at `today.now`; `view` must be presented for that instant. */
export const changeJson = (view: ChangeView, today: Today, { words, hidden, checkpoint }: ChangeFacts): ChangeJson => {
  const latest = latestOf(view);
  const open = isOpen(view);
  return {
    change: changeId(view.key, view.number),
    revision: latest.revision,
    digest: latest.digest,
    status: view.status,
    notice: {
      feature: view.key,
      ...latest.notice,
      ...(words?.description !== undefined && { description: words.description }),
      ...redactedIn(hidden, latest.digest),
    },
    provenance: latest.provenance,
    terms: shownTerms(view),
    requirements: view.requirements.map((requirement) => requirementJson(view, requirement, today)),
    revisions: view.revisions.map(({ revision, digest, at, notice }) => ({ revision, digest, at, title: notice.title })),
    documents: view.documents.map((document) => ({
      ...document,
      url: documentUrl(document.sha256),
      ...redactedIn(hidden, document.sha256),
    })),
    missingDocuments: open ? [...missingDocuments(view)] : [],
    closesAt: open ? decidableUntil(view) : null,
    decidableFrom: open ? (view.pinned?.from ?? null) : null,
    veto: vetoJson(view, today),
    approved: view.approved && { at: view.approved.at, validUntil: view.approved.validUntil },
    contested: view.contested,
    ended: view.ended,
    checkpoint: checkpoint ?? null,
  };
};
