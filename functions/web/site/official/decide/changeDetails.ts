import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { actList } from '../../parts/acts.ts';
import { approvalPath } from '../../parts/approvalPath.ts';
import { maintenanceNote } from '../../parts/maintenance.ts';
import { documentList, impactTable, policyDocuments } from '../../parts/notice.ts';
import type { OfficialTexts } from '../../parts/officialTexts.ts';
import { policyComparison } from '../../parts/policyChange.ts';
import { unsignedNote } from '../../parts/provenance.ts';
import { newWords, withheldText } from '../../parts/revisionText.ts';
import { termsList } from '../../parts/terms.ts';
import type { Target } from './forms.ts';
import type { PageData } from './pageData.ts';
import { canAct, type Situation } from './situation.ts';

/** Renders the decisions so far: folded, unless the person has to judge the record of one. */
const soFar = (locale: Locale, { view, roster, can }: Situation, texts: OfficialTexts): Html =>
  view.acts.length === 0
    ? empty
    : html`<details${can.confirm ? html` open` : empty}><summary>${locale.words.decide.history}</summary>${actList(locale, view, roster, texts)}</details>`;

/** Renders what is decided about: the impacts, the texts, the documents, and where the change stands. */
export const changeDetails = (locale: Locale, situation: Situation, pageData: PageData, { path }: Pick<Target, 'path'>): Html => {
  const { words } = locale;
  const { latest, view, link, roster, requirement } = situation;
  const { description } = pageData.current;
  const readsTerms = requirement !== undefined && !canAct(situation) && situation.mine.length === 0;
  const what =
    pageData.policy === undefined
      ? html`${unsignedNote(locale, latest.provenance, roster)}
<h2>${words.impact.heading}</h2>${impactTable(locale, latest.notice.impact)}${newWords(locale, pageData)}
${withheldText(locale, pageData.current)}${description === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(description)}</p></details>`}
<h2>${words.change.documents}</h2>${documentList(locale, view, pageData.texts, { path })}`
      : html`${policyComparison(locale, pageData.policy, roster)}${policyDocuments(locale, view, pageData.texts, { path })}`;
  const { state } = situation;
  return html`${maintenanceNote(locale, { view, state, roster, texts: pageData.texts })}${what}
<h2>${words.change.stands}</h2>${approvalPath(locale, view, roster, { yours: link.requirement })}${soFar(locale, situation, pageData.texts)}
${readsTerms && view.terms !== null ? html`<h2>${words.decide.terms.heading}</h2>${termsList(locale, view.terms)}` : empty}`;
};
