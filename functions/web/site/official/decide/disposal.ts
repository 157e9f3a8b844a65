import type { Context } from 'hono';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { disposalProblem } from '../../../../../domain/redaction/decide.ts';
import { readRedaction } from '../../../../gate/redactions.ts';
import { readRules } from '../../../../gate/rules.ts';
import type { LinkDeps } from '../../deps.ts';
import { foreign, html } from '../../html.ts';
import { type DisposalLink, linkPath } from '../../links/link.ts';
import { languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { redactionNote } from '../../parts/officialTexts.ts';

/**
 * Renders the page on which a clerk confirms that a text is destroyed, as the second person. It shows the order and not the text.
 * Opening it confirms nothing.
 */
export const disposalPage = async (deps: LinkDeps, context: Context, link: DisposalLink): Promise<Response> => {
  const { ports } = deps;
  const [redaction, { roster, handovers }] = await Promise.all([readRedaction(ports.store, link.commitment), readRules(ports)]);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster?.roster ?? null, link.holder));
  const { words, say, dateTime } = locale;
  const { disposal } = words.decide;
  const title = disposal.title;
  if (redaction?.request?.name !== link.request)
    return render(context, locale, { title, body: html`<h1>${title}</h1><p class="lead">${disposal.gone}</p>` });
  const note = html`<p>${redactionNote(locale, redaction)}</p>`;
  if (redaction.status === 'disposed')
    return render(context, locale, { title, body: html`<h1>${title}</h1><p class="lead">${disposal.done}</p>${note}` });
  const { key, change, at, by, fileNumber } = redaction;
  const { holder, body: office, seat } = link;
  const when = localMoment(locale.now, locale.zone);
  const problem = disposalProblem(redaction, { holder, body: office, seat, when, roster, handovers });
  const form = html`
<form class="card" method="post" action="${linkIn(context, linkPath(context))}"><button type="submit" class="danger">${disposal.confirm}</button></form>`;
  const about =
    key === null
      ? html`${disposal.roster}`
      : html`<a href="${linkIn(context, `/changes/${key}/${change}`)}"><code>${key}/${change}</code></a>`;
  const body = html`
<p class="eyebrow">${seatName(roster?.roster ?? null, office, seat, when)}</p>
<h1>${disposal.heading}</h1><p class="lead">${say(disposal.lead, { by: foreign(by.replace(/^token:/, '')), when: dateTime(at) })}</p>
<p>${say(disposal.check, { file: foreign(fileNumber) })}</p>
<dl class="facts"><div><dt>${disposal.order}</dt><dd>${redactionNote(locale, redaction)}</dd></div>
<div><dt>${disposal.text}</dt><dd>${about} <code>${link.commitment}</code></dd></div></dl>
${problem === undefined ? form : html`<p class="note">${disposal.may[problem]}</p>`}`;
  return render(context, locale, { title, body });
};
