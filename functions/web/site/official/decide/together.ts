import type { Context } from 'hono';
import { togetherToSign } from '../../../../../domain/feature/decisionToSign.ts';
import { TOGETHER_MAX, type Together } from '../../../../../domain/feature/events.ts';
import { NO_TERMS, termsDigest } from '../../../../../domain/feature/terms.ts';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { enrolmentNow } from '../../../../gate/passkeys.ts';
import { fillText } from '../../../../platform/catalogue.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  type Fault,
  faultsProblem,
  hiddenFields,
  type Input,
  oneOf,
  readForm,
  readMessage,
  readOwnForm,
  sentForm,
  wantsPage,
} from '../../forms.ts';
import { empty, type Html, html, plainText, untrustedText } from '../../html.ts';
import { decideLinkOf, linkPath, readPerson } from '../../links.ts';
import { type Locale, roleName } from '../../locale.ts';
import { localeOfPerson, render } from '../../page.ts';
import { termsList } from '../../parts/terms.ts';
import { inboxPage } from '../inbox.ts';
import { commitText, type DecisionProof, type Ordered, orderDecision, refuse, tryDecision } from './order.ts';
import { backToForm, EDIT, lastStep, notSigned, plainForm, type Signable, signingForm } from './review.ts';
import { type Outcome, outcomeNote, partlyRecorded } from './several.ts';
import { type Situation, situationOf } from './situation.ts';

// One decision on several changes that wait for the same signature. Each is decided separately, with the command of a single signature.

const DECISIONS = ['approve', 'refuse'] as const;

/**
 * A change in the form: `KEY/N;revision;digest;terms;rules`, with blank `terms` if none stand. A program may leave `;rules` out. Documents
 * cannot be replaced once terms stand.
 */
const CHANGE =
  /^(?<change>[^;]{1,220});(?<revision>[1-9][0-9]{0,6});(?<digest>sha256:[0-9a-f]{64});(?<terms>[0-9a-f]{24}|)(?:;(?<rules>[^;]{1,200}))?$/;

interface Choice {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly terms: string;
  readonly shown: { readonly rules?: string };
}

const readChoice = (text: string): Choice[] => {
  const { change, revision, digest, terms, rules } = CHANGE.exec(text)?.groups ?? {};
  if (change === undefined || revision === undefined || digest === undefined || terms === undefined) return [];
  const shown = rules === undefined ? {} : { rules };
  return [{ change, revision: Number(revision), digest, terms, shown }];
};

const readTogether = (input: Input, faults: Fault[]) => {
  const sent = [...new Set(input.get('change') ?? [])];
  const choices = sent.flatMap(readChoice);
  if (sent.length === 0 || sent.length > TOGETHER_MAX)
    faults.push({ name: 'change', code: 'changes', slots: { n: String(TOGETHER_MAX) } });
  else if (new Set(choices.map(({ change }) => change)).size < sent.length) faults.push({ name: 'change', code: 'nonce' });
  const decision = DECISIONS.find((each) => each === oneOf(input, 'decision'));
  if (decision === undefined) faults.push({ name: 'decision', code: 'decision' });
  return { decision: decision ?? 'refuse', comment: readMessage(input, 'comment', faults), choices };
};

interface Asked extends Choice {
  readonly situation: Situation | undefined;
}

type TogetherSent = Exclude<Awaited<ReturnType<typeof readSent>>, Response>;

const FIELDS: readonly string[] = ['change', 'decision', 'comment', EDIT];

/** Reads the list that the form names, so that the same form has the same list. Returns a response if it is already answered. */
export const readSent = async (deps: LinkDeps, context: Context, also: readonly string[] = []) => {
  const { ports } = deps;
  const body = await readOwnForm(context, ports.url);
  const link = await decideLinkOf(deps, context);
  const read = readForm(body, (name) => FIELDS.includes(name) || also.includes(name), ['change']);
  const sent = sentForm(read, readTogether);
  const { input } = sent;
  if (input.has(EDIT)) return inboxPage(deps, context, { input, faults: [] });
  if (!sent.ok) return wantsPage(context) ? inboxPage(deps, context, { input, faults: sent.faults }) : faultsProblem(sent.faults);
  const form = sent.value;
  const person = await readPerson(deps, link);
  const seat = { body: link.body, instrument: 'signature' } as const;
  const asked: readonly Asked[] = await Promise.all(
    form.choices.map(async (choice) => ({
      ...choice,
      situation: await situationOf(deps, { ...link, now: person.now }, seat, choice.change),
    })),
  );
  const together: Together = asked.flatMap(({ situation, shown: _shown, ...choice }) => {
    if (situation === undefined || choice.terms === '') return [];
    const { link } = situation;
    return [{ ...choice, requirement: link.requirement, comment: commitText(deps, link, form.comment).comment }];
  });
  const locale = localeOfPerson(context, person);
  return { link, person, locale, input, form, asked, together, ...(await enrolmentNow(ports, link.holder)) };
};

