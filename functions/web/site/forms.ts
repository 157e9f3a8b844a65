import type { Context } from 'hono';
import type { WebAuthnChallenge } from '../../../domain/feature/decisionToSign.ts';
import { blockProblem, lineProblem, normalizeText } from '../../../domain/kernel/text.ts';
import { LocalDate } from '../../../domain/kernel/zodTypes.ts';
import { type Name, nameIn } from '../../../domain/roster/schema.ts';
import type { Passkey, RelyingParty } from '../../gate/passkeys.ts';
import { fillText } from '../../platform/catalogue.ts';
import { readBody, requireMediaType } from '../http/input.ts';
import { type Answer, problemAnswer, Refused, refused } from '../http/problems.ts';
import { toResponse } from '../http/respond.ts';
import { empty, type Html, html, visuallyHidden } from './html.ts';
import { CATALOGUES, type Catalogue, type Locale } from './locale.ts';

export type Input = ReadonlyMap<string, readonly string[]>;

export interface Fault {
  readonly name: string;
  readonly code: keyof Catalogue['problem']['field'] | keyof Catalogue['problem']['code'];
  readonly slots?: Readonly<Record<string, Name>>;
}

export const oneOf = (input: Input, name: string): string => input.get(name)?.[0] ?? '';

/** Reports whether a field has a value or a fault, so that it must not be folded away. */
export const isFilledIn = ({ input, faults }: FormState, names: readonly string[]): boolean =>
  names.some((name) => (input.get(name) ?? []).some((value) => value !== '') || faults.some((fault) => fault.name === name));

/** Returns a hash as hex digits; it may be entered in capitals and with the name of the algorithm. */
export const hashIn = (input: Input, name: string): string =>
  normalizeText(oneOf(input, name))
    .toLowerCase()
    .replace(/^sha256:/, '');

const TEXT_CHARS_MAX = 5_000;
const FILE_NUMBER_CHARS_MAX = 100;

export const readMessage = (input: Input, name: 'comment' | 'reason', faults: Fault[]): string => {
  const text = normalizeText(oneOf(input, name));
  if (text.length > TEXT_CHARS_MAX || blockProblem(text) !== undefined) faults.push({ name, code: 'comment' });
  return text;
};

export const readReason = (input: Input, faults: Fault[]): string => {
  const reason = readMessage(input, 'reason', faults);
  if (reason === '') faults.push({ name: 'reason', code: 'reason-missing' });
  return reason;
};

export const readFileNumber = (input: Input, faults: Fault[]): string => {
  const fileNumber = normalizeText(oneOf(input, 'fileNumber'));
  if (fileNumber.length > FILE_NUMBER_CHARS_MAX || lineProblem(fileNumber) !== undefined)
    faults.push({ name: 'fileNumber', code: 'fileNumber' });
  return fileNumber;
};

export const readMeetingDate = (input: Input, faults: Fault[]): string | undefined => {
  const read = LocalDate.safeParse(oneOf(input, 'meetingDate').trim());
  if (!read.success) faults.push({ name: 'meetingDate', code: 'meetingDate' });
  return read.data;
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

const textOf = (body: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
};

const FIELDS_MAX = 1_000;
const SHOWN_CHARS_MAX = 60;

/**
 * Parses `application/x-www-form-urlencoded`. Faults: a field that `known` rejects, a field sent twice unless `repeatable` has it or the
 * part before its first dot, and bytes that are not UTF-8.
 */
export const readForm = (
  body: Uint8Array,
  known: (name: string) => boolean,
  repeatable: readonly string[] = [],
): { readonly input: Input; readonly faults: readonly Fault[] } => {
  const input = new Map<string, readonly string[]>();
  const faults: Fault[] = [];
  const pairs = textOf(body)
    ?.split('&', FIELDS_MAX + 1)
    .filter((pair) => pair !== '');
  if (pairs === undefined || pairs.length > FIELDS_MAX) return { input, faults: [{ name: '', code: 'encoding' }] };
  for (const pair of pairs) {
    const split = pair.indexOf('=');
    const name = decode(split === -1 ? pair : pair.slice(0, split));
    const value = decode(split === -1 ? '' : pair.slice(split + 1));
    if (name === undefined || value === undefined) faults.push({ name: name?.slice(0, SHOWN_CHARS_MAX) ?? '', code: 'encoding' });
    else if (!known(name))
      faults.push({ name: name.slice(0, SHOWN_CHARS_MAX), code: 'unknown', slots: { name: name.slice(0, SHOWN_CHARS_MAX) } });
    else if (input.has(name) && !repeatable.includes(name.split('.', 1)[0] ?? ''))
      faults.push({ name, code: 'repeated', slots: { name } });
    else input.set(name, [...(input.get(name) ?? []), value]);
  }
  return { input, faults };
};

export type SentForm<T> = { readonly input: Input } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }
);

