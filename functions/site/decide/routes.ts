import type { Context } from 'hono';
import { readMinutes } from '../../../domain/feature/minutes.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { PROBLEMS, problemAnswer, rejectionAnswer } from '../../http/problems.ts';
import { refused } from '../../http/refused.ts';
import { toResponse } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { fillText, type Html, html } from '../html.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { faultText } from '../parts/field.ts';
import type { Route } from '../route.ts';
import type { Voice } from '../voice.ts';
import { en } from '../words/en.ts';
import { draftInput, draftMessages } from './draft.ts';
import { readOwnForm, wantsPage } from './guard.ts';
import { type Fault, type Input, readForm } from './input.ts';
import { anyLinkOf } from './link.ts';
import { materialOf } from './material.ts';
import { type Ordered, orderDecision, orderRevocation } from './order.ts';
import { linkPage, type Trouble } from './page.ts';
import { askForPasskey, passkeysFor } from './passkey.ts';
import { readRevocation } from './read.ts';
import { postRoster, rosterPage } from './roster.ts';
import { readSent, seatsOn } from './sent.ts';
import { type DecideLink, readSituation, type Situation } from './situation.ts';

const pathOf = (context: Context): string => `/d/${context.req.param('token') ?? ''}`;

const linkOf = async (deps: SiteDeps, context: Context): Promise<DecideLink> => {
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'decide') throw refused('not-found', { detail: 'this link is for something else' });
  return link;
};

const show = async (deps: SiteDeps, context: Context, situation: Situation, trouble?: Trouble): Promise<Response> => {
  const voice = voiceFor(context, situation.zone, situation.now, languageOfHolder(situation));
  const material = await materialOf(deps, voice, situation);
  const query = linkIn(context, '');
  return render(context, voice, linkPage(context, voice, situation, material, { path: pathOf(context), query }, trouble));
};

const languageOfHolder = ({ roster, link }: Situation): string | undefined =>
  roster?.holders.find(({ id }) => id === link.holder)?.language;

const seeReceipt = (context: Context): Response => {
  context.header('Cache-Control', 'no-store');
  return context.redirect(linkIn(context, pathOf(context)), 303);
};

/** A form that cannot be read: 422, every fault with its field. */
const unreadable = (
  deps: SiteDeps,
  context: Context,
  situation: Situation,
  which: Trouble['which'],
  input: Input,
  faults: readonly Fault[],
) => {
  if (wantsPage(context)) {
    const prefix = which === 'revoke' ? 'r' : which === 'draft' ? 'm' : 'f';
    return show(deps, context, situation, { which, form: { input, faults, prefix }, messages: [], status: 422 });
  }
  const errors = faults.map((fault) => ({ pointer: `/${fault.name}`, detail: faultText({ words: en }, fault) }));
  return toResponse(problemAnswer('invalid-form', { detail: errors.map(({ detail }) => detail).join(' '), errors }));
};

const told = (voice: Voice, { code, detail }: Extract<Ordered, { ok: false }>['rejection']): Html => {
  const known = Object.hasOwn(voice.words.problem.code, code)
    ? voice.words.problem.code[code as keyof Voice['words']['problem']['code']]
    : '';
  return html`${known} <small>${fillText(voice.words.problem.detail, { detail })}</small>`;
};

/** A decision that is refused: the page as it stands now, with what was typed kept, and why. */
const refusedForm = async (
  deps: SiteDeps,
  context: Context,
  situation: Situation,
  { which, input, result }: { which: Trouble['which']; input: Input; result: Extract<Ordered, { ok: false }> },
): Promise<Response> => {
  const { status, retryAfterS } = PROBLEMS[result.rejection.code];
  if (!wantsPage(context)) return toResponse(rejectionAnswer(result.rejection));
  const fresh = await readSituation(deps, situation.link);
  const voice = voiceFor(context, fresh.zone, fresh.now, languageOfHolder(fresh));
  if (retryAfterS !== undefined) context.header('Retry-After', String(retryAfterS));
  const form = { input, faults: [], prefix: which === 'revoke' ? 'r' : 'f' };
  const sent = status === 401 || status === 405 ? 409 : status;
  return show(deps, context, fresh, { which, form, messages: [told(voice, result.rejection)], status: sent });
};

/** What is asked for is a passkey, and nothing else is missing: the page that shows the whole decision and asks for it. */
const asksForPasskey = (context: Context, result: Extract<Ordered, { ok: false }>): boolean =>
  result.rejection.code === 'passkey-required' && wantsPage(context);

const decide = async (deps: SiteDeps, context: Context, link: DecideLink): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, link);
  const sent = readSent(situation, body);
  const { input } = sent;
  if (!sent.ok) return unreadable(deps, context, situation, 'decision', input, sent.faults);
  const owned = await passkeysFor(deps, situation);
  const result = await orderDecision(deps, situation, sent.value, { enrolled: owned.length > 0 });
  if (result.ok) return seeReceipt(context);
  if (asksForPasskey(context, result)) return askForPasskey(deps, context, situation, sent, owned);
  return refusedForm(deps, context, situation, { which: 'decision', input, result });
};

const revoke = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await linkOf(deps, context));
  const { input, faults } = readForm(body, (name) => name === 'reason' || name === 'fileNumber');
  const read = readRevocation(input);
  if (faults.length > 0 || !read.ok)
    return unreadable(deps, context, situation, 'revoke', input, [...faults, ...(read.ok ? [] : read.faults)]);
  const result = await orderRevocation(deps, situation, read.value);
  return result.ok ? seeReceipt(context) : refusedForm(deps, context, situation, { which: 'revoke', input, result });
};

/** Pasted minutes into a draft of the certificate. Records nothing: the clerk checks it and sends the form. */
const draft = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const situation = await readSituation(deps, await linkOf(deps, context));
  if (situation.requirement?.instrument !== 'certification')
    throw refused('not-found', { detail: 'nothing is certified by this link' });
  const { input, faults } = readForm(body, (name) => name === 'minutes');
  const minutes = input.get('minutes')?.[0]?.trim() ?? '';
  const all: readonly Fault[] = minutes === '' && faults.length === 0 ? [{ name: 'minutes', code: 'minutes' }] : faults;
  if (all.length > 0) return unreadable(deps, context, situation, 'draft', input, all);
  const read = readMinutes(minutes, seatsOn(situation, localDateOf(situation.now, situation.zone)));
  const voice = voiceFor(context, situation.zone, situation.now, languageOfHolder(situation));
  const form = { input: draftInput(read, minutes), faults: [], prefix: 'f' };
  return show(deps, context, situation, { which: 'draft', form, messages: draftMessages(voice, situation, read), status: 200 });
};

/** Everything behind an official's link. GET and HEAD show and write nothing whatsoever; only a POST from our own page decides. */
export const linkRoutes = (route: Route, deps: SiteDeps): void => {
  const page = async (context: Context): Promise<Response> => {
    const link = await anyLinkOf(deps, context);
    return link.purpose === 'decide' ? show(deps, context, await readSituation(deps, link)) : rosterPage(deps, context, link);
  };
  const post = async (context: Context): Promise<Response> => {
    const link = await anyLinkOf(deps, context);
    return link.purpose === 'decide' ? decide(deps, context, link) : postRoster(deps, context, link);
  };
  route('/d/:token', { GET: page, POST: post });
  route('/d/:token/revoke', { POST: (context) => revoke(deps, context) });
  route('/d/:token/draft', { POST: (context) => draft(deps, context) });
};
