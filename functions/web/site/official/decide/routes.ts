import type { Context } from 'hono';
import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { revocationName } from '../../../../../domain/revocation/decide.ts';
import type { RevocationRecorded } from '../../../../../domain/revocation/events.ts';
import { readDocument } from '../../../../gate/documents.ts';
import { applyRevocations, findRevocation, recordRevocation } from '../../../../gate/feature.ts';
import { evaluateKey } from '../../../../gate/heads.ts';
import { resolveReadableLink } from '../../../../gate/links.ts';
import { fillText } from '../../../../platform/catalogue.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { readChange } from '../../../../register/project.ts';
import { PROBLEMS, refused, rejectionAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  faultsProblem,
  type Input,
  readOwnForm,
  rejectionText,
  type SentBack,
  type SentForm,
  textField,
  wantsPage,
} from '../../forms.ts';
import { descriptionItem, empty, type Html, html, untrustedText } from '../../html.ts';
import {
  anyLinkOf,
  decideLinkOf,
  linkPath,
  pageLinkOf,
  readPerson,
  type SwitchOffLink,
  switchOffLinkOf,
  tokenOf,
  unknownLink,
  withKey,
} from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, localeAt, type PageHandler, render, seeOther } from '../../page.ts';
import { confirmationPage, postConfirmation } from './confirm.ts';
import { commitText, formId, orderDecision, tryDecision, withText } from './order.ts';
import { OWN_FORM_NAMES, OWN_FORMS, type OwnFormName, readRevocation, revocationForm } from './ownForms.ts';
import { answered, renderLinkPage, type SentFrom, seeReceipt, unreadable } from './page.ts';
import { deadLinkPage } from './renew.ts';
import { EDIT, formOf, passkeysFor, reviewPage } from './review.ts';
import { type OfficialForm, readOfficialForm, readSituation, type Situation } from './situation.ts';

/** Serves a document to the holder of the office, even if it is withheld from the public. Its bytes may be anything, so it is a download. */
export const documentOf = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const link = await decideLinkOf(deps, context);
  const digest = `sha256:${context.req.param('sha256') ?? ''}`;
  const [reading, { holds }] = await Promise.all([readChange(deps.ports, link.key, link.n), readPerson(deps, link)]);
  const isAttached = reading?.view.documents.some(({ sha256 }) => sha256 === digest) === true;
  const bytes = isAttached && holds ? await readDocument(deps.ports.store, digest) : undefined;
  if (bytes === undefined) throw refused('not-found', { detail: 'this change has no such document' });
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-length': String(bytes.length),
      'cache-control': 'no-store',
    },
  });
};

/** Returns the fields as their form names them: the take-back form calls its comment a reason. */
const asEntered = ({ input, value }: Extract<SentForm<OfficialForm>, { ok: true }>): Input =>
  formOf(value) === 'take-back' ? new Map([['reason', input.get('comment') ?? []]]) : input;

const decide = async (deps: LinkDeps, context: Context, from: SentFrom, sent: SentForm<OfficialForm>): Promise<Response> => {
  if (!sent.ok) return unreadable(deps, context, from, sent);
  const { situation } = from;
  const [which, input] = [formOf(sent.value), asEntered(sent)];
  if (sent.input.has(EDIT)) return renderLinkPage(deps, context, situation, { which, input, status: 200 });
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await orderDecision(deps, situation, sent.value, { enrolled });
  if (!result.ok && result.rejection.code === 'passkey-required' && wantsPage(context))
    return reviewPage(deps, context, situation, sent, { owned });
  return answered(deps, context, { situation, which }, { input, result });
};

export const reviewPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const from = { situation, which: 'decision' } as const;
  const sent = readOfficialForm(situation, body);
  if (!sent.ok) return unreadable(deps, context, from, sent);
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await tryDecision(deps, situation, sent.value, { enrolled });
  if (result.ok) return result.isRecorded ? seeReceipt(context) : reviewPage(deps, context, situation, sent);
  // The passkey is the last check of a decision.
  return result.rejection.code === 'passkey-required' && wantsPage(context)
    ? reviewPage(deps, context, situation, sent, { owned })
    : answered(deps, context, from, { input: sent.input, result });
};

const switchOffSituation = async (deps: LinkDeps, context: Context): Promise<Situation> => {
  const { isReplaced, ...link } = await switchOffLinkOf(deps, context);
  return readSituation(deps, link, isReplaced);
};

const postOwn = async (deps: LinkDeps, context: Context, which: OwnFormName, body: Uint8Array): Promise<Response> => {
  const form = OWN_FORMS[which];
  const situation = form.switchesOff
    ? await switchOffSituation(deps, context)
    : await readSituation(deps, await decideLinkOf(deps, context));
  const from = { situation, which };
  if ('decision' in form) return decide(deps, context, from, form.decision(situation, body));
  const sent = await form.carryOut(deps, situation, body);
  return 'faults' in sent ? unreadable(deps, context, from, sent) : answered(deps, context, from, sent);
};

