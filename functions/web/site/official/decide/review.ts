import type { Context } from 'hono';
import { type DecisionRequest, decisionToSign } from '../../../../../domain/feature/decisionToSign.ts';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { issueChallenge, type Purpose, relyingPartyOf } from '../../../../gate/challenges.ts';
import { type Enrolment, enrolmentOf, ownerOf, type Passkey } from '../../../../gate/passkeys.ts';
import type { LinkDeps } from '../../deps.ts';
import { hidden, type Input, type SentForm } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { type DecideLink, linkPath } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { seatName } from '../../names.ts';
import { type HtmlPage, linkIn, render } from '../../page.ts';
import { getOptions, PASSKEY_FIELDS, passkeyForm } from '../../parts/passkeyForm.ts';
import { termsList } from '../../parts/terms.ts';
import { certifiedBody, rollText, withVotes } from './forms.ts';
import { decisionRequestFor } from './order.ts';
import type { CertificateForm, OfficialForm } from './read.ts';
import { localeOfSituation, type Situation } from './situation.ts';

const row = (term: string, value: Html | string): Html => html`<div><dt>${term}</dt><dd>${value}</dd></div>`;

const seatNames = (locale: Locale, { roster, requirement, zone, now }: Situation, { meetingDate }: CertificateForm) => {
  const when = lastMomentOf(meetingDate, zone, now);
  return (seat: string): string => seatName(locale, roster, requirement?.body ?? '', seat, when);
};

/** Renders a certificate in one sentence: the body, the day, the file, and how many gave which vote. */
export const certificateSentence = (locale: Locale, situation: Situation, read: CertificateForm): Html => {
  const { words, say, day, bodySlots } = locale;
  const roll = rollText(locale, read.votes, seatNames(locale, situation, read));
  const slots = { day: day(read.meetingDate), file: foreign(read.fileNumber), roll };
  return say(words.decide.certify.sentence, { ...bodySlots(certifiedBody(locale, situation)), ...slots });
};

/** Renders the record of a meeting as rows of a list. */
export const certificateRows = (locale: Locale, situation: Situation, read: CertificateForm): Html => {
  const { words, day } = locale;
  const { certify } = words.decide;
  const name = seatNames(locale, situation, read);
  const votes = Object.entries(read.votes).map(([seat, vote]) => html`<li>${name(seat)}: <b>${certify[vote]}</b></li>`);
  return html`
${row(certify.fileNumber, foreign(read.fileNumber))}
${row(certify.meetingDate, day(read.meetingDate))}${row(certify.roll, html`<ul class="votes">${votes}</ul>`)}
${row(certify.mover, read.mover === null ? certify.notRecorded : name(read.mover))}${row(certify.seconder, read.seconder === null ? certify.notRecorded : name(read.seconder))}
${read.minutesUrl === null ? empty : row(certify.minutesUrl, foreign(read.minutesUrl))}${read.minutesSha256 === null ? empty : row(certify.minutesSha256, html`<code>${read.minutesSha256}</code>`)}`;
};

const isTakenBack = (read: OfficialForm): boolean => read.kind === 'decision' && read.decision === 'take-back';

const inWords = (locale: Locale, situation: Situation, read: OfficialForm): Html => {
  const { words, say } = locale;
  const { latest, link, requirement, roster, now, zone } = situation;
  const { receipt } = words.decide;
  const change = html`${say(words.change.revision, { n: latest.revision })} · <code>${link.key}/${link.n}</code><br><code>${latest.digest}</code>`;
  const decided =
    read.kind === 'certificate'
      ? html`${row(words.passkeys.sign.purpose, words.decide.certify[read.purpose])}${certificateRows(locale, situation, read)}`
      : row(receipt.decision, words.acts.decision[read.decision]);
  const setsTerms = requirement?.instrument !== 'advice' && !isTakenBack(read);
  return html`
<dl class="facts">${decided}
${row(receipt.seat, seatName(locale, roster, link.body, link.seat, localMoment(now, zone)))}${row(receipt.words, change)}
${setsTerms ? row(receipt.terms, termsList(locale, read.terms)) : empty}
${read.comment === '' ? empty : row(receipt.message, html`<span class="words">${foreign(read.comment)}</span>`)}</dl>`;
};

const headingOf = ({ words, say }: Locale, { latest, requirement }: Situation, read: OfficialForm): Html => {
  const { sign } = words.passkeys;
  const title = { title: foreign(latest.notice.title) };
  if (read.kind === 'certificate') return say(sign.certify, title);
  if (requirement?.instrument === 'ballots') return say(sign.ballot, title);
  if (requirement?.instrument === 'advice') return say(sign.advise, title);
  if (read.decision === 'take-back') return say(sign.takeBack, title);
  return say(read.decision === 'approve' ? sign.sign : sign.refuse, title);
};

/** Renders a decision to check before it is sent: its heading, a certificate's sentence and every part of it. `lead`: what to do. */
export const decisionText = (locale: Locale, situation: Situation, read: OfficialForm, lead: string): Html => html`
<p class="eyebrow">${locale.words.passkeys.sign.eyebrow}</p><h1>${headingOf(locale, situation, read)}</h1>
${read.kind === 'certificate' ? html`<p class="lead"><b>${certificateSentence(locale, situation, read)}</b></p>` : empty}<p>${lead}</p>${inWords(locale, situation, read)}`;

