import { empty, fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { type Fault, type Input, oneOf } from './input.ts';

/** A form as it is shown: what was typed into it before, and what was wrong with that. `prefix` keeps ids of several forms apart. */
export interface FormState {
  readonly input: Input;
  readonly faults: readonly Fault[];
  readonly prefix: string;
}

export const fieldId = (prefix: string, name: string): string => `${prefix}-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;

/** A fault in the reader's words. */
export const faultText = ({ words }: Pick<Locale, 'words'>, { code, slots }: Fault): string =>
  fillText(words.problem.field[code], slots);

/** What goes around one control: its label, a hint, what is wrong with it, and the attributes that tie them together. */
const around = (locale: Locale, { faults, prefix }: FormState, name: string, hint: string | undefined) => {
  const id = fieldId(prefix, name);
  const fault = faults.find((each) => each.name === name);
  const described = [hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`].filter(Boolean).join(' ');
  return {
    id,
    attributes: html`${described === '' ? empty : html` aria-describedby="${described}"`}${fault === undefined ? empty : html` aria-invalid="true"`}`,
    hint: hint === undefined ? empty : html`<p class="hint" id="${id}-hint">${hint}</p>`,
    fault: fault === undefined ? empty : html`<p class="fault" id="${id}-fault">${faultText(locale, fault)}</p>`,
  };
};

interface FieldOptions {
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'date' | 'url';
  readonly required?: boolean;
  readonly autocomplete?: string;
}

/** A field of one line. A date that was typed as something else is shown as text, or the browser would swallow it. */
export const textField = (locale: Locale, form: FormState, name: string, options: FieldOptions): Html => {
  const { label, hint, type = 'text', required } = options;
  const value = oneOf(form.input, name);
  const shown = type === 'date' && value !== '' && !/^\d{4}-\d\d-\d\d$/.test(value) ? 'text' : type;
  const parts = around(locale, form, name, hint);
  return html`
<div class="field"><label for="${parts.id}">${label}</label>${parts.hint}${parts.fault}
<input type="${shown}" id="${parts.id}" name="${name}" value="${value}"${parts.attributes}${required === true ? html` required` : empty} autocomplete="off"></div>`;
};

/** A field of several lines. */
export const textArea = (locale: Locale, form: FormState, name: string, { label, hint, required }: FieldOptions): Html => {
  const parts = around(locale, form, name, hint);
  // A line break right after the tag is not part of the value, so one is written: else a value's own would be lost.
  return html`
<div class="field"><label for="${parts.id}">${label}</label>${parts.hint}${parts.fault}
<textarea id="${parts.id}" name="${name}" rows="4"${parts.attributes}${required === true ? html` required` : empty}>
${oneOf(form.input, name)}</textarea></div>`;
};

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
}

/** One of a few, as big targets. */
export const radios = (locale: Locale, form: FormState, name: string, legend: string, choices: readonly Choice[]): Html => {
  const parts = around(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const options = choices.map(
    ({ value, label, note }, index) => html`
<label class="opt"><input type="radio" name="${name}" value="${value}" id="${index === 0 ? parts.id : `${parts.id}-${value}`}" required${chosen === value ? html` checked` : empty}${parts.attributes}><span>${label}${note === undefined ? empty : html` <small>${note}</small>`}</span></label>`,
  );
  return html`<fieldset><legend>${legend}</legend>${parts.fault}${options}</fieldset>`;
};

/** One of several, in a list that opens; `blank` stands first and is chosen while nothing else is. */
export const select = (
  locale: Locale,
  form: FormState,
  name: string,
  { label, blank, choices, required }: { label: string; blank: string; choices: readonly Choice[]; required?: boolean },
): Html => {
  const parts = around(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  return html`<label for="${parts.id}">${label}</label>
<select id="${parts.id}" name="${name}"${parts.attributes}${required === true ? html` required` : empty}><option value="">${blank}</option>${choices.map(
    ({ value, label: option }) => html`<option value="${value}"${chosen === value ? html` selected` : empty}>${option}</option>`,
  )}</select>${parts.fault}`;
};

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`;

/** What went wrong, at the top of the page: focusable, each line leading to its field. `also`: what no field is to blame for. */
export const errorSummary = (
  locale: Locale,
  { faults, prefix }: FormState,
  shown: readonly string[],
  also: readonly Html[],
): Html => {
  if (faults.length === 0 && also.length === 0) return empty;
  const lines = faults.map((fault) => {
    const text = faultText(locale, fault);
    return shown.includes(fault.name) || fault.name.startsWith('vote.')
      ? html`<li><a href="#${fieldId(prefix, fault.name)}">${text}</a></li>`
      : html`<li>${text}</li>`;
  });
  return html`
<div class="errors" id="errors" role="alert" tabindex="-1" autofocus aria-labelledby="errors-heading"><h2 id="errors-heading">${locale.words.problem.heading}</h2>
<ul>${also.map((text) => html`<li>${text}</li>`)}${lines}</ul></div>`;
};
