import { empty, fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { type Fault, type Input, oneOf } from './input.ts';

/** A form as shown: what was entered before, and what was wrong with it. `prefix` keeps the ids of several forms apart. */
export interface FormState {
  readonly input: Input;
  readonly faults: readonly Fault[];
  readonly prefix: string;
}

export const fieldId = (prefix: string, name: string): string => `${prefix}-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;

/** Returns the text of a fault in the reader's language. */
export const faultText = ({ words }: Pick<Locale, 'words'>, { code, slots }: Fault): string =>
  fillText(words.problem.field[code], slots);

/** Returns the hint, the fault and the attributes that tie them to one control. */
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
}

/** Renders a one-line field. An unreadable date is shown as text, since a browser would drop it from a date field. */
export const textField = (locale: Locale, form: FormState, name: string, options: FieldOptions): Html => {
  const { label, hint, type = 'text', required } = options;
  const value = oneOf(form.input, name);
  const shown = type === 'date' && value !== '' && !/^\d{4}-\d\d-\d\d$/.test(value) ? 'text' : type;
  const parts = around(locale, form, name, hint);
  return html`
<div class="field"><label for="${parts.id}">${label}</label>${parts.hint}${parts.fault}
<input type="${shown}" id="${parts.id}" name="${name}" value="${value}"${parts.attributes}${required === true ? html` required` : empty} autocomplete="off"></div>`;
};

/** Renders a field of several lines. */
export const textArea = (locale: Locale, form: FormState, name: string, { label, hint, required }: FieldOptions): Html => {
  const parts = around(locale, form, name, hint);
  // HTML drops a line break right after the tag, so one is written to keep the value's own.
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

/** Renders radio buttons with large targets. */
export const radios = (locale: Locale, form: FormState, name: string, legend: string, choices: readonly Choice[]): Html => {
  const parts = around(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const options = choices.map(
    ({ value, label, note }, index) => html`
<label class="opt"><input type="radio" name="${name}" value="${value}" id="${index === 0 ? parts.id : `${parts.id}-${value}`}" required${chosen === value ? html` checked` : empty}${parts.attributes}><span>${label}${note === undefined ? empty : html` <small>${note}</small>`}</span></label>`,
  );
  return html`<fieldset><legend>${legend}</legend>${parts.fault}${options}</fieldset>`;
};

/** Renders radio buttons as a row of plain buttons. None is required: whether one is needed depends on the rest of the form. */
export const radioRow = (locale: Locale, form: FormState, name: string, legend: string, choices: readonly Choice[]): Html => {
  const parts = around(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const buttons = choices.map(
    ({ value, label }, index) =>
      html`<label><input type="radio" name="${name}" value="${value}"${index === 0 ? html` id="${parts.id}"` : empty}${chosen === value ? html` checked` : empty}${parts.attributes}><span>${label}</span></label>`,
  );
  return html`
<fieldset class="row"><legend>${legend}</legend>${parts.fault}<div>${buttons}</div></fieldset>`;
};

/** Renders a box to tick, sent as `yes`. */
export const checkbox = (
  locale: Locale,
  form: FormState,
  name: string,
  { label, hint }: Required<Pick<FieldOptions, 'label' | 'hint'>>,
): Html => {
  const parts = around(locale, form, name, hint);
  return html`
<div class="field"><label class="opt"><input type="checkbox" id="${parts.id}" name="${name}" value="yes"${oneOf(form.input, name) === 'yes' ? html` checked` : empty}${parts.attributes}><span>${label}</span></label>${parts.fault}${parts.hint}</div>`;
};

/** Renders a select; `blank` is the first option, selected while no other is. */
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

/** Renders the errors at the top of the page: focusable, each linked to its field. `also`: errors that belong to no field. */
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