/** Reads a form; the result of `read` is discarded if it adds faults. */
export const sentForm = <T>(
  { input, faults }: ReturnType<typeof readForm>,
  read: (input: Input, faults: Fault[]) => T,
): SentForm<T> => {
  const found = [...faults];
  const value = read(input, found);
  return found.length === 0 ? { input, ok: true, value } : { input, ok: false, faults: found };
};

const FORM_BYTES_MAX = 128 * 1024;
const SENT = 'sent';

/**
 * Reads a form sent from the site's own page. Rejects with 403 unless `Origin`, or if absent `Sec-Fetch-Site`, says same-origin;
 * never by Host.
 */
export const readOwnForm = async (context: Context, url: string): Promise<Uint8Array> => {
  const origin = context.req.header('origin');
  const own = origin === undefined ? context.req.header('sec-fetch-site') === 'same-origin' : origin === new URL(url).origin;
  if (!own) throw refused('wrong-origin', { detail: `this form must be sent from ${url}` });
  requireMediaType(context.req.header('content-type') ?? null, 'application/x-www-form-urlencoded');
  const body = await readBody(context.req.raw, FORM_BYTES_MAX);
  context.set(SENT, body);
  return body;
};

/** Returns the body that `readOwnForm` read for this request; empty before. */
export const sentText = (context: Context): string => new TextDecoder().decode(context.get(SENT) as Uint8Array | undefined);

/** Reports whether the client wants a page. `?format=json|csv` does not, even though many libraries accept HTML by default. */
export const wantsPage = (context: Context): boolean => {
  if (['json', 'csv'].includes(context.req.query('format') ?? '')) return false;
  const accept = context.req.header('accept') ?? '';
  return accept.includes('text/html') || accept.includes('application/xhtml+xml');
};

/** A form that is shown again. */
export interface SentBack {
  readonly input?: Input;
  readonly faults?: readonly Fault[];
}

/** A form as it was entered. `prefix` keeps the ids of several forms apart. */
export interface FormState {
  readonly input: Input;
  readonly faults: readonly Fault[];
  readonly prefix: string;
}

