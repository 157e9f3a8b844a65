import { decidableUntil } from '../../../../../domain/feature/state.ts';
import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { requirementJson } from '../../../../register/views/changeJson.ts';
import { type Choice, type FormState, hidden, oneOf, radios, textArea } from '../../forms.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { boundTo, documentsNote, type Target, termsPart } from './forms.ts';
import { meetingFields, noteField, prefilled, seatsToCall, seatToday, withVotes } from './rollCall.ts';
import type { Situation } from './situation.ts';

const purposes = ({ words }: Locale, { can }: Situation): readonly Choice[] => {
  const { adopt, override, correct } = words.decide.certify;
  return [
    ...(can.decide ? [{ value: 'adopt', label: adopt }] : []),
    ...(can.override ? [{ value: 'override', label: override }] : []),
    ...(can.correct ? [{ value: 'correct', label: correct, note: words.decide.certify.correctNote }] : []),
  ];
};

/** Renders what the clerk must know: when the revision arrived, how many must say yes, and until when the vote can be recorded. */
export const certificateFacts = (locale: Locale, situation: Situation): Html => {
  const { words, say, count, number, dateTime, deadline } = locale;
  const { view, requirement, latest, zone, now, roster, can } = situation;
  if (requirement === undefined) return empty;
  const { needed, of } = requirementJson(view, requirement, { now, zone, roster });
  const vetoed = view.requirements.find(({ id }) => id === view.veto?.requirement)?.rule.override;
  const closes = decidableUntil(view);
  return html`
<ul><li>${say(words.decide.certify.arrived, { revision: latest.revision, when: dateTime(latest.at) })}</li>
<li>${can.override && vetoed !== undefined ? count(words.decide.certify, 'neededOverride', vetoed.yes) : count(words.decide, 'yesCounts', needed, { of: number(of) })}${
    requirement.rule.quorum === undefined ? empty : html` ${count(words.decide.certify, 'quorum', requirement.rule.quorum)}`
  }</li>
${closes === null ? empty : html`<li>${say(words.decide.certify.window, { when: deadline(closes) })}</li>`}</ul>`;
};

const dayHint = ({ words, day }: Locale, { view, zone }: Situation): string =>
  view.pinned === null
    ? words.decide.certify.dateHint
    : fillText(words.decide.certify.meetingFrom, { day: day(localDateOf(view.pinned.from, zone)) });

const purposeField = (locale: Locale, situation: Situation, form: FormState): Html => {
  const choices = purposes(locale, situation);
  const [only] = choices;
  return choices.length === 1 && only !== undefined && form.faults.every(({ name }) => name !== 'purpose')
    ? html`${only.value === 'adopt' ? empty : html`<p>${only.label}</p>`}${hidden('purpose', only.value)}`
    : radios(locale, form, 'purpose', locale.words.decide.certify.purpose, choices);
};

/** Fills a correction with what was recorded, so that only what was wrong needs editing. */
const fromRecord = ({ view, requirement, latest, can }: Situation, form: FormState): FormState => {
  const act = view.acts.findLast(
    (each) => each.type === 'VoteCertified' && each.requirement === requirement?.id && each.revision === latest.revision,
  );
  if (act?.type !== 'VoteCertified' || !onlyCorrects(can) || form.input.size > 0) return form;
  const { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256, roll } = act;
  const fields = { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 };
  const input = new Map(Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, [value]] as const])));
  return { ...form, input: withVotes(input, Object.fromEntries(roll.map(({ seat, vote }) => [seat, vote]))) };
};

const onlyCorrects = ({ correct, decide, override }: Situation['can']): boolean => correct && !decide && !override;

/** Renders the clerk's certificate: the roll call of a meeting as a form. */
export const certificateForm = (locale: Locale, situation: Situation, given: FormState, { path, query }: Target): Html => {
  const { words } = locale;
  const { certify } = words.decide;
  const corrects = onlyCorrects(situation.can);
  const form = prefilled(situation, fromRecord(situation, given));
  const reason = corrects
    ? textArea(locale, form, 'comment', { label: certify.reason, hint: certify.reasonHint, required: true })
    : empty;
  const about = { hint: dayHint(locale, situation), note: corrects ? empty : noteField(locale, form) };
  return html`
<h2 id="certificate">${certify.heading}</h2>
<p>${locale.say(certify.intro, { ...locale.bodySlots(certifiedBody(situation)) })}</p>
<form class="card" method="post" action="${path}/review${query}" aria-labelledby="certificate">
${boundTo(situation)}${meetingFields(locale, situation, form, about)}
${documentsNote(locale, situation)}${purposeField(locale, situation, form)}
${termsPart(locale, form, situation, 'folded')}${reason}
<p class="hint">${certify.reviewFirst}</p>
<button type="submit">${certify.review}</button>
</form>`;
};

/** The body whose vote is certified. */
export const certifiedBody = ({ roster, requirement }: Situation): string => bodyName(roster, requirement?.body ?? '');

/**
 * Renders what was filled in for a revision that has been replaced, as text to copy. No form on the page can send it for other words.
 * Renders nothing if the form was blank.
 */
export const filledIn = (locale: Locale, situation: Situation, { input }: FormState): Html => {
  const { certify, receipt, revised } = locale.words.decide;
  const { link, latest } = situation;
  const { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 } = certify;
  const { from, until, audience, conditions } = locale.words.effect;
  const meeting = { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 };
  const labels = { ...meeting, from, until, audience, conditions, comment: receipt.message, reason: receipt.message };
  const seats = new Map(seatsToCall(situation).map((seat) => [seat, seatToday(situation, seat)]));
  const all = oneOf(input, 'allPresent') === 'yes' ? [html`<li><b>${certify.allPresent}</b></li>`] : [];
  const given = [...seats].flatMap(([seat, name]) => {
    const vote = Vote.safeParse(oneOf(input, `vote.${seat}`));
    return vote.success ? [html`<li>${name}: <b>${certify[vote.data]}</b></li>`] : [];
  });
  const votes = [...all, ...given];
  const rows = Object.entries(labels).flatMap(([name, label]) => {
    const given = (input.get(name) ?? []).filter((value) => value.trim() !== '').join('\n');
    const shown = name === 'mover' || name === 'seconder' ? (seats.get(given) ?? given) : given;
    return given === '' ? [] : [html`<div><dt>${label}</dt><dd class="words">${foreign(shown)}</dd></div>`];
  });
  if (votes.length + rows.length === 0) return empty;
  return html`
<h2>${revised.filledIn}</h2><p>${locale.say(revised.filledInLead, { from: link.revision, to: latest.revision })}</p>
<dl class="facts">${rows}${votes.length === 0 ? empty : html`<div><dt>${certify.roll}</dt><dd><ul class="votes">${votes}</ul></dd></div>`}</dl>`;
};
