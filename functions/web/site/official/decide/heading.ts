import { decidableUntil, isOpen } from '../../../../../domain/feature/state.ts';
import { closesFor } from '../../../../register/waiting.ts';
import { empty, fillText, foreign, type Html, html, plainText } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName, roleName } from '../../names.ts';
import { icon } from '../../parts/chip.ts';
import { type OfficialTexts, officialText } from '../../parts/officialTexts.ts';
import { timeLeft } from '../../parts/secondVote.ts';
import { certifiedBody } from './certificate.ts';
import { standing } from './receipt.ts';
import type { Situation } from './situation.ts';

const eyebrow = (locale: Locale, situation: Situation): Html => {
  const { words, say, deadline, dateTime, bodySlots } = locale;
  const { requirement, view, now, roster, link } = situation;
  if (requirement === undefined) return empty;
  const asked = say(words.decide.eyebrow[requirement.instrument], {
    seat: roleName(locale, roster, link.body, link.seat),
    ...bodySlots(certifiedBody(situation)),
  });
  const closes = closesFor(view, requirement);
  const from = view.pinned?.from ?? null;
  const early = from !== null && now < from ? html` ${say(words.decide.decideFrom, { when: dateTime(from) })}` : empty;
  const clock =
    closes === null ? empty : html` ${say(words.decide.openUntil, { when: deadline(closes) })} ${timeLeft(locale, closes)}`;
  return html`<p class="eyebrow">${asked}${clock}${early}</p>`;
};

const question = (locale: Locale, situation: Situation, isPolicy: boolean): Html => {
  const { words, say } = locale;
  const { latest, requirement, can } = situation;
  const title = foreign(latest.notice.title);
  if (!can.decide && !can.override) return can.confirm ? say(words.decide.confirm.ask, { title }) : empty;
  if (isPolicy && requirement?.instrument !== 'certification') return html`${words.policyChange.ask}`;
  if (isPolicy) return say(words.policyChange.askCertify, { ...locale.bodySlots(certifiedBody(situation)) });
  return requirement?.instrument === 'certification'
    ? say(words.decide.askCertify, { ...locale.bodySlots(certifiedBody(situation)), title })
    : say(words.decide.ask[latest.notice.kind], { title });
};

const closedNote = (locale: Locale, situation: Situation): Html => {
  const { words, say, bodyList, until } = locale;
  const { view, requirement, holds, roster, now } = situation;
  const { closed } = words.decide;
  if (isOpen(view)) {
    if (view.pinned === null) return html`${closed.noPolicy}`;
    if (!holds) return html`${closed.notHolding}`;
    if (view.status === 'vetoed') return say(closed.vetoed, { when: until(decidableUntil(view) ?? now) });
    if (requirement?.status === 'waiting') {
      const first = (requirement.rule.after ?? []).map((id) => view.requirements.find((each) => each.id === id)?.body ?? id);
      return say(closed.notYet, { bodies: bodyList(first.map((body) => bodyName(roster, body))) });
    }
    if (requirement !== undefined && requirement.status !== 'open')
      return say(closed.otherDecided, { ...locale.bodySlots(bodyName(roster, requirement.body)) });
    const from = view.pinned.from;
    return now < from ? say(words.decide.decideFrom, { when: locale.dateTime(from) }) : html`${closed.nothingToDo}`;
  }
  return view.status === 'approved' && situation.can.revoke
    ? standing(locale, situation)
    : say(closed.ended, { status: words.status[view.status] });
};

const toConfirm = (locale: Locale, situation: Situation): Html => {
  const { words, say, deadline, bodySlots } = locale;
  const closes = situation.view.confirmation?.until;
  const clock =
    closes === undefined ? empty : html` ${say(words.decide.openUntil, { when: deadline(closes) })} ${timeLeft(locale, closes)}`;
  return html`<p class="eyebrow">${say(words.decide.confirm.eyebrow, { ...bodySlots(certifiedBody(situation)) })}${clock}</p>`;
};

/** Renders who disputed the certificate that the clerk can correct or give again, and why; nothing without a dispute. */
export const disputeNote = (locale: Locale, { view, can, roster }: Situation, texts: OfficialTexts): Html => {
  const dispute = view.acts.findLast((act) => act.type === 'ConfirmationGiven');
  if (view.confirmation?.disputed !== true || !can.correct || dispute?.type !== 'ConfirmationGiven') return empty;
  const { holder, comment } = dispute;
  const why = comment === null ? empty : html`: ${officialText(locale, texts.get(comment))}`;
  return html`<p class="note">${icon('warning')}${locale.say(locale.words.acts.timeline.disputed, { holder: holderName(roster, holder) })}${why}</p>`;
};

const isReceipt = ({ mine, revocation }: Situation): boolean => mine.length > 0 || revocation !== undefined;

/** Returns the title of the page: its question, or whether it is a receipt or shows a change. */
export const pageTitle = (locale: Locale, situation: Situation, isPolicy: boolean): string => {
  const { words } = locale;
  const { latest, link } = situation;
  const asked = plainText(question(locale, situation, isPolicy));
  if (asked !== '') return asked;
  if (isReceipt(situation)) return `${words.decide.receipt.heading}: ${latest.notice.title}`;
  return fillText(words.feature.changeOf, { n: String(link.n), title: latest.notice.title });
};

/** Renders what is asked of this person and until when, or why nothing is. */
export const heading = (locale: Locale, situation: Situation, isPolicy: boolean): Html => {
  const { words } = locale;
  const { can } = situation;
  if (can.decide || can.override || can.confirm) {
    const asked = can.decide || can.override ? eyebrow(locale, situation) : toConfirm(locale, situation);
    return html`${asked}<h1>${question(locale, situation, isPolicy)}</h1>`;
  }
  const title = foreign(situation.latest.notice.title);
  return isReceipt(situation)
    ? html`<p class="eyebrow calm">${words.decide.receipt.heading}</p><h1>${title}</h1>${standing(locale, situation)}`
    : html`<h1>${title}</h1><p class="lead">${closedNote(locale, situation)}</p>`;
};
