import { commitmentNamed } from '../../../../domain/feature/events.ts';
import { NO_TERMS, type Terms, termsDigest } from '../../../../domain/feature/terms.ts';
import type { ActView, ChangeView, PasskeyView } from '../../../../domain/feature/view.ts';
import { localMoment } from '../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { nameOfAct, slotsOf } from '../../../platform/acts.ts';
import { ballotsAreOpen, latestOf } from '../../../register/views/changeJson.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, holderName, seatName } from '../names.ts';
import { type OfficialTexts, officialText } from './officialTexts.ts';
import { termsList } from './terms.ts';

/** Characters shown of a credential's id; the record has all. */
const SHOWN_CHARS = 12;

/** Renders the passkey under an act and how its holder came by it. A key set up after a reset stays marked as such. */
export const signedWith = ({ words, say, dateTime }: Locale, passkey: PasskeyView | undefined): Html => {
  if (passkey === undefined) return empty;
  const { credential, enrolled } = passkey;
  const slots = {
    id: html`<code>${credential.slice(0, SHOWN_CHARS)}…</code>`,
    when: dateTime(enrolled.at),
    by: words.passkeys.by[enrolled.by],
  };
  return html`${words.passkeys.receipt} <small>(${say(words.passkeys.receiptKey, slots)})</small>`;
};

/** Reports whether an act's answer is hidden: while ballots are open, only that a member has answered is shown. */
const isHidden = (view: ChangeView, act: ActView): boolean => {
  if (act.type !== 'BallotCast' || act.revision !== latestOf(view).revision) return false;
  const requirement = view.requirements.find(({ id }) => id === act.requirement);
  return requirement !== undefined && ballotsAreOpen(view, requirement);
};

type Certified = Extract<ActView, { type: 'VoteCertified' }>;

const rollCall = (locale: Locale, act: Certified, body: string, { confirmation }: ChangeView, roster: Roster | null): Html => {
  const { words, zone } = locale;
  const vote = (each: Certified['roll'][number]['vote']): string => words.decide.certify[each];
  return html`
<details${confirmation?.certificate === act.act ? html` open` : empty}><summary>${words.act.rollCall}</summary><table><thead><tr><th scope="col">${words.decide.certify.seat}</th><th scope="col">${words.decide.certify.vote}</th></tr></thead><tbody>${act.roll.map(
    ({ seat, holder, vote: said }) =>
      html`<tr><th scope="row">${holder === null ? seatName(locale, roster, body, seat, localMoment(act.at, zone)) : holderName(roster, holder)}</th><td>${vote(said)}</td></tr>`,
  )}</tbody></table></details>`;
};

const certified = (locale: Locale, act: Certified, view: ChangeView, roster: Roster | null): Html => {
  const { words, say, day, zone } = locale;
  const body = view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement;
  const name = (seat: string): string => seatName(locale, roster, body, seat, localMoment(act.at, zone));
  const kind =
    act.purpose === 'correct'
      ? html`<b>${words.act.corrected}:</b> `
      : act.purpose === 'override'
        ? html`<b>${words.act.overridden}:</b> `
        : empty;
  const moved =
    act.mover === null
      ? empty
      : html` ${act.seconder === null ? say(words.act.moved, { mover: name(act.mover) }) : say(words.act.movedSeconded, { mover: name(act.mover), seconder: name(act.seconder) })}`;
  const hash =
    act.minutesSha256 === null
      ? empty
      : html` <small><code>${say(words.change.hash, { hash: act.minutesSha256 })}</code></small>`;
  const minutes =
    act.minutesUrl === null
      ? hash
      : html`<p><a href="${act.minutesUrl}" rel="noopener noreferrer nofollow external" referrerpolicy="no-referrer">${words.act.minutes}</a>${hash}</p>`;
  return html`${kind}${say(words.acts.timeline.certified, actSlots(locale, act, bodyName(locale, roster, body), roster))}
<br><small>${say(words.act.certifiedBy, { file: foreign(act.fileNumber), day: day(act.meetingDate), holder: holderName(roster, act.holder) })}${moved}</small>${minutes}${rollCall(locale, act, body, view, roster)}`;
};

/** Returns what the texts about an act name. `body`: that of its requirement. */
export const actSlots = (locale: Locale, act: ActView, body: string, roster: Roster | null) => ({
  body,
  holder: holderName(roster, act.holder),
  ...('decision' in act && { decision: locale.words.acts.decision[act.decision] }),
  ...slotsOf(act, { ...locale, foreign }),
});

export const decidedText = (locale: Locale, act: ActView, body: string, roster: Roster | null): Html =>
  locale.say(locale.words.acts.inbox[nameOfAct(act)], actSlots(locale, act, body, roster));

const headline = (locale: Locale, act: ActView, view: ChangeView, roster: Roster | null): Html => {
  const { words, say } = locale;
  const body = bodyName(locale, roster, view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement);
  const slots = actSlots(locale, act, body, roster);
  if (act.type === 'VoteCertified') return certified(locale, act, view, roster);
  if (isHidden(view, act)) return say(words.act.ballotHidden, slots);
  const said = say(words.acts.timeline[nameOfAct(act)], slots);
  return act.type === 'ApprovalRevoked' && act.fileNumber !== null
    ? html`${said} (${say(words.act.revokedFile, { file: foreign(act.fileNumber) })})`
    : said;
};

const ownTerms = ({ terms }: ChangeView, act: ActView): Terms | null => {
  if (!('terms' in act)) return null;
  const none = termsDigest(act.terms) === termsDigest(NO_TERMS);
  return none || (terms !== null && termsDigest(act.terms) === termsDigest(terms)) ? null : act.terms;
};

const messageOf = (locale: Locale, hidden: boolean, act: ActView, texts: OfficialTexts): Html => {
  const { words } = locale;
  const commitment = commitmentNamed(act);
  if (hidden || commitment === null) return empty;
  const corrects = act.type === 'VoteCertified' && act.purpose === 'correct';
  const label = corrects ? html`<small>${words.decide.certify.reason}:</small> ` : empty;
  return html`<p class="says words">${label}${officialText(locale, texts.get(commitment))}</p>`;
};

/** Renders acts of officials, oldest first, with their texts; nothing if there are none. */
export const actList = (
  locale: Locale,
  view: ChangeView,
  roster: Roster | null,
  texts: OfficialTexts,
  acts: readonly ActView[],
): Html => {
  const { words, dateTime, say } = locale;
  if (acts.length === 0) return empty;
  const latest = latestOf(view).revision;
  const items = acts.map((act) => {
    const hidden = isHidden(view, act);
    const old =
      'revision' in act && act.revision !== latest
        ? html` <small>(${say(words.change.revision, { n: act.revision })})</small>`
        : empty;
    const terms = hidden ? null : ownTerms(view, act);
    const signed = 'passkey' in act ? html`<br>${signedWith(locale, act.passkey)}` : empty;
    return html`<li><small><time datetime="${act.at}">${dateTime(act.at)}</time></small>${old}<br>${headline(locale, act, view, roster)}${terms === null ? empty : termsList(locale, terms)}${signed}${messageOf(locale, hidden, act, texts)}</li>`;
  });
  return html`<ol class="plain">${items}</ol>`;
};
