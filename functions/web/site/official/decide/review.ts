import type { Context } from 'hono';
import { isAltered, judgeRecord } from '../../../../../domain/feature/decide/secondVote.ts';
import { type DecisionRequest, decisionToSign, type WebAuthnChallenge } from '../../../../../domain/feature/decisionToSign.ts';
import { POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { findChange } from '../../../../../domain/feature/state.ts';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../../../domain/roster/holders.ts';
import {
  type Enrolment,
  enrolmentNow,
  issueChallenge,
  type Passkey,
  type Purpose,
  relyingPartyOf,
} from '../../../../gate/passkeys.ts';
import { refused } from '../../../http/problems.ts';
import type { LinkDeps } from '../../deps.ts';
import { getOptions, hiddenFields, type Input, passkeyForm, type SentForm } from '../../forms.ts';
import { descriptionItem, empty, type Html, html, untrustedText } from '../../html.ts';
import { type DecideLink, linkPath } from '../../links.ts';
import { type CityLocale, type Locale, roleName, seatName } from '../../locale.ts';
import { localeOfPerson, render } from '../../page.ts';
import { answerText } from '../../parts/approvalPath.ts';
import { allowsText, effectList, termsFact } from '../../parts/terms.ts';
import { certifiedSlots, decisionAnswers, foretold, lateNote, othersOf, rollText, withVotes } from './forms.ts';
import { decisionRequestFor } from './order.ts';
import type { CertificateForm, DecisionForm, OfficialForm, Situation } from './situation.ts';

const seatNames = (locale: CityLocale, { requirement, zone, now }: Situation, { meetingDate }: CertificateForm) => {
  const when = lastMomentOf(meetingDate, zone, now);
  return (seat: string): string => seatName(locale, requirement?.body ?? '', seat, when);
};

export const certificateSentence = (locale: CityLocale, situation: Situation, read: CertificateForm): Html => {
  const { words, say, day } = locale;
  const roll = rollText(locale, read.votes, seatNames(locale, situation, read));
  const slots = { day: day(read.meetingDate), file: untrustedText(read.fileNumber), roll };
  return say(words.decide.certify.sentence, { ...certifiedSlots(locale, situation), ...slots });
};

const judged = ({ view, state, requirement, roster, zone, now }: Situation, read: CertificateForm) => {
  const change = findChange(state, view.number);
  if (change === undefined || requirement === undefined || roster === null) return undefined;
  const { id, body, rule } = requirement;
  const holders = holdersOf(roster, body, lastMomentOf(read.meetingDate, zone, now));
  const roll = Object.entries(read.votes).map(([seat, vote]) => ({ seat, vote, holder: holders.get(seat)?.id ?? null }));
  const altered = isAltered(state, change, rule, { ...read, requirement: id, roll });
  return { ...judgeRecord(state, change, rule, read), altered };
};

/** Warns of a record that ends the change for good: too few votes, or, after others acted, another day or other voters. */
export const shortfall = ({ words, say, number }: CityLocale, situation: Situation, read: CertificateForm): Html => {
  const roll = judged(situation, read);
  if (roll === undefined || (roll.outcome === 'met' && !roll.altered)) return empty;
  const { outcome, yes, needed, present } = roll;
  const { short, shortOfQuorum, altered, shortEnds } = words.decide.certify;
  const { quorum = 0 } = situation.requirement?.rule ?? {};
  const why = {
    met: altered,
    below: say(short, { yes: number(yes), needed: number(needed) }),
    'no-quorum': say(shortOfQuorum, { present: number(present), quorum: number(quorum) }),
  }[outcome];
  return html`<p class="note no">${why} ${shortEnds}</p>`;
};

export const certificateRows = (locale: CityLocale, situation: Situation, read: CertificateForm): Html => {
  const { words, day } = locale;
  const { certify } = words.decide;
  const name = seatNames(locale, situation, read);
  const person = (seat: string | null) => (seat === null ? certify.notRecorded : name(seat));
  const votes = Object.entries(read.votes).map(([seat, vote]) => html`<li>${name(seat)}: <b>${certify[vote]}</b></li>`);
  return html`
${descriptionItem(certify.fileNumber, untrustedText(read.fileNumber))}
${descriptionItem(certify.meetingDate, day(read.meetingDate))}${descriptionItem(certify.roll, html`<ul class="votes">${votes}</ul>`)}
${descriptionItem(certify.mover, person(read.mover))}${descriptionItem(certify.seconder, person(read.seconder))}
${read.minutesUrl !== null && descriptionItem(certify.minutesUrl, untrustedText(read.minutesUrl))}
${read.minutesSha256 !== null && descriptionItem(certify.minutesSha256, html`<code>${read.minutesSha256}</code>`)}`;
};

const isTakenBack = (read: OfficialForm): boolean => read.kind === 'decision' && read.decision === 'take-back';

/** Reports whether the form decides terms: not advice, taking back a refusal, or confirming a certificate. */
const decidesTerms = ({ requirement }: Situation, read: OfficialForm): boolean =>
  requirement?.instrument !== 'advice' &&
  (read.kind === 'certificate' || !['take-back', 'confirm', 'dispute'].includes(read.decision));

const isYes = (situation: Situation, read: OfficialForm): boolean =>
  read.kind === 'certificate'
    ? read.purpose !== 'correct' && judged(situation, read)?.outcome === 'met'
    : read.decision === 'approve' && !situation.can.late;

const inWords = (locale: CityLocale, situation: Situation, read: OfficialForm): Html => {
  const { words, say } = locale;
  const { latest, link, now, zone } = situation;
  const { receipt } = words.decide;
  const change = html`${say(words.change.revision, { n: latest.revision })} · <code>${link.key}/${link.n}</code><br>
<code>${latest.digest}</code>`;
  const decided =
    read.kind === 'certificate'
      ? html`${descriptionItem(words.passkeys.sign.purpose, words.decide.certify[read.purpose])}${certificateRows(locale, situation, read)}`
      : descriptionItem(receipt.decision, answerText(locale, read.decision, situation.requirement?.instrument === 'ballots'));
  const terms = !decidesTerms(situation, read)
    ? empty
    : isYes(situation, read) && link.key !== POLICY_KEY
      ? descriptionItem(words.decide.effect.heading, effectList(locale, situation.effectOn(read.terms)))
      : termsFact(locale, link.key, read.terms);
  return html`
<dl class="facts">${decided}
${descriptionItem(receipt.seat, seatName(locale, link.body, link.seat, localMoment(now, zone)))}${descriptionItem(words.decide.exactWords, change)}
${terms}
${read.comment !== '' && descriptionItem(words.decide.form.comment, untrustedText(read.comment), 'words')}</dl>`;
};

const decisionSentence = (locale: CityLocale, situation: Situation, { decision, terms }: DecisionForm): Html => {
  const { words, say } = locale;
  const { latest, link, requirement } = situation;
  const { review } = words.decide;
  const label =
    decision === 'take-back' ? review.takeBack : (decisionAnswers(locale, situation)[decision] ?? words.acts.decision[decision]);
  const effect = situation.effectOn(terms);
  const { after, beside } = othersOf(situation);
  const allows =
    decision !== 'approve' || requirement?.instrument === 'advice' || link.key === POLICY_KEY || situation.can.late
      ? []
      : [
          allowsText(locale, effect, after.length + beside.length > 0),
          ...(effect.conditions.length === 0 ? [] : [html`${review.conditions}`]),
        ];
  return say(review.sentence, {
    seat: roleName(locale, link.body, link.seat),
    n: latest.revision,
    title: untrustedText(latest.notice.title),
    answer: html`${label}${allows.map((part) => html`, ${part}`)}`,
  });
};

const decisionText = (locale: CityLocale, situation: Situation, read: OfficialForm): Html => {
  const { words, say } = locale;
  const title = { title: untrustedText(situation.latest.notice.title) };
  const sentence =
    read.kind === 'certificate'
      ? html`<h1>${say(words.passkeys.sign.certify, title)}</h1><p class="lead"><b>${certificateSentence(locale, situation, read)}</b></p>${shortfall(locale, situation, read)}`
      : html`<h1>${decisionSentence(locale, situation, read)}</h1>`;
  const effect = isYes(situation, read) && decidesTerms(situation, read) ? foretold(locale, situation, read.terms) : empty;
  const note = situation.can.late ? lateNote(locale, situation) : effect;
  return html`${sentence}${note}`;
};

const buttonOf = (
  locale: Locale,
  situation: Situation,
  read: OfficialForm,
): { readonly button: string; readonly lead: string } => {
  const { certify, form, adviceNote } = locale.words.decide;
  if (read.kind === 'certificate')
    return { button: read.purpose === 'correct' ? certify.submitCorrect : certify.submit, lead: certify.swear };
  const leads: Partial<Record<string, string>> = { ballots: form.ballotFinal, advice: adviceNote };
  const lead = leads[situation.requirement?.instrument ?? ''] ?? form.final;
  return { button: decisionAnswers(locale, situation)[read.decision] ?? '', lead };
};

export const EDIT = 'edit';

export const formOf = (read: OfficialForm): 'decision' | 'take-back' => (isTakenBack(read) ? 'take-back' : 'decision');

type Read = Extract<SentForm<OfficialForm>, { ok: true }>;

const sentFields = ({ input, value }: Read): Html =>
  hiddenFields(value.kind === 'certificate' ? withVotes(input, value.votes) : input);

export const plainForm = (action: string, fields: Html, button: string): Html =>
  html`<form method="post" action="${action}">${fields}<p><button type="submit">${button}</button></p></form>`;

export const backToForm = ({ words }: Locale, action: string, input: Input): Html => html`
<form method="post" action="${action}">${hiddenFields(input)}
<p><button type="submit" class="quiet" name="${EDIT}" value="yes">${words.passkeys.sign.edit}</button></p></form>`;

export const passkeysFor = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  { passkeys, link }: Pick<Situation, 'passkeys' | 'link'>,
): Promise<Enrolment> => (passkeys === 'off' ? { owned: [], enrolled: false } : enrolmentNow(ports, link.holder));

