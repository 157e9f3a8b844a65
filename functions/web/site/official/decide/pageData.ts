import type { LinkDeps } from '../../deps.ts';
import type { Locale } from '../../locale.ts';
import { type LogReference, logReferenceOf } from '../../parts/logReference.ts';
import { type OfficialTexts, officialTextsOf } from '../../parts/officialTexts.ts';
import { type PolicyChange, policyChangeOf } from '../../parts/policyChange.ts';
import { type ComparedText, comparisonsOf, comparisonWith, revisionTextOf } from '../../parts/revisionText.ts';
import { passkeysFor } from './passkey.ts';
import { canAct, type Situation } from './situation.ts';

/** The data of a link's page beside the situation. */
export interface PageData extends ComparedText {
  /** The positions of the person's own acts in the public log, by the version of their commit. */
  readonly logReferences: ReadonlyMap<number, LogReference>;
  readonly texts: OfficialTexts;
  /** The differences in the rules that a change of the policy makes; undefined for every other change. */
  readonly policy: PolicyChange | undefined;
  /** The rules require a passkey of this person, who has none. */
  readonly lacksPasskey: boolean;
}

const lacksPasskey = async (deps: LinkDeps, situation: Situation): Promise<boolean> =>
  situation.passkeys === 'required' && canAct(situation) && (await passkeysFor(deps, situation)).owned.length === 0;

const logReferencesOf = async (
  deps: LinkDeps,
  { link, mine, revocation }: Situation,
): Promise<ReadonlyMap<number, LogReference>> => {
  const acts = revocation === undefined ? mine : [...mine, revocation];
  return new Map(
    await Promise.all(acts.map(async ({ version }) => [version, await logReferenceOf(deps, link.key, version)] as const)),
  );
};

/** Reads a link's page data. A link bound to an earlier revision compares that one with the latest; see {@link comparisonsOf} otherwise. */
export const pageDataOf = async (deps: LinkDeps, locale: Locale, situation: Situation): Promise<PageData> => {
  const { latest, bound, view } = situation;
  const [current, texts, logReferences, policy, lacking] = await Promise.all([
    revisionTextOf(deps, view, latest, 'officials'),
    officialTextsOf(deps, view, 'officials'),
    logReferencesOf(deps, situation),
    policyChangeOf(deps, view, latest),
    lacksPasskey(deps, situation),
  ]);
  const shown = { current, texts, logReferences, policy, lacksPasskey: lacking };
  if (bound !== undefined && bound.revision !== latest.revision)
    return { ...shown, earlier: [await comparisonWith(deps, locale, { view, revision: bound, audience: 'officials' })] };
  return { ...shown, earlier: await comparisonsOf(deps, locale, situation, 'officials') };
};
