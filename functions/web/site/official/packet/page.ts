import type { Context } from 'hono';
import { encode } from 'uqr';
import { isOpen } from '../../../../../domain/feature/state.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { badParameter, checkChangeNumber, checkKey } from '../../../http/input.ts';
import type { SiteDeps } from '../../deps.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { type HtmlPage, localeFor, render } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { approvalPath } from '../../parts/approvalPath.ts';
import { documentList, impactTable, vendorWords } from '../../parts/notice.ts';
import { policyComparison, policyLead } from '../../parts/policyChange.ts';
import { newWords, withheldText } from '../../parts/revisionText.ts';
import { type Enclosed, PACKET_MAX, type Packet, readPacket } from './read.ts';
import { resolution, votingBodies } from './resolution.ts';

/** The quiet zone in modules (ISO/IEC 18004). */
const QUIET = 4;

/** Returns the dark modules as one path of horizontal runs. */
const pathOf = (rows: readonly (readonly boolean[])[]): string =>
  rows
    .map((row, y) =>
      [
        ...row
          .map((dark) => (dark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ]
        .map(({ index, 0: run }) => `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`)
        .join(''),
    )
    .join('');

/** Renders a QR code, dark on white in every colour scheme. `label`: its text for screen readers. */
export const qrCode = (text: string, label: string): Html => {
  const { data } = encode(text, { ecc: 'M', border: 0 });
  const size = data.length + 2 * QUIET;
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${pathOf(data)}"/></svg>`;
};

const qr = ({ words }: Locale, url: string): Html =>
  html`<div class="code">${qrCode(url, fillText(words.packet.scan, { url }))}<p>${url}</p></div>`;

/** Renders one change in full: the question, the impacts, the texts, and the way to its public page. */
const annex = (locale: Locale, { roster }: Packet, each: Enclosed, place: number): Html => {
  const { words, say } = locale;
  const { view, vendor } = each;
  const latest = latestOf(view);
  const title = foreign(latest.notice.title);
  const open = isOpen(view);
  return html`
<section><div class="top"><div><p class="eyebrow calm">${say(words.packet.annex, { n: place, title: each.id })}</p><h2>${title}</h2>
<p>${each.policy === undefined ? say(words.decide.ask[latest.notice.kind], { title }) : words.policyChange.ask}</p>${open ? empty : html`<p class="note">${say(words.packet.closed, { status: words.status[view.status] })}</p>`}
<p class="fine">${say(words.change.revision, { n: latest.revision })} · ${words.packet.words}: <code>${latest.digest}</code></p></div>${qr(locale, each.url)}</div>
${
  each.policy === undefined
    ? html`${vendorWords(locale, vendor, latest.notice.summary)}
<h3>${words.impact.heading}</h3>${impactTable(locale, latest.notice.impact)}${newWords(locale, each.words)}
${withheldText(locale, each.words.current)}${each.words.current.description === '' ? empty : html`<h3>${words.change.description}</h3><p class="words">${foreign(each.words.current.description)}</p>`}`
    : html`${policyLead(locale, each.policy)}${policyComparison(locale, each.policy, roster)}`
}
<h3>${words.change.documents}</h3>${documentList(locale, view, each.withheld)}
<h3>${words.change.stands}</h3>${approvalPath(locale, view, roster)}</section>`;
};

/** Renders who must approve where no body votes at a meeting. */
const withoutVote = ({ words, say, bodyList }: Locale, { roster, changes }: Packet): Html => {
  const bodies = new Set(changes.flatMap(({ view }) => view.requirements.map(({ body }) => bodyName(roster, body))));
  return html`<p class="note">${say(words.packet.noBody, { bodies: bodyList([...bodies]) })}</p>`;
};

const packetPage = (locale: Locale, packet: Packet): HtmlPage => {
  const { words, say, dateTime, now } = locale;
  const bodies = votingBodies(packet);
  return {
    title: words.packet.title,
    body: html`
<div class="packet"><p class="fine screen">${words.packet.print}</p><h1>${words.packet.title}</h1>
<p class="fine">${say(words.packet.asOf, { when: html`<time datetime="${now}">${dateTime(now)}</time>` })}</p>
${bodies.length === 0 ? withoutVote(locale, packet) : bodies.map((body) => resolution(locale, packet, body))}
${packet.changes.map((each, index) => annex(locale, packet, each, index + 1))}</div>`,
  };
};

type Named = readonly { readonly key: string; readonly n: number }[];

const show = async (deps: SiteDeps, context: Context, named: Named): Promise<Response> => {
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  return render(context, locale, packetPage(locale, await readPacket(deps, locale, named)));
};

const changeOf = (text: string): Named[number] => {
  const cut = text.lastIndexOf('/');
  return { key: checkKey(text.slice(0, Math.max(0, cut))), n: checkChangeNumber(text.slice(cut + 1)) };
};

/** Renders several changes in one packet, in the given order and without duplicates. */
const several = (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = [...new Set(new URL(context.req.url).searchParams.getAll('change'))];
  if (asked.length === 0 || asked.length > PACKET_MAX)
    throw badParameter('change', `must name 1 to ${PACKET_MAX} changes, such as change=acme.lpr/1`);
  return show(deps, context, asked.map(changeOf));
};

const one = (deps: SiteDeps, context: Context): Promise<Response> => {
  const { key = '', n = '' } = context.req.param() as { key?: string; n?: string };
  return show(deps, context, [{ key: checkKey(key), n: checkChangeNumber(n) }]);
};

/**
 * The routes of the agenda packet, public and made for print: a draft resolution, its annexes, and the way back to the record.
 */
export const packetRoutes = (deps: SiteDeps): Pick<SitePages, '/packet' | '/changes/{key}/{n}/packet'> => ({
  '/packet': { GET: (context) => several(deps, context) },
  '/changes/{key}/{n}/packet': { GET: (context) => one(deps, context) },
});
