import { localDateOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../../../domain/policy/seats.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { holderOfSeat } from '../../../../../domain/roster/holders.ts';
import { checkbox, type FormState, type Input, radioRow, select, textArea, textField } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { seatName } from '../../names.ts';
import type { Situation } from './situation.ts';

/** Returns the seats of the body that votes, in the roster's order. */
export const seatsToCall = ({ roster, requirement }: Situation): readonly string[] =>
  (roster === null || requirement === undefined ? undefined : bodyOf(roster, requirement.body)?.seats) ?? [];

/** Returns a seat's name today. */
export const seatToday = ({ roster, requirement, now, zone }: Situation, seat: string): string =>
  seatName(roster, requirement?.body ?? '', seat, localMoment(now, zone));

/** Returns a form with the votes of a roll call in the place of those it has. */
export const withVotes = (input: Input, votes: Readonly<Record<string, Vote>>): Input =>
  new Map([
    ...[...input].filter(([name]) => name !== 'allPresent' && !name.startsWith('vote.')),
    ...Object.entries(votes).map(([seat, vote]) => [`vote.${seat}`, [vote]] as const),
  ]);

/** Renders how many gave each vote, with the names of those who did not say yes: "2 yes, 1 no (District 3)". */
export const rollText = (
  { words, count }: Locale,
  votes: Readonly<Record<string, Vote>>,
  name: (seat: string) => string,
): Html => {
  const seats = Object.keys(votes);
  const parts = Vote.options.flatMap((vote) => {
    const given = seats.filter((seat) => votes[seat] === vote);
    if (given.length === 0 && vote !== 'yes') return [];
    const number = count(words.decide.certify.votes, vote, given.length);
    return [vote === 'yes' ? number : html`, ${number} (${given.map(name).join('; ')})`];
  });
  return html`${parts}`;
};

/** Fills a blank form with today as the day of the meeting, and with the seats that are vacant today. Every other seat stays blank. */
export const prefilled = (situation: Situation, form: FormState): FormState => {
  const { roster, requirement, now, zone } = situation;
  if (roster === null || requirement === undefined || form.input.size > 0) return form;
  const today = localMoment(now, zone);
  const vacant = seatsToCall(situation).filter((seat) => holderOfSeat(roster, requirement.body, seat, today) === undefined);
  const votes = Object.fromEntries(vacant.map((seat) => [seat, 'vacant' as const]));
  return { ...form, input: withVotes(new Map([['meetingDate', [localDateOf(now, zone)]]]), votes) };
};

const rollCall = (locale: Locale, situation: Situation, form: FormState): Html => {
  const { certify } = locale.words.decide;
  const choices = Vote.options.map((value) => ({ value, label: certify[value] }));
  const rows = seatsToCall(situation).map((seat) => radioRow(locale, form, `vote.${seat}`, seatToday(situation, seat), choices));
  return html`
<fieldset><legend>${certify.roll}</legend>
${checkbox(locale, form, 'allPresent', { label: certify.allPresent, hint: certify.allPresentHint })}${rows}</fieldset>`;
};

const OPTIONAL = ['mover', 'seconder', 'minutesUrl', 'minutesSha256', 'comment'] as const;

const moreFields = (locale: Locale, situation: Situation, form: FormState, note: Html): Html => {
  const { certify } = locale.words.decide;
  const isFilled = OPTIONAL.some((name) => (form.input.get(name) ?? []).some((value) => value !== ''));
  const isOpen = isFilled || form.faults.some(({ name }) => OPTIONAL.some((each) => each === name));
  const choices = seatsToCall(situation).map((seat) => ({ value: seat, label: seatToday(situation, seat) }));
  const person = (name: 'mover' | 'seconder') =>
    html`<div class="field">${select(locale, form, name, { label: certify[name], blank: certify.notRecorded, choices })}</div>`;
  return html`
<details${isOpen ? html` open` : empty}><summary>${certify.more}</summary><div class="pair">${person('mover')}${person('seconder')}</div>
${textField(locale, form, 'minutesUrl', { label: certify.minutesUrl, type: 'url' })}
${textField(locale, form, 'minutesSha256', { label: certify.minutesSha256 })}${note}</details>`;
};

/** Renders the field for the note of a certificate. */
export const noteField = (locale: Locale, form: FormState): Html =>
  textArea(locale, form, 'comment', { label: locale.words.decide.certify.comment, hint: locale.words.decide.form.commentHint });

/** Renders the record of a meeting: its roll call, file and day, and what need not be recorded. `hint`: about the day. */
export const meetingFields = (
  locale: Locale,
  situation: Situation,
  form: FormState,
  { hint, note }: { readonly hint: string; readonly note: Html },
): Html => {
  const { certify } = locale.words.decide;
  return html`${rollCall(locale, situation, form)}
<div class="pair">${textField(locale, form, 'fileNumber', { label: certify.fileNumber, hint: certify.fileHint, required: true })}
${textField(locale, form, 'meetingDate', { label: certify.meetingDate, hint, type: 'date', required: true })}</div>
${moreFields(locale, situation, form, note)}`;
};