export const fieldId = (prefix: string, name: string): string => `${prefix}-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;

const faultText = ({ words, language }: Pick<Locale, 'words' | 'language'>, { code, slots = {} }: Fault): string =>
  fillText(
    { ...words.problem.code, ...words.problem.field }[code],
    Object.fromEntries(Object.entries(slots).map(([slot, name]) => [slot, nameIn(name, language)])),
  );

/** Reports a roll with most votes missing as one fault at the "all present" box, which was most likely not ticked. */
const said = ({ input, faults }: FormState): readonly Fault[] => {
  const marked = [...input.keys()].filter((name) => name.startsWith('vote.')).length;
  const others = faults.filter(({ code }) => code !== 'vote' && code !== 'allPresent');
  const isBlank = faults.filter(({ code }) => code === 'vote').length > marked;
  return isBlank ? [{ name: 'allPresent', code: 'allPresent' }, ...others] : faults;
};

/** Returns a field's id, hint, fault and ARIA attributes. A vote whose fault is shown at the "all present" box refers to that. */
export const fieldParts = (locale: Locale, form: FormState, name: string, hint: string | undefined) => {
  const id = fieldId(form.prefix, name);
  const faults = said(form);
  const own = faults.find((each) => each.name === name);
  const fault = own ?? (form.faults.some((each) => each.name === name) ? faults[0] : undefined);
  const faultId = fault && `${fieldId(form.prefix, fault.name)}-fault`;
  const described = [hint && `${id}-hint`, faultId].filter(Boolean).join(' ');
  return {
    id,
    attributes: html`${described && html` aria-describedby="${described}"`}${fault && html` aria-invalid="true"`}`,
    hint: hint && html`<p class="hint" id="${id}-hint">${hint}</p>`,
    fault: own && html`<p class="fault" id="${id}-fault">${faultText(locale, own)}</p>`,
  };
};

interface FieldOptions {
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'date' | 'url';
  readonly required?: boolean;
}

/**
 * Renders a one-line field. Autocomplete stays on: if it is off, browsers also forget what was typed when the person goes back. An
 * unreadable date is shown as text, since a browser would drop it from a date field.
 */
export const textField = (locale: Locale, form: FormState, name: string, options: FieldOptions): Html => {
  const { label, hint, type = 'text', required } = options;
  const value = oneOf(form.input, name);
  const shown = type === 'date' && !/^(?:\d{4}-\d\d-\d\d)?$/.test(value) ? 'text' : type;
  const parts = fieldParts(locale, form, name, hint);
  return html`
<div class="field"><label for="${parts.id}">${label}</label>${parts.hint}${parts.fault}
<input type="${shown}" id="${parts.id}" name="${name}" value="${value}"${parts.attributes}${required && html` required`}></div>`;
};

export const textArea = (locale: Locale, form: FormState, name: string, { label, hint, required }: FieldOptions): Html => {
  const parts = fieldParts(locale, form, name, hint);
  // HTML drops a line break right after the tag, so an extra one keeps the value's own.
  return html`
<div class="field"><label for="${parts.id}">${label}</label>${parts.hint}${parts.fault}
<textarea id="${parts.id}" name="${name}" rows="4"${parts.attributes}${required && html` required`}>
${oneOf(form.input, name)}</textarea></div>`;
};

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
}

export const radios = (locale: Locale, form: FormState, name: string, legend: string, choices: readonly Choice[]): Html => {
  const parts = fieldParts(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const options = choices.map(({ value, label, note }, index) => {
    const id = index === 0 ? parts.id : `${parts.id}-${value}`;
    const checked = chosen === value && html` checked`;
    const text = html`<span>${label}${note && html` <small>${note}</small>`}</span>`;
    return html`
<label class="opt"><input type="radio" name="${name}" value="${value}" id="${id}" required${checked}${parts.attributes}>${text}</label>`;
  });
  return html`<fieldset><legend>${legend}</legend>${parts.fault}${options}</fieldset>`;
};

/** Renders a required checkbox that sends nothing. It stops mail scanners, which follow links and press buttons. */
export const requiredCheckbox = (text: Html | string): Html =>
  html`<p><label class="opt"><input type="checkbox" required><span>${text}</span></label></p>`;

/** Renders radio buttons as a row, rarer ones under `more`. None is required: whether one is needed depends on the rest of the form. */
export const radioRow = (
  locale: Locale,
  form: FormState,
  name: string,
  {
    legend,
    choices,
    inSight = choices.length,
    more = '',
  }: { legend: Html | string; choices: readonly Choice[]; inSight?: number; more?: string },
): Html => {
  const parts = fieldParts(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const [shown, rare] = [choices.slice(0, inSight), choices.slice(inSight)];
  const button = ({ value, label }: Choice): Html => {
    const id = value === choices[0]?.value && html` id="${parts.id}"`;
    const checked = chosen === value && html` checked`;
    return html`<label><input type="radio" name="${name}" value="${value}"${id}${checked}${parts.attributes}><span>${label}</span></label>`;
  };
  const isOpen = rare.some(({ value }) => value === chosen) && html` open`;
  const folded = html`<details${isOpen}><summary>${more}${visuallyHidden(legend)}</summary>
