import type { Context } from 'hono';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { localeFor, render } from '../page.ts';

/** Renders a link as a path, so that it works under another name of this machine. */
const address = (link: string): Html => {
  const path = URL.canParse(link) ? `${new URL(link).pathname}${new URL(link).search}` : link;
  return html`<li><a href="${path}">${link}</a></li>`;
};

/** Answers with the mails written to the outbox, newest first; 404 where there is none. */
export const outboxPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const written = await deps.outbox();
  if (written === undefined) return context.notFound();
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words } = locale;
  const mails = written.toReversed();
  const items = mails.map(
    ({ to, subject, change, revision, links }) => html`
<li><b>${foreign(subject)}</b><br><small>${words.outbox.to}: ${to}${change === null ? '' : html` · <code>${change}</code>`}${revision === null ? '' : html` · ${locale.say(words.change.revision, { n: revision })}`}</small>${links.length === 0 ? empty : html`<ul>${links.map(address)}</ul>`}</li>`,
  );
  const list = html`<ol class="plain">${items}</ol>`;
  const body = html`
<h1>${words.outbox.title}</h1><p>${words.outbox.lead}</p>${mails.length === 0 ? html`<p>${words.outbox.empty}</p>` : list}`;
  return render(context, locale, { title: words.outbox.title, body });
};

/** Answers with the same as JSON, oldest first. */
export const outboxJson = async ({ outbox }: SiteDeps, context: Context): Promise<Response> => {
  const written = await outbox();
  return written === undefined ? context.notFound() : json(written);
};
