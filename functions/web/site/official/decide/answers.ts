import type { Context } from 'hono';
import { PROBLEMS, rejectionAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import { type Fault, faultsProblem, type Input, rejectionText, wantsPage } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { roleName } from '../../names.ts';
import { type HtmlPage, linkIn, render, seeOther } from '../../page.ts';
import { chip, icon, toneOfStatus } from '../../parts/chip.ts';
import { type OfficialTexts, officialTextsOf } from '../../parts/officialTexts.ts';
import { maintenanceNote } from '../../parts/terms.ts';
import type { Ordered } from './form/order.ts';
import type { Target } from './forms.ts';
import { openForms } from './ownForms.ts';
import { errorsOf, linkPage, ownForms, pageDataOf, prefixOf, type ReturnedForm } from './page.ts';
import { revocationReceipt } from './receipt.ts';
import { localeOfSituation, readSituation, type Situation } from './situation.ts';

const replacedPage = (
  locale: Locale,
  situation: Situation,
  texts: OfficialTexts,
  target: Target,
  returned?: ReturnedForm,
): HtmlPage => {
  const { words } = locale;
  const { replaced } = words.decide;
  const { latest, view, state, roster, link } = situation;
  const offers: Html =
    openForms(situation).length > 0 ? ownForms(locale, situation, target, returned) : html`<p>${replaced.nothing}</p>`;
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

/** Renders the page behind a link. `returned`: a form on it that was sent and rejected. */
export const show = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  returned?: ReturnedForm,
): Promise<Response> => {
  const locale = localeOfSituation(context, situation);
  const query = linkIn(context, '');
  const target = { path: linkPath(context), query };
  if (situation.isReplaced) {
    const texts = await officialTextsOf(deps, situation.view, 'public');
    return render(context, locale, replacedPage(locale, situation, texts, target, returned));
  }
  const pageData = await pageDataOf(deps, locale, situation);
  return render(context, locale, linkPage(context, locale, situation, pageData, target, returned));
};

/** Redirects to the receipt, so that a reload sends nothing twice. */
export const seeReceipt = (context: Context): Response => seeOther(context, linkPath(context));

/** The page from which a form was sent. `which`: which form of the page it is. */
export interface SentFrom {
  readonly situation: Situation;
  readonly which: ReturnedForm['which'];
}

/** Answers 422 with every fault beside its field. */
export const unreadable = (
  deps: LinkDeps,
  context: Context,
  { situation, which }: SentFrom,
  { input, faults }: { readonly input: Input; readonly faults: readonly Fault[] },
): Response | Promise<Response> => {
  if (!wantsPage(context)) return faultsProblem(faults);
  const form = { input, faults, prefix: prefixOf(which) };
  return show(deps, context, situation, { which, form, messages: [], status: 422 });
};

/** Redirects to the receipt, or answers a rejection with the page as it stands now, the entered values and the reason. */
export const answered = async (
  deps: LinkDeps,
  context: Context,
  { situation, which }: SentFrom,
  { input, result }: { readonly input: Input; readonly result: Ordered },
): Promise<Response> => {
  if (result.ok) return seeReceipt(context);
  const { status, retryAfterS } = PROBLEMS[result.rejection.code];
  if (!wantsPage(context)) return toResponse(rejectionAnswer(result.rejection));
  const fresh = await readSituation(deps, situation.link, situation.isReplaced);
  const locale = localeOfSituation(context, fresh);
  if (retryAfterS !== undefined) context.header('Retry-After', String(retryAfterS));
  const form = { input, faults: [], prefix: prefixOf(which) };
  const sent = status === 401 || status === 405 ? 409 : status;
  return show(deps, context, fresh, { which, form, messages: [rejectionText(locale, result.rejection)], status: sent });
};
