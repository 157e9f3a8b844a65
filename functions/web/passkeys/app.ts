import type { Context, Hono } from 'hono';
import { attests } from '../../../domain/roster/bodies.ts';
import { resetsOf } from '../../../domain/roster/state.ts';
import { enrolmentNow, enrolmentOf } from '../../gate/passkeys.ts';
import { resetPasskeysOf } from '../../gate/rosters.ts';
import { refused, refusedBy } from '../http/problems.ts';
import { PASSKEY_PAGES } from '../routes/pages.ts';
import {
  checkbox,
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  oneOf,
  PASSKEY_FIELDS,
  radios,
  readFields,
  readMessage,
  readOwnForm,
  wantsPage,
} from '../site/forms.ts';
import { type Html, html } from '../site/html.ts';
import { anyLinkOf, decideLinkOf } from '../site/links.ts';
import { bodyName } from '../site/locale.ts';
import { ANSWER_FIELDS, askForConfirmationPasskey, confirmingOf } from '../site/official/decide/confirm.ts';
import { type DecisionProof, decisionRequestFor, orderDecision } from '../site/official/decide/order.ts';
import { answered, seeReceipt, unreadable } from '../site/official/decide/page.ts';
import { notSigned, reviewPage, signableDecision } from '../site/official/decide/review.ts';
import { confirmableIn, readOfficialForm, readSituation } from '../site/official/decide/situation.ts';
import { answerEach, orderEach, readSent, signableTogether, signTogetherAgain } from '../site/official/decide/together.ts';
import { type HtmlPage, pagesApp, render } from '../site/page.ts';
import {
  countTry,
  type PasskeyDeps,
  type PasskeyHolder,
  passkeyPath,
  readPasskeyForm,
  readPasskeyHolder,
  verifySignature,
} from './holder.ts';
import { listPage, postEnrol, postPermit, postProve, postRemove, removalPage } from './keys.ts';

const passkeyPage = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const official = await readPasskeyHolder(deps, context);
  const remove = context.req.query('remove');
  return remove === undefined ? listPage(deps, context, official) : removalPage(deps, context, official, remove);
};

/**
 * Carries out a decision that a passkey signed. Everything is read again: the signature must cover exactly the message computed now and be
 * made by a key the person has now. A signature counts once.
 */
const decideWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const link = await decideLinkOf(deps, context);
  const situation = await readSituation(deps, link);
  const sent = readOfficialForm(situation, body, PASSKEY_FIELDS);
  const from = { situation, which: 'decision' } as const;
  const { input } = sent;
  if (!sent.ok) return unreadable(deps, context, from, sent);
  await countTry(deps, context, link.holder);
  const request = await decisionRequestFor(deps, situation, sent.value);
  if (request === undefined) return seeReceipt(context);
  const { owned } = await enrolmentNow(deps.ports, link.holder);
  const proven = await verifySignature(deps, input, owned, signableDecision(link, request));
  const counts = proven !== undefined && (await proven.first());
  const proof: DecisionProof = counts ? { assertion: proven.assertion } : { enrolled: true };
  const result = proven === undefined ? undefined : await orderDecision(deps, situation, sent.value, proof);
  if (result?.ok === true) return seeReceipt(context);
  if (result !== undefined && result.rejection.code !== 'passkey-required' && result.rejection.code !== 'passkey-refused')
    return answered(deps, context, from, { input, result });
  if (!wantsPage(context)) throw notSigned();
  return reviewPage(deps, context, situation, sent, { owned, refused: true });
};

/** Carries out several decisions with one signature over the whole list, which counts once for each of them. */
const decideTogetherWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const sent = await readSent(deps, context, PASSKEY_FIELDS);
  if (sent instanceof Response) return sent;
  await countTry(deps, context, sent.link.holder);
  const proven = await verifySignature(deps, sent.input, sent.owned, signableTogether(sent));
  if (proven === undefined) return signTogetherAgain(deps, context, sent);
  const proof: DecisionProof = (await proven.first()) ? { assertion: proven.assertion } : { enrolled: true };
  return answerEach(deps, context, sent, await orderEach(deps, sent, proof));
};

const confirmWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ANSWER_FIELDS);
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'confirm-roster' && link.purpose !== 'confirm-rollback')
    throw refused('not-found', { detail: 'this link is for something else' });
  await countTry(deps, context, link.holder);
  const { owned } = await enrolmentNow(deps.ports, link.holder);
  const confirming = await confirmingOf(deps, context, link, {
    of: confirmableIn(input),
    reason: readMessage(input, 'reason', []),
    roster: oneOf(input, 'roster'),
  });
  const proven = await verifySignature(deps, input, owned, confirming);
  if (proven !== undefined && (await proven.first())) return confirming.confirm(proven.assertion);
  if (!wantsPage(context)) throw notSigned();
  // If the form was sent again, such as after a lost answer, the page of the link shows whether it counted.
  if (proven !== undefined) return seeReceipt(context);
  return askForConfirmationPasskey(deps, context, link, confirming, owned, true);
};

/** `seen`: how many resets they have had. */
interface ResettablePerson {
  readonly holder: string;
  readonly name: string;
  readonly office: string;
  readonly seen: number;
}