<div>${rare.map(button)}</div></details>`;
  return html`
<fieldset class="row"><legend>${legend}</legend>${parts.fault}<div>${shown.map(button)}${rare.length > 0 && folded}</div></fieldset>`;
};

export const checkbox = (
  locale: Locale,
  form: FormState,
  name: string,
  { label, hint, required, value = 'yes' }: Omit<FieldOptions, 'type'> & { readonly value?: string },
): Html => {
  const parts = fieldParts(locale, form, name, hint);
  const attributes = html`${oneOf(form.input, name) === value && html` checked`}${parts.attributes}${required && html` required`}`;
  const box = html`<input type="checkbox" id="${parts.id}" name="${name}" value="${value}"${attributes}>`;
  return html`
<div class="field"><label class="opt">${box}<span>${label}</span></label>${parts.fault}${parts.hint}</div>`;
};

export const select = (
  locale: Locale,
  form: FormState,
  name: string,
  { label, blank, choices, required }: { label: string; blank: string; choices: readonly Choice[]; required?: boolean },
): Html => {
  const parts = fieldParts(locale, form, name, undefined);
  const chosen = oneOf(form.input, name);
  const options = choices.map(
    ({ value, label: option }) => html`<option value="${value}"${chosen === value && html` selected`}>${option}</option>`,
  );
  return html`<label for="${parts.id}">${label}</label>
<select id="${parts.id}" name="${name}"${parts.attributes}${required && html` required`}>
<option value="">${blank}</option>${options}</select>${parts.fault}`;
};

export const selectField = (...field: Parameters<typeof select>): Html => html`<div class="field">${select(...field)}</div>`;

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`;

export const PASSKEY_FIELDS = ['nonce', 'expiresAt', 'passkey'] as const;

/** Renders entered fields as hidden ones, to be sent again, except fields that the page adds itself (by default a passkey's answer). */
export const hiddenFields = (input: Input, without: readonly string[] = PASSKEY_FIELDS): Html =>
  html`${[...input].flatMap(([name, values]) => (without.includes(name) ? [] : values.map((value) => hidden(name, value))))}`;

const isShown = (name: string, shown: readonly string[]): boolean => shown.includes(name) || name.startsWith('vote.');

/** Renders the error summary. `also`: faults of no field; `heading`: replaces "nothing was recorded". */
export const errorSummary = (
  locale: Locale,
  form: FormState,
  shown: readonly string[],
  also: readonly Html[],
  heading: string = locale.words.problem.heading,
): Html => {
  const faults = said(form);
  if (faults.length === 0 && also.length === 0) return empty;
  const lines = faults.map((fault) => {
    const text = faultText(locale, fault);
    return isShown(fault.name, shown)
      ? html`<li><a href="#${fieldId(form.prefix, fault.name)}">${text}</a></li>`
      : html`<li>${text}</li>`;
  });
  return html`
<div class="errors" id="errors" role="alert" tabindex="-1" autofocus aria-labelledby="errors-heading">
<h2 id="errors-heading">${heading}</h2>
<ul>${also.map((text) => html`<li>${text}</li>`)}${lines}</ul></div>`;
};

type KnownCode = keyof Catalogue['problem']['code'];

interface Refusal {
  readonly code: string;
  readonly pointer?: string;
}

