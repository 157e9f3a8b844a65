import type { Context } from 'hono';
import { json } from '../../http/respond.ts';
import type { OutboxMail, SiteDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import { render, voiceFor } from '../page.ts';

type Outbox = () => Promise<readonly OutboxMail[]>;

/** A link of ours as an address on this very page, so that it also works behind another name of this machine. */
const address = (link: string): Html => {
  const path = URL.canParse(link) ? `${new URL(link).pathname}${new URL(link).search}` : link;
  return html`<li><a href="${path}">${link}</a></li>`;
};

/** The mails that were not sent but written down, for whoever tries the gate on one machine. */
export const outboxPage = async (deps: SiteDeps, outbox: Outbox, context: Context): Promise<Response> => {
  const voice = voiceFor(context, deps.ports.zone, deps.ports.clock());
  const { words } = voice;
  const mails = await outbox();
  const items = mails.map(
    ({ to, subject, change, revision, links }) => html`
<li><b>${foreign(subject)}</b><br><small>${words.outbox.to}: ${to}${change === null ? '' : html` · <code>${change}</code>`}${revision === null ? '' : html` · ${voice.say(words.change.revision, { n: revision })}`}</small><ul>${links.map(address)}</ul></li>`,
  );
  const body = html`
<h1>${words.outbox.title}</h1><p>${words.outbox.lead}</p>${mails.length === 0 ? html`<p>${words.outbox.empty}</p>` : html`<ol class="plain">${items}</ol>`}`;
  return render(context, voice, { title: words.outbox.title, body });
};

/** The same for scripts: oldest first. */
export const outboxJson = async (outbox: Outbox): Promise<Response> => json(await outbox());
