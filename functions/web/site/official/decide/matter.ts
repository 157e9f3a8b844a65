import { empty, foreign, type Html, html } from '../../html.ts';
import { actList } from '../../parts/acts.ts';
import { type Wording, wordingDifference } from '../../parts/difference.ts';
import type { Ground } from '../../parts/ground.ts';
import { documentList, impactTable } from '../../parts/notice.ts';
import { unsignedNote } from '../../parts/provenance.ts';
import { road } from '../../parts/road.ts';
import { termsList } from '../../parts/terms.ts';
import type { Voice } from '../../voice.ts';
import type { Texts } from './receipt.ts';
import { canAct, type Situation } from './situation.ts';

/** Words to compare with, and which they are. */
export interface Comparison {
  readonly wording: Wording;
  readonly note: Html;
}

/** What a page shows beside the situation. `earlier`: the words to compare with, approved last and of the wording before. */
export interface Material {
  /** Where the person's own acts stand in the public log, by the version of their commit. */
  readonly grounds: ReadonlyMap<number, Ground>;
  readonly texts: Texts;
  readonly earlier: readonly Comparison[];
  readonly current: Wording;
}

/** What is new in the words, word by word, against each wording that a reader may know. */
export const newWords = (voice: Voice, { current, earlier }: Pick<Material, 'current' | 'earlier'>): Html =>
  earlier.length === 0
    ? empty
    : html`
<h2>${voice.words.change.newWords}</h2>${earlier.map(
        ({ wording, note }) => html`<p class="fine">${note}</p>${wordingDifference(voice, wording, current)}`,
      )}`;

const soFar = (voice: Voice, { view, roster }: Situation, texts: Texts): Html =>
  view.acts.length === 0
    ? empty
    : html`<details><summary>${voice.words.decide.history}</summary>${actList(voice, view, roster, texts)}</details>`;

/** What is decided about: the impacts, the words, the documents, and where it stands with all that was done so far. */
export const matter = (voice: Voice, situation: Situation, material: Material): Html => {
  const { words } = voice;
  const { latest, view, link, roster, requirement } = situation;
  const { description } = material.current;
  const readsTerms = requirement !== undefined && !canAct(situation) && situation.mine.length === 0;
  return html`${unsignedNote(voice, latest.provenance)}
<h2>${words.impact.heading}</h2>${impactTable(voice, latest.notice.impact)}${newWords(voice, material)}
${description === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(description)}</p></details>`}
<h2>${words.change.documents}</h2>${documentList(voice, latest.notice.documents, view.pinned?.missing ?? [])}
<h2>${words.change.stands}</h2>${road(voice, view, roster, link.requirement)}${soFar(voice, situation, material.texts)}
${readsTerms && view.terms !== null ? html`<h2>${words.decide.terms.heading}</h2>${termsList(voice, view.terms)}` : empty}`;
};
