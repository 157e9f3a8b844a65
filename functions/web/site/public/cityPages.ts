import type { Context } from 'hono';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, untrustedText } from '../html.ts';
import { CONTACT_LINK, contactLink, localeAt, localeFor, render } from '../page.ts';

const DAY_MS = 86_400_000;
/** RFC 9116 recommends less than a year. */
const VALID_DAYS = 180;

export const cityPage =
  (about: 'accessibility' | 'privacy') =>
  ({ ports: { zone, clock, city } }: SiteDeps, context: Context): Response | Promise<Response> => {
    const locale = localeFor(context, zone, clock());
    const { title, text, ask } = locale.words[about];
    const own = city[about];
    const asked = city.contact === undefined ? empty : html`<p>${locale.say(ask, { contact: contactLink(city.contact) })}</p>`;
    const body = html`
<h1>${title}</h1>${text.split('\n').map((line) => html`<p>${line}</p>`)}${own !== undefined && html`<p>${contactLink(own)}</p>`}${asked}`;
    return render(context, locale, { title, body });
  };

/** Wire format: RFC 9116. Answers 404 if the city's contact contains no address. */
export const securityText = ({ ports: { city, url, clock } }: SiteDeps, context: Context): Response | Promise<Response> => {
  const address = CONTACT_LINK.exec(city.contact ?? '')?.[0];
  if (address === undefined) return context.notFound();
  const expires = new Date(Math.floor(Date.parse(clock()) / DAY_MS + VALID_DAYS) * DAY_MS).toISOString();
  const lines = [
    `Contact: ${address.startsWith('https://') ? address : `mailto:${address}`}`,
    `Expires: ${expires}`,
    'Preferred-Languages: en, es',
    `Canonical: ${url}/.well-known/security.txt`,
  ];
  return context.text(`${lines.join('\n')}\n`);
};

const address = (link: string): Html => {
  const path = URL.canParse(link) ? `${new URL(link).pathname}${new URL(link).search}` : link;
  return html`<li><a href="${path}">${link}</a></li>`;
};

export const outboxPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const written = await deps.outbox();
  if (written === undefined) return context.notFound();
  const locale = localeAt(deps, context);
  const { words } = locale;
  const mails = written.toReversed();
  const items = mails.map(({ to, subject, change, revision, links }) => {
    const about = change !== null && html` · <code>${change}</code>`;
    const which = revision !== null && html` · ${locale.say(words.change.revision, { n: revision })}`;
    return html`
<li><b>${untrustedText(subject)}</b><br><small>${words.outbox.to}: ${to}${about}${which}</small>
${links.length > 0 && html`<ul>${links.map(address)}</ul>`}</li>`;
  });
  const list = html`<ol class="plain">${items}</ol>`;
  const body = html`
<h1>${words.outbox.title}</h1><p>${words.outbox.lead}</p>${mails.length === 0 ? html`<p>${words.outbox.empty}</p>` : list}`;
  return render(context, locale, { title: words.outbox.title, body });
};

export const outboxJson = async ({ outbox }: SiteDeps, context: Context): Promise<Response> => {
  const written = await outbox();
  return written === undefined ? context.notFound() : json(written);
};
