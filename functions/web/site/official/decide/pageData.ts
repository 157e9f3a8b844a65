import type { ChangeView, RevisionView } from '../../../../../domain/feature/view.ts';
import { type OfficialText, readText } from '../../../../gate/texts.ts';
import { readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { noticeOf } from '../../../../register/views/noticeWords.ts';
import type { SiteDeps } from '../../deps.ts';
import { html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import type { Wording } from '../../parts/difference.ts';
import { type LogReference, logReferenceOf } from '../../parts/logReference.ts';
import type { Comparison, PageData } from './changeDetails.ts';
import type { Situation } from './situation.ts';

/** The texts of a wording; the long one comes from the notice as it was sent. */
export const wordingOf = async ({ ports }: Pick<SiteDeps, 'ports'>, key: string, revision: RevisionView): Promise<Wording> => {
  const notice = await noticeOf(ports.store, key, revision);
  return { title: revision.notice.title, summary: revision.notice.summary, description: notice?.description ?? '' };
};

/** A change with its feature's state: what its words can be compared with is known from both. */
type Compared = Pick<Situation, 'view' | 'state'>;

/** The wording that was approved last, unless it is this very change's. */
const approvedWording = async (deps: SiteDeps, { view, state }: Compared): Promise<Wording | undefined> => {
  if (state.standing === null || state.standing === view.number) return undefined;
  const reading = await readChange(deps.ports, view.key, state.standing);
  return reading === undefined || reading === 'unreadable' ? undefined : wordingOf(deps, view.key, latestOf(reading.view));
};

/** The officials' texts of a change by their commitment, or what took them away; what is missing without a redaction is left out. */
export const textsOf = async (
  { ports }: Pick<SiteDeps, 'ports'>,
  view: ChangeView,
): Promise<ReadonlyMap<string, OfficialText>> => {
  const commitments = view.acts.flatMap((act) => (act.type === 'ApprovalRevoked' ? act.reason : act.comment) ?? []);
  const texts = await Promise.all(commitments.map((commitment) => readText(ports, commitment)));
  return new Map(
    commitments.flatMap((commitment, index) => (texts[index] === undefined ? [] : [[commitment, texts[index]] as const])),
  );
};

/** Where the acts of a receipt stand in the public log, by the version of their commit. */
const logReferencesOf = async (
  deps: SiteDeps,
  { link, mine, revocation }: Situation,
): Promise<ReadonlyMap<number, LogReference>> => {
  const acts = revocation === undefined ? mine : [...mine, revocation];
  return new Map(
    await Promise.all(acts.map(async ({ version }) => [version, await logReferenceOf(deps, link.key, version)] as const)),
  );
};

const since = async (deps: SiteDeps, { words, say }: Locale, key: string, revision: RevisionView): Promise<Comparison> => ({
  wording: await wordingOf(deps, key, revision),
  note: say(words.change.sinceRevision, { n: revision.revision }),
});

/** The wordings a change is compared with: what was approved last, and the wording before, which members may have read. */
export const comparisonsOf = async (deps: SiteDeps, locale: Locale, compared: Compared): Promise<readonly Comparison[]> => {
  const { view } = compared;
  const approved = await approvedWording(deps, compared);
  const before = view.revisions.at(-2);
  return [
    ...(approved === undefined ? [] : [{ wording: approved, note: html`${locale.words.change.sinceApproved}` }]),
    ...(before === undefined ? [] : [await since(deps, locale, view.key, before)]),
  ];
};

/** What a link's page compares: an old link its own wording with the new one; see {@link comparisonsOf} for any other. */
export const pageDataOf = async (deps: SiteDeps, locale: Locale, situation: Situation): Promise<PageData> => {
  const { link, latest, bound, view } = situation;
  const [current, texts, logReferences] = await Promise.all([
    wordingOf(deps, link.key, latest),
    textsOf(deps, view),
    logReferencesOf(deps, situation),
  ]);
  if (bound !== undefined && bound.revision !== latest.revision)
    return { current, texts, logReferences, earlier: [await since(deps, locale, link.key, bound)] };
  return { current, texts, logReferences, earlier: await comparisonsOf(deps, locale, situation) };
};
