import type { Context } from 'hono';
import { isWeeklyOff, setWeekly } from '../../../reactions/notify/weekly.ts';
import { badField, readBody, requireMediaType } from '../../http/input.ts';
import { refused } from '../../http/problems.ts';
import type { LinkDeps } from '../deps.ts';
import { hidden, oneOf, readFields } from '../forms.ts';
import { html } from '../html.ts';
import { tokenOf, weeklyLinkOf } from '../links.ts';
import { localeAt, render, seeOther } from '../page.ts';

/** The body that a mail client sends to unsubscribe (RFC 8058, section 3.2). It has no origin. */
const ONE_CLICK = 'List-Unsubscribe=One-Click';
const ONE_CLICK_BYTES_MAX = 1_024;

export const weeklyPage = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { holder } = await weeklyLinkOf(deps, context);
  const locale = localeAt(deps, context);
  const off = await isWeeklyOff(deps.ports.sideStore, holder);
  const { weekly } = locale.words;
  const path = locale.href(`/m/${tokenOf(context)}`);
  const heading = off ? weekly.offHeading : weekly.onHeading;
  const body = html`<h1>${heading}</h1>
<p class="lead">${off ? weekly.offLead : weekly.onLead}</p>
<form method="post" action="${path}">
${hidden('weekly', off ? 'on' : 'off')}<button type="submit">${off ? weekly.start : weekly.stop}</button></form>
<p class="fine">${weekly.others}</p>`;
  return render(context, locale, { title: heading, body });
};

export const weeklyPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { sideStore, clock, url } = deps.ports;
  const { holder } = await weeklyLinkOf(deps, context);
  if (context.req.header('origin') === undefined && context.req.header('sec-fetch-site') === undefined) {
    requireMediaType(context.req.header('content-type') ?? null, 'application/x-www-form-urlencoded');
    const body = new TextDecoder().decode(await readBody(context.req.raw, ONE_CLICK_BYTES_MAX));
    if (body !== ONE_CLICK) throw refused('wrong-origin', { detail: `this form must be sent from ${url}` });
    await setWeekly(sideStore, holder, false, clock());
    return context.body(null, 204);
  }
  const wanted = oneOf(await readFields(context, url, ['weekly']), 'weekly');
  if (wanted !== 'on' && wanted !== 'off') throw badField('/weekly', 'is not on or off', 'invalid-form');
  await setWeekly(sideStore, holder, wanted === 'on', clock());
  return seeOther(context, `/m/${tokenOf(context)}`);
};