type Decided = Asked & Outcome;

type Decide = typeof tryDecision;

/** Refuses a change without terms: it is decided on its own page, where its signer sets them. */
const checkTerms = ({ view }: Situation, terms: string): Ordered => {
  if (view.terms === null || terms === '') return refuse('other-terms', 'no terms stand yet; decide this one on its own page');
  return termsDigest(view.terms) === terms
    ? { ok: true }
    : refuse('other-terms', 'the terms that stand are others than those of the form');
};

const decideOne = async (
  deps: LinkDeps,
  { form: { decision, comment }, person }: TogetherSent,
  { situation, revision, digest, terms, shown }: Asked,
  proof: DecisionProof,
  decide: Decide,
): Promise<Ordered> => {
  if (situation === undefined) return refuse('unknown-requirement', 'this seat is asked for no signature on it');
  const { view, latest } = situation;
  const fit = revision === latest.revision && digest === latest.digest ? checkTerms(situation, terms) : { ok: true as const };
  if (!fit.ok) return fit;
  const words = { revision, digest, comment, terms: view.terms ?? NO_TERMS, ...shown };
  const read = { kind: 'decision', decision, ...words, certificate: '' } as const;
  if (person.live) return decide(deps, situation, read, proof);
  const tried = await tryDecision(deps, situation, read, proof);
  return tried.ok && tried.isRecorded ? tried : refuse('closed', 'this link is for something that is over');
};

/** Decides each change separately. A link that is not live decides nothing; what it recorded before is recognised. */
const decideEach = async (
  deps: LinkDeps,
  sent: TogetherSent,
  proof: DecisionProof,
  decide: Decide,
): Promise<readonly Decided[]> => {
  const done: Decided[] = [];
  for (const asked of sent.asked)
    done.push({ ...asked, result: await decideOne(deps, sent, asked, { ...proof, together: sent.together }, decide) });
  return done;
};

const waitsForPasskey = ({ result }: Outcome): boolean => !result.ok && result.rejection.code === 'passkey-required';

export const orderEach = (deps: LinkDeps, sent: TogetherSent, proof: DecisionProof): Promise<readonly Decided[]> =>
  decideEach(deps, sent, proof, orderDecision);

const tryEach = (deps: LinkDeps, sent: TogetherSent): Promise<readonly Decided[]> =>
  decideEach(deps, sent, { enrolled: sent.enrolled }, tryDecision);

const titleOf = ({ change, situation }: Asked): string => situation?.latest.notice.title ?? change;

const card = ({ words, say }: Locale, asked: Asked, detail: Html): Html => html`
<li class="card"><h2>${untrustedText(titleOf(asked))}</h2>
<p class="fine"><code>${asked.change}</code> · ${say(words.change.revision, { n: asked.revision })}</p>${detail}</li>`;

const outcomeCards = async (deps: LinkDeps, { locale, person }: TogetherSent, outcomes: readonly Decided[]): Promise<Html> => {
  const cards = outcomes.map(async (each) => card(locale, each, await outcomeNote(deps, person, locale, each)));
  return outcomes.length === 0 ? empty : html`<ul class="plain waits">${await Promise.all(cards)}</ul>`;
};

/** Answers with a page, 409 if none was recorded, or to a program with 409 if any was not. */
export const answerEach = async (
  deps: LinkDeps,
  context: Context,
  sent: TogetherSent,
  outcomes: readonly Decided[],
): Promise<Response> => {
  const { locale } = sent;
  const { words, count } = locale;
  const recorded = outcomes.filter(({ result }) => result.ok).length;
  if (recorded < outcomes.length && !wantsPage(context)) return partlyRecorded(outcomes);
  const texts = words.inbox.together;
  const note = recorded < outcomes.length ? html`<p>${recorded === 0 ? texts.none : words.several.partlyLead}</p>` : empty;
  const heading = recorded === 0 ? words.problem.heading : plainText(count(texts, 'done', recorded));
  const body = html`
<h1>${heading}</h1>${note}${await outcomeCards(deps, sent, outcomes)}
<p><a href="${locale.href(`${linkPath(context)}/inbox`)}">${words.inbox.heading}</a></p>`;
  return render(context, locale, { title: heading, body, status: recorded === 0 ? 409 : 200 });
};