/** The button that asks for the form again, as it was filled in, instead of a passkey. */
export const EDIT = 'edit';

/** Returns the form of the page that a decision was sent from. */
export const formOf = (read: OfficialForm): 'decision' | 'take-back' => (isTakenBack(read) ? 'take-back' : 'decision');

type Read = Extract<SentForm<OfficialForm>, { ok: true }>;

/** Renders all that was sent, but for a passkey's answer, as hidden fields. */
export const hiddenFields = (input: Input): Html =>
  html`${[...input]
    .filter(([name]) => !PASSKEY_FIELDS.some((added) => added === name))
    .flatMap(([name, values]) => values.map((each) => hidden(name, each)))}`;

/** Renders what was sent as hidden fields. A certificate names the vote of every seat, as it is shown. */
export const sentFields = ({ input, value }: Read): Html =>
  hiddenFields(value.kind === 'certificate' ? withVotes(input, value.votes) : input);

/** Renders the button that leads back to the form as it was filled in. `action`: where it is sent. */
export const backToForm = ({ words }: Locale, action: string, input: Input): Html => html`
<form method="post" action="${action}">${hiddenFields(input)}<p><button type="submit" class="quiet" name="${EDIT}" value="yes">${words.passkeys.sign.edit}</button></p></form>`;

/** Returns the page that shows a whole decision with one button that sends it. It decides nothing. */
export const reviewPage = (context: Context, locale: Locale, situation: Situation, sent: Read): HtmlPage => {
  const { certify } = locale.words.decide;
  const action = linkIn(context, linkPath(context));
  const { value } = sent;
  const send = value.kind === 'certificate' && value.purpose === 'correct' ? certify.submitCorrect : certify.submit;
  return {
    title: certify.reviewTitle,
    body: html`${decisionText(locale, situation, value, certify.swear)}
<form method="post" action="${action}">${sentFields(sent)}<p><button type="submit">${send}</button></p></form>
${backToForm(locale, action, sent.input)}`,
  };
};

/** Reads the passkeys this person must decide with; none if the rule asks for none. */
export const passkeysFor = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  { passkeys, link }: Pick<Situation, 'passkeys' | 'link'>,
): Promise<Enrolment> =>
  passkeys === 'off' ? { owned: [], enrolled: false } : enrolmentOf(ports, await ownerOf(ports, link.holder));

/** The purpose of a challenge to decide: one person, one requirement of one revision. */
export const purposeOf = ({ holder, seat, requirement, key, n, revision }: DecideLink): Purpose => [
  'decide',
  holder,
  seat,
  requirement,
  key,
  n,
  revision,
];

/** Renders where to set up a passkey, for a person who needs one and has none. `back`: the way back to what was sent. */
export const needsOne = (context: Context, locale: Locale, back?: Html): Response | Promise<Response> => {
  const { sign } = locale.words.passkeys;
  const path = linkPath(context);
  const body = html`
<p class="eyebrow">${sign.eyebrow}</p><h1>${sign.none}</h1><p class="lead">${sign.noneLead}</p>
<p><a class="go" href="${linkIn(context, `${path}/passkey`)}">${sign.setUp}</a></p>
${back ?? html`<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`}`;
  return render(context, locale, { title: sign.none, body, status: 409 });
};

/** Computes the WebAuthn challenge for a request by the person behind a link. */
export const challengeFor = (link: DecideLink, request: DecisionRequest, issued: Parameters<typeof decisionToSign>[3]): string =>
  challengeOf(decisionToSign(link.key, link.seat, request, issued));

/**
 * Renders the second step of a decision that needs a passkey: the whole decision in words, and a button. It decides nothing and
 * stores nothing but the message; the form sends everything again with the signature. `refused`: why the last attempt failed.
 */
export const askForPasskey = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  sent: Extract<SentForm<OfficialForm>, { ok: true }>,
  owned: readonly Passkey[],
  refused?: Html,
): Promise<Response> => {
  const { ports, keys } = deps;
  const { link } = situation;
  const locale = localeOfSituation(context, situation);
  const relyingParty = relyingPartyOf(ports.url);
  const request = await decisionRequestFor(deps, situation, sent.value);
  const { sign } = locale.words.passkeys;
  const back = backToForm(locale, linkIn(context, linkPath(context)), sent.input);
  if (relyingParty === undefined || owned.length === 0 || request === undefined) return needsOne(context, locale, back);
  const issued = issueChallenge(keys.linkKey, ports.url, purposeOf(link), situation.now);
  const form = passkeyForm(locale, {
    action: `${linkPath(context)}/passkey/decide${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeFor(link, request, issued), relyingParty, owned),
    issued,
    button: sign.button,
    fields: sentFields(sent),
  });
  const body = html`
${refused === undefined ? empty : html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${refused}</p></div>`}
${decisionText(locale, situation, sent.value, sign.lead)}${form}${back}`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: refused === undefined ? 200 : 409 });
};
