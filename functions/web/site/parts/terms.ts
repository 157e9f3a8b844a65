import type { Terms } from '../../../../domain/feature/terms.ts';
import { type FormState, fieldId, hidden, textArea, textField } from '../forms/field.ts';
import { empty, fillText, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** Blank agency fields beside those that are filled: without scripts no field can be added. */
const SPARE_AGENCIES = 2;
const TERMS: readonly string[] = ['until', 'audience', 'conditions'];

/** For whom, as part of a sentence: "every agency" or "only for Police". Agencies are officials' words. */
export const audienceText = ({ words, list, say }: Locale, audience: readonly string[] | null): Html =>
  audience === null ? html`${words.everyAgency}` : say(words.onlyFor, { agencies: foreign(list(audience)) });

/** The terms in full. */
export const termsList = (locale: Locale, terms: Terms): Html => {
  const { words, until } = locale;
  if (terms.until === null && terms.audience === null && terms.conditions === null)
    return html`<p>${words.decide.terms.none}</p>`;
  return html`
<dl class="facts"><div><dt>${words.decide.terms.until}</dt><dd>${terms.until === null ? words.noEnd : until(terms.until)}</dd></div>
<div><dt>${words.decide.terms.audience}</dt><dd>${audienceText(locale, terms.audience)}</dd></div>
<div><dt>${words.decide.terms.conditions}</dt><dd class="words">${terms.conditions === null ? words.none : foreign(terms.conditions)}</dd></div></dl>`;
};

/** The terms that stand, sent along unchanged: whoever decides later decides on these or not at all. */
const standingTerms = (locale: Locale, terms: Terms): Html => html`
<p class="hint">${locale.words.decide.terms.later}</p>${termsList(locale, terms)}
${terms.until === null ? empty : hidden('until', terms.until)}${(terms.audience ?? []).map((agency) => hidden('audience', agency))}${
  terms.conditions === null ? empty : hidden('conditions', terms.conditions)
}`;

const agencyFields = (locale: Locale, { input, prefix, faults }: FormState): Html => {
  const { words } = locale;
  const given = (input.get('audience') ?? []).filter((agency) => agency !== '');
  const id = fieldId(prefix, 'audience');
  const fault = faults.find(({ name }) => name === 'audience');
  const fields = [...given, ...Array.from({ length: SPARE_AGENCIES }, () => '')].map(
    (agency, index) => html`
<input type="text" name="audience" id="${index === 0 ? id : `${id}-${index + 1}`}" value="${agency}" aria-label="${fillText(words.decide.terms.agency, { n: index + 1 })}"${
      fault === undefined ? empty : html` aria-invalid="true"`
    } autocomplete="off">`,
  );
  return html`
<fieldset class="field"><legend class="label">${words.decide.terms.audience}</legend><p class="hint">${words.decide.terms.audienceHint}</p>${
    fault === undefined ? empty : html`<p class="fault">${words.problem.field.audience}</p>`
  }${fields}</fieldset>`;
};

/** The terms in a form: to be set by who decides first, to be read by everybody after. */
export const termsFields = (locale: Locale, form: FormState, standing: Terms | null): Html => {
  const { words } = locale;
  if (standing !== null) return html`<h3>${words.decide.terms.heading}</h3>${standingTerms(locale, standing)}`;
  const filled = TERMS.some((name) => (form.input.get(name) ?? []).some((value) => value !== ''));
  return html`
<details${filled || form.faults.some(({ name }) => TERMS.includes(name)) ? html` open` : empty}><summary>${words.decide.terms.heading}</summary><p class="hint">${words.decide.terms.first}</p>
${textField(locale, form, 'until', { label: words.decide.terms.until, hint: words.decide.terms.untilHint, type: 'date' })}
${agencyFields(locale, form)}
${textArea(locale, form, 'conditions', { label: words.decide.terms.conditions, hint: words.decide.terms.conditionsHint })}</details>`;
};