export const signableTogether = ({ link: { holder, seat }, form: { decision }, together }: TogetherSent): Signable => ({
  purpose: ['together', holder, seat],
  challenge: (issued) => challengeOf(togetherToSign({ holder, decision, together }, seat, issued)),
});

const narrowed = (sent: TogetherSent, outcomes: readonly Outcome[]): TogetherSent => {
  const names = outcomes.map(({ change }) => change);
  const { input, together } = sent;
  const change = (input.get('change') ?? []).filter((text) => names.includes(text.split(';', 1)[0] ?? ''));
  return {
    ...sent,
    input: new Map([...input, ['change', change]]),
    together: together.filter((each) => names.includes(each.change)),
  };
};

const togetherReview = async (
  deps: LinkDeps,
  context: Context,
  whole: TogetherSent,
  outcomes: readonly Decided[],
  refused = false,
): Promise<Response> => {
  const { locale, link, form: said, owned } = whole;
  const { words, count, list } = locale;
  const texts = words.inbox.together;
  const signs = outcomes.some(waitsForPasskey);
  const ready = outcomes.filter((each) => waitsForPasskey(each) || (each.result.ok && !each.result.isRecorded));
  if (ready.length === 0) return answerEach(deps, context, whole, outcomes);
  const sent = narrowed(whole, ready);
  const path = linkPath(context);
  const back = backToForm(locale, locale.href(`${path}/together/review`), whole.input);
  const answer = words.decide.form[said.decision === 'approve' ? 'sign' : 'refuse'];
  const fields = hiddenFields(sent.input);
  const form = signs
    ? signingForm(deps, locale, owned, {
        ...signableTogether(sent),
        action: locale.href(`${path}/passkey/together`),
        fields,
      })
    : plainForm(locale.href(`${path}/together`), fields, answer);
  const titles = untrustedText(list(ready.map((each) => fillText(words.quoted, { text: titleOf(each) }))));
  const seat = roleName(locale, link.body, link.seat);
  const cards = ready.map((each) => card(locale, each, termsList(locale, each.situation?.view.terms ?? NO_TERMS)));
  const left = outcomes.filter((each) => !ready.includes(each));
  const details = html`
${said.comment !== '' && html`<p class="says words">${untrustedText(said.comment)}</p>`}<ul class="plain waits">${cards}</ul>
${left.length > 0 && html`<h2>${texts.left}</h2>${await outcomeCards(deps, whole, left)}`}`;
  return lastStep(context, locale, {
    isSigned: signs,
    isAgain: refused,
    form,
    heading: html`<h1>${count(texts, 'sentence', ready.length, { seat, titles, answer })}</h1>`,
    lead: signs ? words.passkeys.sign.lead : words.decide.form.final,
    details,
    back,
  });
};

export const togetherReviewPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const sent = await readSent(deps, context);
  if (sent instanceof Response) return sent;
  const outcomes = await tryEach(deps, sent);
  return wantsPage(context) || outcomes.every(({ result }) => result.ok)
    ? togetherReview(deps, context, sent, outcomes)
    : partlyRecorded(outcomes);
};

export const togetherPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const sent = await readSent(deps, context);
  if (sent instanceof Response) return sent;
  const { enrolled } = sent;
  if (wantsPage(context)) {
    const tried = await tryEach(deps, sent);
    if (tried.some(waitsForPasskey)) return togetherReview(deps, context, sent, tried);
  }
  return answerEach(deps, context, sent, await orderEach(deps, sent, { enrolled }));
};

/** Shows again what a passkey was to sign, with `refused`; a program gets the refusal alone. */
export const signTogetherAgain = async (deps: LinkDeps, context: Context, sent: TogetherSent): Promise<Response> => {
  if (!wantsPage(context)) throw notSigned();
  return togetherReview(deps, context, sent, await tryEach(deps, sent), true);
};
