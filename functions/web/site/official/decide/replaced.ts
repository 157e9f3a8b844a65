import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { roleName } from '../../names.ts';
import type { HtmlPage } from '../../page.ts';
import { chip, icon, toneOfStatus } from '../../parts/chip.ts';
import { maintenanceNote } from '../../parts/maintenance.ts';
import type { OfficialTexts } from '../../parts/officialTexts.ts';
import type { Target } from './forms.ts';
import { errorsOf, formsOfDissent, type ReturnedForm } from './page.ts';
import { revocationReceipt } from './receipt.ts';
import type { Situation } from './situation.ts';

/**
 * Renders the page behind a link that was cut off: it says so, shows no more of the change than the public sees, and offers only what
 * switches off. `texts`: as the public reads them.
 */
export const replacedPage = (
  locale: Locale,
  situation: Situation,
  texts: OfficialTexts,
  target: Target,
  returned?: ReturnedForm,
): HtmlPage => {
  const { words } = locale;
  const { replaced } = words.decide;
  const { latest, view, state, roster, link, can } = situation;
  const offers: Html =
    can.revoke || can.contest ? formsOfDissent(locale, situation, target, returned) : html`<p>${replaced.nothing}</p>`;
  return {
    title: returned === undefined ? replaced.heading : `${words.problem.heading}: ${replaced.heading}`,
    status: returned?.status ?? 200,
    body: html`${errorsOf(locale, returned, false)}
<p class="eyebrow">${roleName(locale, roster, link.body, link.seat)}</p><h1>${replaced.heading}</h1>
<p class="note">${icon('warning')}<b>${replaced.lead}</b> ${replaced.newest}</p>
${situation.revocation === undefined ? empty : revocationReceipt(locale, situation, texts)}
<h2>${foreign(latest.notice.title)}</h2>
<p>${chip(toneOfStatus(view.status), words.status[view.status])} <a href="/changes/${link.key}/${link.n}${target.query}"><code>${link.key}/${link.n}</code></a></p>
${maintenanceNote(locale, { view, state, roster, texts })}${offers}`,
  };
};
