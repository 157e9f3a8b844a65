import { decidableUntil } from '../../../../../domain/feature/state.ts';
import { localDateOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/seats.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { holderOfSeat } from '../../../../../domain/roster/holders.ts';
import { requirementJson } from '../../../../register/views/requirements.ts';
import { type Choice, type FormState, hidden, radios, select, textArea, textField } from '../../forms/field.ts';
import { oneOf } from '../../forms/input.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, seatName } from '../../names.ts';
import { boundTo, documentsNote, type Target, termsPart } from './forms.ts';
import type { Situation } from './situation.ts';

const today = ({ now, zone }: Situation) => localMoment(now, zone);

const seatsOf = ({ roster, requirement }: Situation): readonly string[] =>
  (roster === null || requirement === undefined ? undefined : bodyOf(roster, requirement.body)?.seats) ?? [];

const purposes = ({ words }: Locale, { can }: Situation): readonly Choice[] => {
  const { adopt, override, correct } = words.decide.certify;
  return [
    ...(can.decide ? [{ value: 'adopt', label: adopt }] : []),
    ...(can.override ? [{ value: 'override', label: override }] : []),
    ...(can.correct ? [{ value: 'correct', label: correct, note: words.decide.certify.correctNote }] : []),
  ];
};

/**
 * Renders what the clerk must know: when the revision arrived, from when a meeting counts, until when the vote can be recorded.
 */
const facts = (locale: Locale, situation: Situation): Html => {
  const { words, say, count, number, dateTime, day, deadline } = locale;
  const { view, requirement, latest, zone, now, roster, can } = situation;
  if (requirement === undefined) return empty;
  const { needed, of } = requirementJson(view, requirement, { now, zone, roster });
  const vetoed = view.requirements.find(({ id }) => id === view.veto?.requirement)?.rule.override;
  const closes = decidableUntil(view);
  return html`
<ul><li>${say(words.decide.certify.arrived, { revision: latest.revision, when: dateTime(latest.at) })}</li>
${view.pinned === null ? empty : html`<li>${say(words.decide.certify.meetingFrom, { day: day(localDateOf(view.pinned.from, zone)) })}</li>`}
<li>${can.override && vetoed !== undefined ? count(words.decide.certify.neededOverride, vetoed.yes) : count(words.decide.yesCounts, needed, { of: number(of) })}${
    requirement.rule.quorum === undefined ? empty : html` ${count(words.decide.certify.quorum, requirement.rule.quorum)}`
  }</li>
${closes === null ? empty : html`<li>${say(words.decide.certify.window, { when: deadline(closes) })}</li>`}</ul>`;
};

/** Fills vacant seats as `vacant`. Every other seat starts blank, and a blank is a fault. */
export const withVacancies = (situation: Situation, form: FormState): FormState => {
  const { roster, requirement } = situation;
  if (roster === null || requirement === undefined || form.input.size > 0) return form;
  const vacant = seatsOf(situation).filter(
    (seat) => holderOfSeat(roster, requirement.body, seat, today(situation)) === undefined,
  );
  return { ...form, input: new Map(vacant.map((seat) => [`vote.${seat}`, ['vacant']])) };
};

/** Renders the roll call, one select for each seat. */
const rollCall = (locale: Locale, situation: Situation, form: FormState): Html => {
  const { words } = locale;
  const { roster, requirement } = situation;
  const choices = Vote.options.map((value) => ({ value, label: words.decide.certify[value] }));
  const rows = seatsOf(situation).map(
    (seat) => html`
<div>${select(locale, form, `vote.${seat}`, {
      label: seatName(roster, requirement?.body ?? '', seat, today(situation)),
      blank: words.decide.certify.choose,
      choices,
      required: true,
    })}</div>`,
  );
  return html`<fieldset><legend>${words.decide.certify.roll}</legend><p class="hint">${words.decide.certify.rollHint}</p><div class="roll">${rows}</div></fieldset>`;
};

/** Renders the fields for mover and seconder. */
const people = (locale: Locale, situation: Situation, form: FormState): Html => {
  const { words } = locale;
  const body = situation.requirement?.body ?? '';
  const choices = seatsOf(situation).map((seat) => ({
    value: seat,
    label: seatName(situation.roster, body, seat, today(situation)),
  }));
  const one = (name: 'mover' | 'seconder') =>
    html`<div class="field">${select(locale, form, name, { label: words.decide.certify[name], blank: words.decide.certify.notRecorded, choices })}</div>`;
  return html`<div class="pair">${one('mover')}${one('seconder')}</div>`;
};

/** Renders the record of a meeting: its file, day, roll call and minutes. */
export const meetingFields = (locale: Locale, situation: Situation, form: FormState): Html => {
  const { certify } = locale.words.decide;
  return html`<div class="pair">${textField(locale, form, 'fileNumber', { label: certify.fileNumber, hint: certify.fileHint, required: true })}
${textField(locale, form, 'meetingDate', { label: certify.meetingDate, hint: certify.dateHint, type: 'date', required: true })}</div>
${rollCall(locale, situation, form)}${people(locale, situation, form)}
${textField(locale, form, 'minutesUrl', { label: certify.minutesUrl, hint: certify.optional, type: 'url' })}
${textField(locale, form, 'minutesSha256', { label: certify.minutesSha256, hint: certify.optional })}`;
};

const purposeField = (locale: Locale, situation: Situation, form: FormState): Html => {
  const choices = purposes(locale, situation);
  const [only] = choices;
  return choices.length === 1 && only !== undefined && form.faults.every(({ name }) => name !== 'purpose')
    ? html`<p>${only.label}${hidden('purpose', only.value)}</p>`
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
  return {
    ...form,
    input: new Map([
      ...Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, [value]] as const])),
      ...roll.map(({ seat, vote }) => [`vote.${seat}`, [vote]] as const),
    ]),
  };
};

