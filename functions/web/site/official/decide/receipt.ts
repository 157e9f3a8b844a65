import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { decidableUntil } from '../../../../../domain/feature/state.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { nameOfAct } from '../../../../platform/acts.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, seatName } from '../../names.ts';
import { decidedText, signedWith } from '../../parts/acts.ts';
import { toneOfStatus } from '../../parts/chip.ts';
import { type OfficialTexts, officialText } from '../../parts/officialTexts.ts';
import { audienceText, effectEnd, effectList, termsList } from '../../parts/terms.ts';
import type { Act, Situation } from './situation.ts';

const decided = (locale: Locale, act: Act, body: string, roster: Roster | null): Html => {
  const { words, day } = locale;
  const text = decidedText(locale, act, body, roster);
  if (act.type !== 'VoteCertified') return text;
  const { fileNumber, meetingDate } = words.decide.certify;
  return html`${text}<br>${fileNumber}: ${foreign(act.fileNumber)}<br>${meetingDate}: ${day(act.meetingDate)}`;
};

const message = (label: string, locale: Locale, commitment: string | null, texts: OfficialTexts): Html => {
  if (commitment === null) return empty;
  return html`<div><dt>${label}</dt><dd class="words">${officialText(locale, texts.get(commitment))}</dd></div>`;
};

/** Renders what the decision led to, as of now. */
export const outcome = (locale: Locale, { view, latest, link, roster, evaluation, effect }: Situation): Html => {
  const { words, say, bodyList, until } = locale;
  const { receipt } = words.decide;
  if (latest.revision !== link.revision) return html`${receipt.nowVoided}`;
  switch (view.status) {
    case 'approved': {
      if (evaluation.variant === 'blocked') return html`${receipt.approvedBlocked}`;
      if (!mayBeOn(evaluation.variant)) return html`${words.because[evaluation.variant]}`;
      return say(receipt.nowOnTerms, {
        audience: audienceText(locale, effect.audience),
        end: effectEnd(locale, effect),
      });
    }
    case 'pending': {
      const left = view.requirements.filter(
        ({ instrument, status }) => instrument !== 'advice' && status !== 'met' && status !== 'overridden',
      );
      if (left.some(({ id }) => id === link.requirement)) return html`${receipt.nowOpen}`;
      return say(receipt.nowWaiting, { bodies: bodyList([...new Set(left.map(({ body }) => bodyName(roster, body)))]) });
    }
    case 'vetoed':
      return say(receipt.nowVetoed, { when: until(decidableUntil(view) ?? latest.at) });
    case 'refused':
      return html`${receipt.nowRefused}`;
    case 'revoked':
      return html`${receipt.nowRevoked}`;
    default:
      return say(receipt.nowEnded, { status: words.status[view.status] });
  }
};

/** Renders one act of the person: what, in which seat, when, and on which revision and terms. */
export const receiptOf = (locale: Locale, situation: Situation, act: Act, texts: OfficialTexts): Html => {
  const { words, dateTime } = locale;
  const { link, bound, latest, roster, zone } = situation;
  const title = (bound ?? latest).notice.title;
  const terms =
    'terms' in act ? html`<div><dt>${words.decide.receipt.terms}</dt><dd>${termsList(locale, act.terms)}</dd></div>` : empty;
  const body = bodyName(roster, situation.requirement?.body ?? link.body);
  const corrects = act.type === 'VoteCertified' && act.purpose === 'correct';
  return html`
<h2>${locale.say(words.acts.receipt[nameOfAct(act)], { title: foreign(title) })}</h2>
<dl class="facts"><div><dt>${words.decide.receipt.decision}</dt><dd>${decided(locale, act, body, roster)}</dd></div>
<div><dt>${words.decide.receipt.seat}</dt><dd>${seatName(roster, link.body, act.seat, localMoment(act.at, zone))}</dd></div>
<div><dt>${words.decide.receipt.when}</dt><dd><time datetime="${act.at}">${dateTime(act.at)}</time></dd></div>
<div><dt>${words.decide.receipt.words}</dt><dd>${locale.say(words.change.revision, { n: act.revision })}<br><code>${act.digest}</code></dd></div>
${'passkey' in act ? html`<div><dt>${words.passkeys.key}</dt><dd>${signedWith(locale, act.passkey)}</dd></div>` : empty}${terms}${message(corrects ? words.decide.certify.reason : words.decide.receipt.message, locale, act.comment, texts)}</dl>`;
};

/** Renders the person's own revocation; nothing if they did not revoke. */
export const revocationReceipt = (locale: Locale, situation: Situation, texts: OfficialTexts): Html => {
  const { words, dateTime, say } = locale;
  const { revocation, roster, link, zone, bound, latest } = situation;
  if (revocation === undefined) return empty;
  return html`
<h2>${say(words.acts.receipt.revoked, { title: foreign((bound ?? latest).notice.title) })}</h2>
<dl class="facts"><div><dt>${words.decide.receipt.when}</dt><dd><time datetime="${revocation.at}">${dateTime(revocation.at)}</time></dd></div>
<div><dt>${words.decide.receipt.seat}</dt><dd>${seatName(roster, link.body, revocation.seat, localMoment(revocation.at, zone))}</dd></div>
${revocation.fileNumber === null ? empty : html`<div><dt>${words.acts.forms.revoke.fileNumber}</dt><dd>${foreign(revocation.fileNumber)}</dd></div>`}
${message(words.decide.receipt.message, locale, revocation.reason, texts)}</dl>`;
};

/** Renders the effect under a receipt, while the decision counts towards it. */
export const effectUnderReceipt = (locale: Locale, { view, latest, link, mine, effect, requirement }: Situation): Html =>
  mine.length === 0 ||
  link.key === POLICY_KEY ||
  requirement?.instrument === 'advice' ||
  latest.revision !== link.revision ||
  (view.status !== 'approved' && view.status !== 'pending')
    ? empty
    : html`<h2>${locale.words.decide.effect.heading}</h2>${effectList(locale, effect)}`;

/** Renders the current state, with which a receipt begins. */
export const standing = (locale: Locale, situation: Situation): Html =>
  html`<p class="lead ${toneOfStatus(situation.view.status)}"><b>${outcome(locale, situation)}</b></p>`;
