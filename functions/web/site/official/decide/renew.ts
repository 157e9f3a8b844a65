import type { Context } from 'hono';
import { askForLinks, renewableBy } from '../../../../gate/links.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import { linkPath, tokenOf, unknownLink, withKey } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { askLine, deadLink, localeAt, render, seeOther } from '../../page.ts';

// New links for a visitor whose link no longer decides.

/** Renders the form that requests new links; empty if the old link cannot be renewed. */
export const renewalForm = async (deps: LinkDeps, context: Context, { words, href }: Locale): Promise<Html> => {
  if ((await renewableBy(withKey(deps), tokenOf(context))) === undefined) return empty;
  return html`
<form method="post" action="${href(`${linkPath(context)}/renew`)}"><p>${words.decide.renew.lead}</p>
<button type="submit">${words.decide.renew.send}</button></form>`;
};

export const deadLinkPage = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const locale = localeAt(deps, context);
  const form = wantsPage(context) ? await renewalForm(deps, context, locale) : empty;
  if (form === empty) throw unknownLink();
  return render(context, locale, deadLink(locale, deps.ports.city, form));
};

export const renewedPage = (deps: LinkDeps, context: Context): Response | Promise<Response> => {
  const locale = localeAt(deps, context);
  const { decide, problem } = locale.words;
  const body = html`<h1>${decide.renew.heading}</h1><p class="lead">${decide.renew.mailed}</p>
<p>${problem.linkSteps.again} ${askLine(locale, deps.ports.city)}</p>`;
  return render(context, locale, { title: decide.renew.heading, body });
};

/** Requests new links. The answer is the same for every link; the form's fields are ignored. */
export const renew = async (deps: LinkDeps, context: Context): Promise<Response> => {
  await readOwnForm(context, deps.ports.url);
  await askForLinks(withKey(deps), tokenOf(context));
  return seeOther(context, `${linkPath(context)}/renew`);
};
