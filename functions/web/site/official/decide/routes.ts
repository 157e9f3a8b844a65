import type { Context } from 'hono';
import { readDocument } from '../../../../gate/documents.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { readChange } from '../../../../register/read.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, type SentForm, wantsPage } from '../../forms.ts';
import { anyLinkOf, decideLinkOf, linkPath, pageLinkOf, switchOffLinkOf } from '../../links.ts';
import { linkIn } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { confirmationPage, postConfirmation } from './confirm.ts';
import { orderDecision, tryDecision } from './order.ts';
import { OWN_FORM_NAMES, OWN_FORMS, type OwnFormName } from './ownForms.ts';
import { answered, prefixOf, type SentFrom, seeReceipt, show, unreadable } from './page.ts';
import { type OfficialForm, readOfficialForm } from './read.ts';
import { deadLinkPage, renew, renewedPage } from './renew.ts';
import { EDIT, formOf, passkeysFor, reviewPage } from './review.ts';
import { readSituation, type Situation } from './situation.ts';
import { revokeUnread, unreadPage } from './unread.ts';

/**
 * Returns the bytes of a document that is attached to the change of a link, also while an order withholds it from the public. They may be
 * anything: served as data to be saved, never as a page.
 */
const documentOf = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { key, n } = await decideLinkOf(deps, context);
  const digest = `sha256:${context.req.param('sha256') ?? ''}`;
  const reading = await readChange(deps.ports, key, n);
  const isAttached = reading?.view.documents.some(({ sha256 }) => sha256 === digest) === true;
  const bytes = isAttached ? await readDocument(deps.ports.store, digest) : undefined;
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

const again = (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  { input, value }: Extract<SentForm<OfficialForm>, { ok: true }>,
): Promise<Response> => {
  const which = formOf(value);
  const form = { input: new Map([...input, ['reason', input.get('comment') ?? []]]), faults: [], prefix: prefixOf(which) };
  return show(deps, context, situation, { which, form, messages: [], status: 200 });
};

const decide = async (deps: LinkDeps, context: Context, from: SentFrom, sent: SentForm<OfficialForm>): Promise<Response> => {
  if (!sent.ok) return unreadable(deps, context, from, sent);
  const { situation } = from;
  if (sent.input.has(EDIT)) return again(deps, context, situation, sent);
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await orderDecision(deps, situation, sent.value, { enrolled });
  if (!result.ok && result.rejection.code === 'passkey-required' && wantsPage(context))
    return reviewPage(deps, context, situation, sent, { owned });
  return answered(deps, context, from, { input: sent.input, result });
};

/** Shows a decision as it would be recorded, or answers as the decision itself would be refused. Decides nothing. */
const review = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await decideLinkOf(deps, context));
  const from = { situation, which: 'decision' } as const;
  const sent = readOfficialForm(situation, body);
  if (!sent.ok) return unreadable(deps, context, from, sent);
  const { owned, enrolled } = await passkeysFor(deps, situation);
  const result = await tryDecision(deps, situation, sent.value, { enrolled });
  if (result === 'recorded') return seeReceipt(context);
  if (result.ok) return reviewPage(deps, context, situation, sent);
  // The passkey is the last thing that a decision is checked for.
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

type LinkPath = '/d/{token}' | `/d/{token}/${'review' | 'renew' | OwnFormName | 'document/{sha256}'}`;

/** The routes behind an official's link. GET and HEAD write nothing; only a POST from the site's own page decides. */
export const linkRoutes = (deps: LinkDeps): Pick<SitePages, LinkPath> => {
  const readablePage = async (context: Context): Promise<Response> => {
    const found = await pageLinkOf(deps, context);
    if (found === undefined) return deadLinkPage(deps, context);
    const { isReplaced, ...link } = found;
    if (link.purpose === 'passkeys') return context.redirect(linkIn(context, `${linkPath(context)}/passkey`), 303);
    return link.purpose === 'decide'
      ? show(deps, context, await readSituation(deps, link, isReplaced))
      : confirmationPage(deps, context, link);
  };
  const page = (context: Context): Promise<Response> => ifReadable(readablePage(context), () => unreadPage(deps, context));
  const ownPost =
    (which: OwnFormName) =>
    async (context: Context): Promise<Response> => {
      const body = await readOwnForm(context, deps.ports.url);
      const answer = postOwn(deps, context, which, body);
      return which === 'revoke' ? ifReadable(answer, () => revokeUnread(deps, context, body)) : answer;
    };
  const own = Object.fromEntries(OWN_FORM_NAMES.map((which) => [`/d/{token}/${which}`, { POST: ownPost(which) }]));
  const post = async (context: Context): Promise<Response> => {
    const link = await anyLinkOf(deps, context);
    if (link.purpose === 'passkeys') throw refused('not-found', { detail: 'this link decides nothing' });
    if (link.purpose !== 'decide') return postConfirmation(deps, context, link);
    const body = await readOwnForm(context, deps.ports.url);
    const situation = await readSituation(deps, link);
    return decide(deps, context, { situation, which: 'decision' }, readOfficialForm(situation, body, [EDIT]));
  };
  return {
    '/d/{token}': { GET: page, POST: post },
    '/d/{token}/review': { POST: (context) => review(deps, context) },
    '/d/{token}/renew': { GET: (context) => renewedPage(deps, context), POST: (context) => renew(deps, context) },
    ...(own as Pick<SitePages, `/d/{token}/${OwnFormName}`>),
    '/d/{token}/document/{sha256}': { GET: (context) => documentOf(deps, context) },
  };
};