const readablePage = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const found = await pageLinkOf(deps, context);
  if (found === undefined) return deadLinkPage(deps, context);
  const { isReplaced, ...link } = found;
  if (link.purpose === 'passkeys') return seeOther(context, `${linkPath(context)}/passkey`);
  return link.purpose === 'decide'
    ? renderLinkPage(deps, context, await readSituation(deps, link, isReplaced))
    : confirmationPage(deps, context, link);
};

export const linkPage = (deps: LinkDeps, context: Context): Promise<Response> =>
  ifReadable(readablePage(deps, context), () => unreadPage(deps, context));

export const linkPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const link = await anyLinkOf(deps, context);
  if (link.purpose === 'passkeys') throw refused('not-found', { detail: 'this link decides nothing' });
  if (link.purpose !== 'decide') return postConfirmation(deps, context, link);
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, link);
  return decide(deps, context, { situation, which: 'decision' }, readOfficialForm(situation, body, [EDIT]));
};

const ownPost =
  (which: OwnFormName): PageHandler<LinkDeps> =>
  async (deps, context) => {
    const body = await readOwnForm(context, deps.ports.url);
    const answer = postOwn(deps, context, which, body);
    return which === 'revoke' ? ifReadable(answer, () => revokeUnread(deps, context, body)) : answer;
  };

export const ownPages = Object.fromEntries(
  OWN_FORM_NAMES.map((name) => [`/d/{token}/${name}`, { POST: ownPost(name) }]),
) as Record<`/d/{token}/${OwnFormName}`, { readonly POST: PageHandler<LinkDeps> }>;

/** Resolves a link while the roster cannot be read. Rejects links that neither decide nor switch off with 404. */
const readableLinkOf = async (deps: LinkDeps, context: Context): Promise<SwitchOffLink> => {
  const link = await resolveReadableLink(withKey(deps), tokenOf(context));
  if (link?.purpose !== 'decide') throw unknownLink();
  return link;
};

interface UnreadForm extends SentBack {
  readonly message?: Html;
  readonly status?: HtmlPage['status'];
}

const receipt = ({ words, say, time }: Locale, { at, fileNumber }: RevocationRecorded): Html => html`
<p class="lead off"><b>${say(words.decide.unread.recorded, { when: time(at) })}</b></p>
${fileNumber !== null && html`<dl class="facts">${descriptionItem(words.decide.certify.fileNumber, untrustedText(fileNumber))}</dl>`}`;

const unreadPage = async (
  deps: LinkDeps,
  context: Context,
  { input = new Map(), faults = [], message = empty, status = faults.length === 0 ? 200 : 422 }: UnreadForm = {},
): Promise<Response> => {
  const link = await readableLinkOf(deps, context);
  const { ports } = deps;
  const locale = localeAt(deps, context);
  const { problem, decide } = locale.words;
  const done = await findRevocation(ports.store, revocationName(link.key, link.n, link.requirement));
  const form = { input, faults, prefix: 'revoke' };
  const { fileNumber: label } = decide.certify;
  const file = textField(locale, form, 'fileNumber', { label, hint: decide.unread.fileHint });
  // Needs only the commits of the key, not the other data of its page.
  const { variant } = await evaluateKey(ports, link.key, {});
  const state = locale.words.seen[mayBeOn(variant) ? 'on' : 'off'];
  const what =
    done === undefined
      ? html`<p class="lead">${fillText(decide.unread.lead, { state })}</p>${revocationForm(locale, file, form, linkPath(context))}`
      : receipt(locale, done);
  const body = html`<h1>${problem.unreadable}</h1><p><code>${link.key}</code></p>${message}
${what}
<p><a href="${locale.href('/')}">${locale.words.nav.register}</a></p>`;
  return render(context, locale, { title: problem.unreadable, body, status });
};

const revokeUnread = async (deps: LinkDeps, context: Context, body: Uint8Array): Promise<Response> => {
  const link = await readableLinkOf(deps, context);
  const sent = readRevocation(body);
  const { input } = sent;
  if (!sent.ok) {
    const { faults } = sent;
    return wantsPage(context) ? unreadPage(deps, context, { input, faults }) : faultsProblem(faults);
  }
  const { ports } = deps;
  const { key, n: change, requirement, holder, body: office, seat } = link;
  const committed = commitText(deps, link, sent.value.reason);
  const { fileNumber } = sent.value;
  const replaced = link.isReplaced ? ({ byReplacedLink: true } as const) : {};
  const order = { key, change, requirement, holder, body: office, seat, fileNumber, reason: committed.comment, ...replaced };
  const done = await withText(deps, link, committed, () => recordRevocation(ports, `revocation/${formId(order)}`, order));
  if (!done.ok) {
    if (!wantsPage(context)) return toResponse(rejectionAnswer(done.rejection));
    const { status } = PROBLEMS[done.rejection.code];
    const message = html`<p class="note">${rejectionText(localeAt(deps, context), done.rejection)}</p>`;
    return unreadPage(deps, context, { input, message, status: status === 422 ? 422 : 409 });
  }
  await applyRevocations(ports);
  return seeReceipt(context);
};