const asClerk = (official: PasskeyHolder): PasskeyHolder => {
  const { person } = official;
  if (person.roster === null || !person.live || !attests(person.roster, person.link.body))
    throw refused('not-found', { detail: 'only a clerk can do this' });
  return official;
};

const people = async ({ ports }: PasskeyDeps, { locale, person }: PasskeyHolder): Promise<readonly ResettablePerson[]> => {
  const holders = person.roster?.holders ?? [];
  const own = new Set(holders.filter(({ body }) => body === person.link.body).map(({ id }) => id));
  const all = holders
    .filter(({ id }, index) => !own.has(id) && holders.findIndex((other) => other.id === id) === index)
    .map(({ id, name, body }) => {
      const seen = resetsOf(person.rosters, id);
      return { holder: id, name, office: bodyName(locale, body), seen };
    });
  const had = await Promise.all(all.map(({ holder, seen }) => enrolmentOf(ports, { holder, generation: seen })));
  return all.filter((_, index) => had[index]?.enrolled);
};

const shown = (
  context: Context,
  { locale }: PasskeyHolder,
  content: Html,
  { status = 200, title = locale.words.passkeys.reset.title }: Partial<Pick<HtmlPage, 'status' | 'title'>>,
): Response | Promise<Response> => {
  const { passkeys } = locale.words;
  const back = html`<p><a href="${locale.href(passkeyPath(context))}">${passkeys.title}</a></p>`;
  const body = html`${content}${back}`;
  return render(context, locale, { title, body, status });
};

const chooseForm = (
  context: Context,
  official: PasskeyHolder,
  choices: readonly ResettablePerson[],
  form: FormState,
): Response | Promise<Response> => {
  const { locale } = official;
  const { reset } = locale.words.passkeys;
  const lead = html`${errorSummary(locale, form, ['who', 'sure'], [])}
<h1>${reset.title}</h1><p class="lead">${reset.lead}</p><p>${reset.own}</p>`;
  const status = form.faults.length === 0 ? 200 : 422;
  if (choices.length === 0) return shown(context, official, html`${lead}<p class="note">${reset.noOne}</p>`, { status });
  const options = choices.map(({ holder, name, office, seen }) => ({ value: `${holder}/${seen}`, label: name, note: office }));
  const content = html`
<form class="card" method="post" action="${locale.href(`${passkeyPath(context)}/reset`)}">
${radios(locale, form, 'who', reset.choose, options)}${checkbox(locale, form, 'sure', { label: reset.sure, required: true })}
<button type="submit" class="danger">${reset.button}</button></form>`;
  return shown(context, official, html`${lead}${content}`, { status });
};

const resetPage = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const official = asClerk(await readPasskeyHolder(deps, context));
  return chooseForm(context, official, await people(deps, official), { input: new Map(), faults: [], prefix: 'f' });
};

const done = (context: Context, official: PasskeyHolder): Response | Promise<Response> => {
  const { reset } = official.locale.words.passkeys;
  return shown(context, official, html`<h1>${reset.title}</h1><p class="lead">${reset.done}</p>`, { title: reset.done });
};

/** Sending the form again makes no new proposal. */
const postReset = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readFields(context, deps.ports.url, ['who', 'sure']);
  const official = asClerk(await readPasskeyHolder(deps, context));
  const { person } = official;
  const who = oneOf(input, 'who');
  const choices = await people(deps, official);
  const chosen = choices.find(({ holder, seen }) => `${holder}/${seen}` === who);
  const faults: Fault[] = [
    ...(chosen === undefined ? [{ name: 'who', code: 'choice' } as const] : []),
    ...(oneOf(input, 'sure') === 'yes' ? [] : [{ name: 'sure', code: 'sure' } as const]),
  ];
  if (chosen === undefined || faults.length > 0)
    return wantsPage(context) ? chooseForm(context, official, choices, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  const { holder, body, seat } = person.link;
  const ordered = await resetPasskeysOf(deps.ports, { holder: chosen.holder, by: { holder, body, seat }, seen: chosen.seen });
  if (!ordered.ok) throw refusedBy(ordered.rejection);
  deps.logger({ level: 'warn', event: 'a clerk proposed to reset passkeys', holder: chosen.holder, by: holder });
  return done(context, official);
};

/** Serves the passkey pages of officials' links. No other app reads what authenticators send. */
export const passkeyApp = (deps: PasskeyDeps): Hono =>
  pagesApp(deps, PASSKEY_PAGES, {
    '/d/{token}/passkey': { GET: passkeyPage },
    '/d/{token}/passkey/decide': { POST: decideWithPasskey },
    '/d/{token}/passkey/together': { POST: decideTogetherWithPasskey },
    '/d/{token}/passkey/confirm': { POST: confirmWithPasskey },
    '/d/{token}/passkey/enrol': { POST: postEnrol },
    '/d/{token}/passkey/prove': { POST: postProve },
    '/d/{token}/passkey/permit': { POST: postPermit },
    '/d/{token}/passkey/remove': { POST: postRemove },
    '/d/{token}/passkey/reset': { GET: resetPage, POST: postReset },
  });
