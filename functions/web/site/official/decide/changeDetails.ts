import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { actList } from '../../parts/acts.ts';
import { approvalPath } from '../../parts/approvalPath.ts';
import { type Wording, wordingDifference } from '../../parts/difference.ts';
import type { LogReference } from '../../parts/logReference.ts';
import { documentList, impactTable } from '../../parts/notice.ts';
import { unsignedNote } from '../../parts/provenance.ts';
import { termsList } from '../../parts/terms.ts';
import type { Texts } from './receipt.ts';
import { canAct, type Situation } from './situation.ts';

/** Words to compare with, and which they are. */
export interface Comparison {
  readonly wording: Wording;
  readonly note: Html;
}

/** What a page shows beside the situation. `earlier`: the words to compare with, approved last and of the wording before. */
export interface PageData {
  /** Where the person's own acts stand in the public log, by the version of their commit. */
  readonly logReferences: ReadonlyMap<number, LogReference>;
  readonly texts: Texts;
  readonly earlier: readonly Comparison[];
  readonly current: Wording;
}

/** What is new in the words, word by word, against each wording that a reader may know. */
export const newWords = (locale: Locale, { current, earlier }: Pick<PageData, 'current' | 'earlier'>): Html =>
  earlier.length === 0
    ? empty
    : html`
<h2>${locale.words.change.newWords}</h2>${earlier.map(
        ({ wording, note }) => html`<p class="fine">${note}</p>${wordingDifference(locale, wording, current)}`,
      )}`;

const soFar = (locale: Locale, { view, roster }: Situation, texts: Texts): Html =>
  view.acts.length === 0
    ? empty
    : html`<details><summary>${locale.words.decide.history}</summary>${actList(locale, view, roster, texts)}</details>`;

/** What is decided about: the impacts, the words, the documents, and where it stands with all that was done so far. */
export const changeDetails = (locale: Locale, situation: Situation, material: PageData): Html => {
  const { words } = locale;
  const { latest, view, link, roster, requirement } = situation;
  const { description } = material.current;
  const readsTerms = requirement !== undefined && !canAct(situation) && situation.mine.length === 0;
  return html`${unsignedNote(locale, latest.provenance)}
<h2>${words.impact.heading}</h2>${impactTable(locale, latest.notice.impact)}${newWords(locale, material)}
${description === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(description)}</p></details>`}
<h2>${words.change.documents}</h2>${documentList(locale, latest.notice.documents, view.pinned?.missing ?? [])}
<h2>${words.change.stands}</h2>${approvalPath(locale, view, roster, link.requirement)}${soFar(locale, situation, material.texts)}
${readsTerms && view.terms !== null ? html`<h2>${words.decide.terms.heading}</h2>${termsList(locale, view.terms)}` : empty}`;
};