const onlyCorrects = ({ correct, decide, override }: Situation['can']): boolean => correct && !decide && !override;

/** Renders the clerk's certificate: the roll call of a meeting as a form. */
export const certificateForm = (locale: Locale, situation: Situation, given: FormState, { path, query }: Target): Html => {
  const { words } = locale;
  const { certify } = words.decide;
  const corrects = onlyCorrects(situation.can);
  const form = withVacancies(situation, fromRecord(situation, given));
  const text = corrects
    ? { label: certify.reason, hint: certify.reasonHint, required: true }
    : { label: certify.comment, hint: words.decide.form.commentHint };
  return html`
<h2 id="certificate">${certify.heading}</h2>
<p>${locale.say(certify.intro, { ...locale.bodySlots(certifiedBody(situation)) })}</p>${facts(locale, situation)}
<form class="card" method="post" action="${path}${query}" aria-labelledby="certificate">
${boundTo(situation)}${documentsNote(locale, situation)}${purposeField(locale, situation, form)}
${meetingFields(locale, situation, form)}
${termsPart(locale, form, situation)}
${textArea(locale, form, 'comment', text)}
<p class="hint">${certify.swear}</p>
<button type="submit">${corrects ? certify.submitCorrect : certify.submit}</button>
</form>`;
};

/** The body whose vote is certified. */
export const certifiedBody = ({ roster, requirement }: Situation): string => bodyName(roster, requirement?.body ?? '');

/**
 * Renders what was filled in for a revision that has been replaced, as text to copy. No form on the page can send it for other words.
 * Renders nothing if the form was blank.
 */
export const filledIn = (locale: Locale, situation: Situation, { input }: FormState): Html => {
  const { certify, terms, receipt, revised } = locale.words.decide;
  const { roster, requirement, link, latest } = situation;
  const { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 } = certify;
  const { from, until, audience, conditions } = terms;
  const meeting = { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 };
  const labels = { ...meeting, from, until, audience, conditions, comment: receipt.message, reason: receipt.message };
  const seats = new Map(
    seatsOf(situation).map((seat) => [seat, seatName(roster, requirement?.body ?? '', seat, today(situation))]),
  );
  const votes = [...seats].flatMap(([seat, name]) => {
    const vote = Vote.safeParse(oneOf(input, `vote.${seat}`));
    return vote.success ? [html`<li>${name}: <b>${certify[vote.data]}</b></li>`] : [];
  });
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
