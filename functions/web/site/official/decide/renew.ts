import type { Context } from 'hono';
import { askForLinks, renewableBy } from '../../../../gate/renewals.ts';
import type { LinkDeps } from '../../deps.ts';
import { readFields, wantsPage } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import { linkPath, unknownLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn, localeFor, render, seeOther } from '../../page.ts';
import { askLine, deadLink } from '../../pagesApp.ts';

const tokenOf = (context: Context): string => context.req.param('token') ?? '';

/** Renders the button that asks for new links; nothing behind a link by which none are mailed. */
export const renewalForm = async ({ ports, keys }: LinkDeps, context: Context, { words }: Locale): Promise<Html> => {
  if ((await renewableBy({ ...ports, linkKey: keys.linkKey }, tokenOf(context))) === undefined) return empty;
  return html`
<form method="post" action="${linkIn(context, `${linkPath(context)}/renew`)}"><p>${words.decide.renew.lead}</p><button type="submit">${words.decide.renew.send}</button></form>`;
};

const localeOf = ({ ports }: LinkDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());

/** Shows, behind a link that does nothing any more, how to come by a new one. */
export const deadLinkPage = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const locale = localeOf(deps, context);
  const form = wantsPage(context) ? await renewalForm(deps, context, locale) : empty;
  if (form === empty) throw unknownLink();
  const { problem, nav } = locale.words;
  const page: HtmlPage = {
    title: problem.linkUnknown,
    status: 404,
    body: html`<h1>${problem.linkUnknown}</h1><p class="lead">${problem.linkUnknownLead}</p>${form}${deadLink(locale, deps.ports.city)}<p><a href="${linkIn(context, '/')}">${nav.register}</a></p>`,
  };
  return render(context, locale, page);
};

/** Shows what comes of asking for new links: the same for every address, so that it says of none whether it was ever a link. */
export const renewedPage = (deps: LinkDeps, context: Context): Response | Promise<Response> => {
  const locale = localeOf(deps, context);
  const { decide, problem } = locale.words;
  const body = html`<h1>${decide.renew.heading}</h1><p class="lead">${decide.renew.mailed}</p><p>${problem.linkSteps.again} ${askLine(locale, deps.ports.city)}</p>`;
  return render(context, locale, { title: decide.renew.heading, body });
};

/** Asks for new links. The answer is the same by every link. */
export const renew = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { ports, keys } = deps;
  await readFields(context, ports.url, []);
  await askForLinks({ ...ports, linkKey: keys.linkKey }, tokenOf(context));
  return seeOther(context, `${linkPath(context)}/renew`);
};
