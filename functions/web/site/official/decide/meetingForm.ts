import { type FormState, textField } from '../../forms/field.ts';
import { empty, fillText, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { certifiedBody } from './certificate.ts';
import type { Target } from './forms.ts';
import type { Situation } from './situation.ts';

/** Renders the form by which the clerk names the meeting for a second vote, and on which days it can be held. */
export const meetingForm = (locale: Locale, situation: Situation, form: FormState, { path, query }: Target): Html => {
  const { words, say, day, deadline, bodySlots } = locale;
  const { meetingDays: days, view } = situation;
  if (days === undefined || view.veto === null) return empty;
  const { heading, lead, moved, date, dateHint, submit } = words.decide.meeting;
  const { meeting, until: end } = view.veto;
  const hint = fillText(dateHint, { first: day(days.first), last: day(days.last) });
  return html`
<section aria-labelledby="name-meeting"><h2 id="name-meeting">${heading}</h2>
<form class="card" method="post" action="${path}/meeting${query}" aria-labelledby="name-meeting">
<p>${meeting === null ? say(lead, { ...bodySlots(certifiedBody(situation)), when: deadline(end) }) : say(moved, { day: day(meeting) })}</p>
${textField(locale, form, 'meetingDate', { label: date, hint, type: 'date', required: true })}
<button type="submit">${submit}</button>
</form></section>`;
};
