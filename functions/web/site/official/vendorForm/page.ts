import type { Context } from 'hono';
import { IMPACTS, KINDS } from '../../../../../domain/policy/schema.ts';
import { type Choice, errorSummary, type FormState, hidden, radios, select, textArea, textField } from '../../forms/field.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn } from '../../page.ts';
import { type DOCUMENT_FIELDS, DOCUMENTS, FIELDS } from './read.ts';

/** An open change of the vendor, which a new revision can replace. */
export interface OpenChange {
  readonly id: string;
  readonly title: string;
}

/** Everything the form shows. */
export interface VendorFormView {
  readonly vendor: string;
  readonly name: string;
  readonly expiresAt: string;
  readonly keys: readonly string[];
  readonly open: readonly OpenChange[];
  readonly nonce: string;
  readonly form: FormState;
  readonly messages: readonly Html[];
  readonly status: NonNullable<HtmlPage['status']>;
}

const subject = (locale: Locale, { vendor, keys, open, form }: VendorFormView): Html => {
  const { words } = locale;
  const texts = words.vendorForm;
  const revisable = open.map(({ id, title }): Choice => ({ value: id, label: `${id}: ${title}` }));
  const kinds = KINDS.map((value): Choice => ({ value, label: words.kind[value] }));
  const hint = fillText(texts.featureHint, { example: keys[0] ?? `${vendor}.product.feature` });
  return html`
<h2>${texts.what}</h2>${revisable.length === 0 ? empty : html`<div class="field">${select(locale, form, 'revises', { label: texts.revises, blank: texts.isNew, choices: revisable })}</div>`}
${textField(locale, form, 'feature', { label: texts.feature, hint })}
<div class="field">${select(locale, form, 'kind', { label: texts.kind, blank: words.decide.certify.choose, choices: kinds, required: true })}</div>
${textField(locale, form, 'title', { label: texts.noticeTitle, required: true })}
${textArea(locale, form, 'summary', { label: texts.summary, hint: texts.summaryHint, required: true })}
${textArea(locale, form, 'description', { label: texts.description, hint: texts.descriptionHint })}
${textField(locale, form, 'version', { label: texts.version, hint: texts.descriptionHint })}
<div class="pair">${textField(locale, form, 'effectiveAt', { label: texts.effectiveAt, hint: locale.words.change.effectiveNote, type: 'date' })}${textField(locale, form, 'endsAt', { label: texts.endsAt, hint: texts.endsHint, type: 'date' })}</div>`;
};

const impacts = (locale: Locale, { form }: VendorFormView): Html => {
  const { words } = locale;
  const { impacts: legend, impactsHint, changed, unchanged, unknown } = words.vendorForm;
  const choices = [
    { value: 'changed', label: changed },
    { value: 'unchanged', label: unchanged },
  ];
  return html`
<fieldset><legend>${legend}</legend><p class="hint">${impactsHint}</p><div class="roll">${IMPACTS.map(
    (name) => html`<div>${select(locale, form, `impact.${name}`, { label: words.impact[name], blank: unknown, choices })}</div>`,
  )}</div></fieldset>`;
};

const documents = (locale: Locale, { form }: VendorFormView): Html => {
  const texts = locale.words.vendorForm;
  const rows = DOCUMENTS.map((place) => {
    const open = place === 1 || ['docTitle', 'docUrl'].some((name) => (form.input.get(`${name}.${place}`)?.[0] ?? '') !== '');
    const field = (name: (typeof DOCUMENT_FIELDS)[number], hint?: string): Html =>
      textField(locale, form, `${name}.${place}`, { label: texts[name], ...(hint !== undefined && { hint }) });
    return html`
<details${open ? html` open` : empty}><summary>${fillText(texts.document, { n: place })}</summary>${field('docTitle')}${field('docKind', texts.docKindHint)}${field('docUrl')}${field('docSha256')}</details>`;
  });
  return html`<h2>${texts.documents}</h2><p class="hint">${texts.documentsHint}</p>${rows}`;
};

/** Renders the form; after faults, with what was entered. */
export const vendorFormPage = (context: Context, locale: Locale, view: VendorFormView): HtmlPage => {
  const { words, say, dateTime } = locale;
  const { name, expiresAt, nonce, form, messages, status } = view;
  const texts = words.vendorForm;
  const { pathname } = new URL(context.req.url);
  const answers = (['yes', 'no', 'unknown'] as const).map((value): Choice => ({ value, label: texts[value] }));
  return {
    title: texts.title,
    status,
    body: html`${errorSummary(locale, form, FIELDS, messages)}
<h1>${say(texts.heading, { vendor: foreign(name) })}</h1><p class="lead">${texts.lead}</p><p class="note">${texts.unsigned}</p>
<form class="card" method="post" action="${linkIn(context, pathname)}">${subject(locale, view)}
${radios(locale, form, 'optOut', texts.optOut, answers)}${impacts(locale, view)}${documents(locale, view)}
<p class="hint">${say(texts.swear, { vendor: foreign(name) })}</p>${hidden('nonce', nonce)}<button type="submit">${texts.submit}</button></form>
<p class="fine">${say(texts.valid, { when: dateTime(expiresAt) })}</p>`,
  };
};

/** Renders what was received: the change, its digest, and the link to its public page. */
export const vendorSentPage = (
  context: Context,
  locale: Locale,
  { change, title, digest }: { readonly change: string; readonly title: string; readonly digest: string },
): HtmlPage => {
  const { words, say } = locale;
  const texts = words.vendorForm;
  const { pathname } = new URL(context.req.url);
  return {
    title: texts.sent,
    body: html`
<h1>${texts.sent}</h1><p class="lead">${say(texts.sentLead, { change: html`<code>${change}</code>` })}</p>
<p>${foreign(title)}</p><p class="fine"><code>${say(texts.digest, { digest })}</code></p><p class="note">${words.change.byForm}.</p>
<p><a href="${linkIn(context, `/changes/${change}`)}">${texts.page}</a></p><p><a href="${linkIn(context, pathname)}">${texts.another}</a></p>`,
  };
};
