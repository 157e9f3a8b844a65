import type { Context } from 'hono';
import { PROBLEMS, problemAnswer, rejectionAnswer } from '../../http/problems.ts';
import { toResponse } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { fillText, type Html, html } from '../html.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { faultText } from '../parts/field.ts';
import type { Voice } from '../voice.ts';
import { en } from '../words/en.ts';
import { wantsPage } from './guard.ts';
import type { Fault, Input } from './input.ts';
import { materialOf } from './material.ts';
import type { Ordered } from './order.ts';
import { linkPage, type Trouble } from './page.ts';
import { readSituation, type Situation } from './situation.ts';

/** The address of the link itself. */
export const pathOf = (context: Context): string => `/d/${context.req.param('token') ?? ''}`;

/** The page behind a link as things stand. `trouble`: a form on it that was sent and was not right. */
export const show = async (deps: SiteDeps, context: Context, situation: Situation, trouble?: Trouble): Promise<Response> => {
  const voice = voiceFor(context, situation.zone, situation.now, languageOfHolder(situation));
  const material = await materialOf(deps, voice, situation);
  const query = linkIn(context, '');
  return render(context, voice, linkPage(context, voice, situation, material, { path: pathOf(context), query }, trouble));
};

/** The language a person of the roster is spoken to in. */
export const languageOfHolder = ({ roster, link }: Situation): string | undefined =>
  roster?.holders.find(({ id }) => id === link.holder)?.language;

/** On to the receipt: a reload sends nothing twice. */
export const seeReceipt = (context: Context): Response => {
  context.header('Cache-Control', 'no-store');
  return context.redirect(linkIn(context, pathOf(context)), 303);
};

/** A form that cannot be read: 422, every fault with its field. */
export const unreadable = (
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
export const refusedForm = async (
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