/** Returns the key of a refusal's text, which can differ by field; undefined if there is no text. */
const knownCode = ({ words }: Pick<Locale, 'words'>, { code, pointer = '' }: Refusal): KnownCode | undefined =>
  [`${code}${pointer}`, code].find((each): each is KnownCode => Object.hasOwn(words.problem.code, each));

/** Returns the refusal's text in the reader's language; its English detail is for programs. */
export const rejectionText = (locale: Pick<Locale, 'words'>, refusal: Refusal): string => {
  const code = knownCode(locale, refusal);
  return code === undefined ? locale.words.problem.field.nonce : locale.words.problem.code[code];
};

/** Returns the refusal as a fault of a field; undefined if it points to no field that is shown, or has no text. */
export const rejectedField = (locale: Pick<Locale, 'words'>, refusal: Refusal, shown: readonly string[]): Fault | undefined => {
  const name = (refusal.pointer ?? '').slice(1);
  const code = knownCode(locale, refusal);
  return isShown(name, shown) && code !== undefined ? { name, code } : undefined;
};

const faultsAnswer = (faults: readonly Fault[]): Answer => {
  const errors = faults.map((fault) => ({
    pointer: `/${fault.name}`,
    detail: faultText({ words: CATALOGUES.en, language: 'en' }, fault),
  }));
  return problemAnswer('invalid-form', { detail: errors.map(({ detail }) => detail).join(' '), errors });
};

export const faultsProblem = (faults: readonly Fault[]): Response => toResponse(faultsAnswer(faults));

/** Reads a form that is not shown again. Rejects with 403 like `readOwnForm`, and with 422 for its faults. */
export const readFields = async (
  context: Context,
  url: string,
  names: readonly string[],
  repeatable: readonly string[] = [],
): Promise<Input> => {
  const { input, faults } = readForm(await readOwnForm(context, url), (name) => names.includes(name), repeatable);
  if (faults.length > 0) throw new Refused(faultsAnswer(faults));
  return input;
};

/** The browser's timeout; the gate allows slightly more. */
const TIMEOUT_MS = 9 * 60_000;

export const descriptors = (keys: readonly Passkey[]) =>
  keys.map(({ credential, transports }) => ({ type: 'public-key', id: credential, transports }));

export const getOptions = (challenge: string, relyingParty: RelyingParty, keys: readonly Passkey[]) => ({
  challenge,
  rpId: relyingParty.id,
  timeout: TIMEOUT_MS,
  userVerification: 'required',
  allowCredentials: descriptors(keys),
});

interface PasskeyForm {
  readonly action: string;
  readonly kind: 'get' | 'create';
  readonly options: object;
  readonly issued: WebAuthnChallenge;
  readonly button: string;
  readonly quiet?: boolean;
  readonly fields: Html;
}

/**
 * Renders a form that a passkey signs. Its button is shown only if the script runs. It contains the texts for the browser's errors,
 * hidden.
 */
export const passkeyForm = (
  locale: Locale,
  { action, kind, options, issued, button, quiet = false, fields }: PasskeyForm,
): Html => {
  const { words, say, dateTime } = locale;
  const notes = (['unable', 'failed', 'known'] as const).map(
    (name) =>
      html`<p class="fault" data-note="${name}" tabindex="-1" hidden>${words.passkeys[name]}${
        kind === 'get' && name === 'failed' && html` ${words.passkeys.lost}`
      }</p>`,
  );
  return html`
<form class="passkey" method="post" action="${action}" data-options="${JSON.stringify(options)}">
${fields}${hidden('nonce', issued.nonce)}${hidden('expiresAt', issued.expiresAt)}${hidden('passkey', '')}
<p class="note unscripted">${words.passkeys.noScript}</p>
<div aria-live="polite">${notes}</div>
<p><button type="button"${quiet && html` class="quiet"`} data-passkey="${kind}">${button}</button></p>
<p class="fine">${say(words.passkeys.until, { when: dateTime(issued.expiresAt) })}</p>
</form>`;
};