/** Answers a person who needs a passkey and has none. `back`: leads back to the form. */
const needsOne = (context: Context, locale: Locale, back: Html): Response | Promise<Response> => {
  const { sign } = locale.words.passkeys;
  const body = html`
<p class="eyebrow">${sign.eyebrow}</p><h1>${sign.none}</h1><p class="lead">${sign.noneLead}</p>
<p><a class="go" href="${locale.href(`${linkPath(context)}/passkey`)}">${sign.setUp}</a></p>${back}`;
  return render(context, locale, { title: sign.none, body, status: 409 });
};

/** What a passkey signs: a challenge issued for one purpose only, or a message with such a challenge. */
export interface Signable {
  readonly purpose: Purpose;
  readonly challenge: (issued: WebAuthnChallenge) => string;
}

export const signableDecision = (
  { key, holder, seat, requirement, n, revision }: DecideLink,
  request: DecisionRequest,
): Signable => ({
  purpose: ['decide', holder, seat, requirement, key, n, revision],
  challenge: (issued) => challengeOf(decisionToSign(key, seat, request, issued)),
});

interface SigningForm extends Signable {
  readonly action: string;
  readonly fields: Html;
  readonly button?: string;
}

/** Renders the form that a passkey signs; undefined if none of these passkeys can. */
export const signingForm = (
  { ports, keys }: LinkDeps,
  locale: Locale,
  owned: readonly Passkey[],
  { purpose, challenge, button = locale.words.passkeys.sign.button, ...form }: SigningForm,
): Html | undefined => {
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return undefined;
  const issued = issueChallenge(keys.linkKey, ports.url, purpose, locale.now);
  const options = getOptions(challenge(issued), relyingParty, owned);
  return passkeyForm(locale, { ...form, kind: 'get', options, issued, button });
};

