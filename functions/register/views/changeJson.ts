import { changeId } from '../../../domain/feature/keys.ts';
import type { Notice, NoticeFacts } from '../../../domain/feature/notice.ts';
import { type ChangeStatus, decidableUntil, isOpen } from '../../../domain/feature/state.ts';
import type { Terms } from '../../../domain/feature/terms.ts';
import type { ChangeView, RevisionView } from '../../../domain/feature/view.ts';
import { ballotsAreOpen, type RequirementJson, requirementJson, type Today } from './requirements.ts';

/** Wire format. A change as the API and the public lists tell it. */
export interface ChangeJson {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly notice: NoticeFacts & { readonly feature: string; readonly description?: string };
  readonly provenance: RevisionView['provenance'];
  readonly terms: Terms | null;
  readonly requirements: readonly RequirementJson[];
  readonly revisions: readonly {
    readonly revision: number;
    readonly digest: string;
    readonly at: string;
    readonly title: string;
  }[];
  readonly closesAt: string | null;
  /** From when a decision counts: until then the wording must be public. */
  readonly decidableFrom: string | null;
  readonly veto: ChangeView['veto'];
  readonly approved: { readonly at: string; readonly validUntil: string | null } | null;
  readonly ended: ChangeView['ended'];
  /** The newest published checkpoint of the public log, by its size; null while there is none. */
  readonly checkpoint: string | null;
}

/** What is told of a change beside its view. `words`: its notice in full, for the text that the facts leave out. */
export interface ChangeFacts {
  readonly words?: Notice | undefined;
  readonly checkpoint: string | undefined;
}

/** The wording that stands; every change has one. */
export const latestOf = ({ key, number: n, revisions }: ChangeView): RevisionView => {
  const latest = revisions.at(-1);
  if (latest === undefined) throw new Error(`broken invariant: ${changeId(key, n)} has no wording`);
  return latest;
};

/**
 * The terms that decisions must name, unless only ballots that are still open have set them: terms then would tell that
 * somebody said yes.
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

/** A change as it is at `today.now`; `view` must have been brought there. */
export const changeJson = (view: ChangeView, today: Today, { words, checkpoint }: ChangeFacts): ChangeJson => {
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
    },
    provenance: latest.provenance,
    terms: shownTerms(view),
    requirements: view.requirements.map((requirement) => requirementJson(view, requirement, today)),
    revisions: view.revisions.map(({ revision, digest, at, notice }) => ({ revision, digest, at, title: notice.title })),
    closesAt: open ? decidableUntil(view) : null,
    decidableFrom: open ? (view.pinned?.from ?? null) : null,
    veto: view.veto,
    approved: view.approved && { at: view.approved.at, validUntil: view.approved.validUntil },
    ended: view.ended,
    checkpoint: checkpoint ?? null,
  };
};
