import type { Terms } from '../../../../../domain/feature/terms.ts';
import { type FormState, fieldId, hidden, textArea, textField } from '../../forms/field.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { termsList } from '../../parts/terms.ts';
import { ownField } from './consentRead.ts';

/** One line of agencies: in a list of several changes there is no room for a field each, so they stand beside each other. */
const AGENCIES_SHOWN = 2;

const agencies = (locale: Locale, { input, prefix, faults }: FormState, name: string): Html => {
  const { words } = locale;
  const given = (input.get(name) ?? []).filter((agency) => agency !== '');
  const id = fieldId(prefix, name);
  const fault = faults.some((each) => each.name === name);
  const blanks = Math.max(1, AGENCIES_SHOWN - given.length);
  const fields = [...given, ...Array.from({ length: blanks }, () => '')].map(
    (agency, index) => html`
<input type="text" name="${name}" id="${index === 0 ? id : `${id}-${index + 1}`}" value="${agency}" aria-label="${words.decide.terms.agency.replace('{n}', locale.number(index + 1))}"${fault ? html` aria-invalid="true"` : empty} autocomplete="off">`,
  );
  return html`<fieldset class="field"><legend class="label">${words.decide.terms.audience}</legend><p class="hint">${words.decide.terms.audienceHint}</p>${fault ? html`<p class="fault">${words.problem.field.audience}</p>` : empty}${fields}</fieldset>`;
};

/** The terms of one change among several: those that stand, sent along unchanged, or fields by which this vote sets them. */
export const ownTerms = (locale: Locale, form: FormState, change: string, standing: Terms | null): Html => {
  const { words } = locale;
  const { terms } = words.decide;
  const name = (field: string): string => ownField(field, change);
  if (standing !== null)
    return html`<p class="hint">${words.desk.consent.termsStand}</p>${termsList(locale, standing)}${standing.until === null ? empty : hidden(name('until'), standing.until)}${(standing.audience ?? []).map((agency) => hidden(name('audience'), agency))}${standing.conditions === null ? empty : hidden(name('conditions'), standing.conditions)}`;
  const names = ['until', 'audience', 'conditions'].map(name);
  const filled = names.some((each) => (form.input.get(each) ?? []).some((value) => value !== ''));
  const open = filled || form.faults.some((fault) => names.includes(fault.name));
  return html`
<details${open ? html` open` : empty}><summary>${terms.heading}: ${words.desk.consent.termsFree}</summary>
${textField(locale, form, name('until'), { label: terms.until, hint: terms.untilHint, type: 'date' })}${agencies(locale, form, name('audience'))}
${textArea(locale, form, name('conditions'), { label: terms.conditions, hint: terms.conditionsHint })}</details>`;
};