export const notSigned = () => refused('passkey-refused', { detail: 'no passkey of this person has signed this now' });

export const refusedNote = ({ words }: Locale): Html =>
  html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;

/** `form`: undefined if it needs a passkey and the person has none; `isAgain`: the last signature was rejected. */
interface LastStep {
  readonly isSigned?: boolean;
  readonly isAgain?: boolean | undefined;
  readonly form: Html | undefined;
  readonly heading: Html;
  readonly lead: string;
  readonly details: Html;
  readonly back: Html;
}

/** Renders the last page before an act counts. */
export const lastStep = (context: Context, locale: Locale, step: LastStep): Response | Promise<Response> => {
  const { certify } = locale.words.decide;
  const { sign } = locale.words.passkeys;
  const { isSigned = false, isAgain, form, heading, lead, details, back } = step;
  if (form === undefined) return needsOne(context, locale, back);
  const body = html`${isAgain && refusedNote(locale)}
<p class="eyebrow">${sign.eyebrow}</p>${heading}<p>${lead}</p>${form}${details}${back}`;
  const title = isSigned ? sign.title : certify.reviewTitle;
  return render(context, locale, { title, body, scripted: isSigned, status: isAgain ? 409 : 200 });
};

interface Signing {
  readonly owned: readonly Passkey[];
  readonly refused?: boolean;
}

export const reviewPage = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  sent: Read,
  signing?: Signing,
): Promise<Response> => {
  const locale = localeOfPerson(context, situation, situation.rosters);
  const { value } = sent;
  const path = linkPath(context);
  const back = backToForm(locale, locale.href(path), sent.input);
  const fields = sentFields(sent);
  const { button, lead } = buttonOf(locale, situation, value);
  const request = signing && (await decisionRequestFor(deps, situation, value));
  const signed = request && {
    ...signableDecision(situation.link, request),
    action: locale.href(`${path}/passkey/decide`),
    fields,
  };
  const form =
    signing === undefined
      ? plainForm(locale.href(path), fields, button)
      : signed && signingForm(deps, locale, signing.owned, signed);
  const isSigned = signing !== undefined;
  return lastStep(context, locale, {
    isSigned,
    isAgain: signing?.refused,
    form,
    heading: decisionText(locale, situation, value),
    lead: isSigned ? locale.words.passkeys.sign.lead : lead,
    details: inWords(locale, situation, value),
    back,
  });
};
