import type { Context } from 'hono';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../../domain/kernel/digest.ts';
import { jsonOf } from '../../../../../domain/kernel/json.ts';
import type { RevocationRecorded } from '../../../../../domain/revocation/events.ts';
import { revocationName } from '../../../../../domain/revocation/state.ts';
import { resolveReadableLink } from '../../../../gate/links.ts';
import { applyRevocations, readRevocations, recordRevocation } from '../../../../gate/revocations.ts';
import { PROBLEMS, rejectionAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import { type Fault, faultsProblem, type Input, rejectionText, textField, wantsPage } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath, type SwitchOffLink, unknownLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn, localeFor, render } from '../../page.ts';
import { commitText, withText } from './order.ts';
import { revocationForm } from './ownForms.ts';
import { seeReceipt } from './page.ts';
import { readRevocation } from './read.ts';

/** Resolves a link that decides a requirement, or only switches off, where the roster cannot be read. Rejects every other with 404. */
const readableLinkOf = async ({ ports, keys }: LinkDeps, context: Context): Promise<SwitchOffLink> => {
  const link = await resolveReadableLink({ ...ports, linkKey: keys.linkKey }, context.req.param('token') ?? '');
  if (link?.purpose !== 'decide') throw unknownLink();
  return link;
};

interface Returned {
  readonly input: Input;
  readonly faults: readonly Fault[];
  readonly message: Html;
  readonly status: NonNullable<HtmlPage['status']>;
}

const NOTHING_SENT: Returned = { input: new Map(), faults: [], message: empty, status: 200 };

const receipt = ({ words, say, dateTime }: Locale, { at, fileNumber }: RevocationRecorded): Html => html`
<p class="lead off"><b>${say(words.decide.unread.recorded, { when: html`<time datetime="${at}">${dateTime(at)}</time>` })}</b></p>
${fileNumber === null ? empty : html`<dl class="facts"><div><dt>${words.acts.forms.revoke.fileNumber}</dt><dd>${foreign(fileNumber)}</dd></div></dl>`}`;

/**
 * Shows the page behind a link whose change, or what it depends on, cannot be read: all it still does is to switch the feature off. Reads
 * nothing of the feature.
 */
export const unreadPage = async (deps: LinkDeps, context: Context, returned: Returned = NOTHING_SENT): Promise<Response> => {
  const link = await readableLinkOf(deps, context);
  const { ports } = deps;
  const locale = localeFor(context, ports.zone, ports.clock());
  const { problem, decide, acts } = locale.words;
  const done = (await readRevocations(ports.store))[revocationName(link.key, link.n, link.requirement)];
  const form = { input: returned.input, faults: returned.faults, prefix: 'revoke' };
  const { fileNumber: label } = acts.forms.revoke;
  const file = textField(locale, form, 'fileNumber', { label, hint: decide.unread.fileHint });
  const target = { path: linkPath(context), query: linkIn(context, '') };
  const body = html`<h1>${problem.unreadable}</h1><p><code>${link.key}</code></p>${returned.message}
${done === undefined ? html`<p class="lead">${decide.unread.lead}</p>${revocationForm(locale, file, form, target)}` : receipt(locale, done)}
<p><a href="${linkIn(context, '/')}">${locale.words.nav.register}</a></p>`;
  return render(context, locale, { title: problem.unreadable, body, status: returned.status });
};

/** Records a revocation that its feature's stream cannot take, and brings it there if that can be read after all. */
export const revokeUnread = async (deps: LinkDeps, context: Context, body: Uint8Array): Promise<Response> => {
  const link = await readableLinkOf(deps, context);
  const sent = readRevocation(body);
  const { input } = sent;
  if (!sent.ok) {
    const { faults } = sent;
    return wantsPage(context)
      ? unreadPage(deps, context, { ...NOTHING_SENT, input, faults, status: 422 })
      : faultsProblem(faults);
  }
  const { ports } = deps;
  const { key, n: change, requirement, holder, body: office, seat } = link;
  const committed = commitText(deps, link, sent.value.reason, 0);
  const { fileNumber } = sent.value;
  const replaced = link.isReplaced ? ({ byReplacedLink: true } as const) : {};
  const order = { key, change, requirement, holder, body: office, seat, fileNumber, reason: committed.comment, ...replaced };
  const commandId = `revocation/${digestOf(canonical(jsonOf(order))).slice('sha256:'.length)}`;
  const done = await withText(deps, link, committed, () => recordRevocation(ports, commandId, order));
  if (!done.ok) {
    if (!wantsPage(context)) return toResponse(rejectionAnswer(done.rejection));
    const { status } = PROBLEMS[done.rejection.code];
    const message = html`<p class="note">${rejectionText(locale(deps, context), done.rejection)}</p>`;
    return unreadPage(deps, context, { ...NOTHING_SENT, input, message, status: status === 422 ? 422 : 409 });
  }
  await applyRevocations(ports);
  return seeReceipt(context);
};

const locale = ({ ports }: LinkDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());
