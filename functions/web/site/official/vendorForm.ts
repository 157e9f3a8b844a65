import type { Context } from 'hono';
import { CITY, changeId, changeNamed, vendorOf } from '../../../../domain/feature/keys.ts';
import { effectsOf, factsOf, Notice } from '../../../../domain/feature/notice.ts';
import { openChanges } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/commit.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { problemsOf } from '../../../../domain/kernel/problems.ts';
import { normalizeText } from '../../../../domain/kernel/text.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { IMPACTS, KINDS } from '../../../../domain/policy/schema.ts';
import { type Intake, intake } from '../../../gate/intake.ts';
import { FORM_CHANNEL, resolveVendorForm, type VendorForm, vendorName } from '../../../gate/vendors.ts';
import { fillText } from '../../../platform/catalogue.ts';
import { allFeatures, listChanges } from '../../../register/lists.ts';
import { readNamedChange } from '../../../register/project.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import { intakeRefused, occurrenceOf, PROBLEMS, refused } from '../../http/problems.ts';
import type { LinkDeps } from '../deps.ts';
import {
  type Choice,
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  hashIn,
  hidden,
  hiddenFields,
  type Input,
  isFilledIn,
  oneOf,
  radios,
  readForm,
  readOwnForm,
  rejectedField,
  rejectionText,
  type SentBack,
  select,
  selectField,
  textArea,
  textField,
  wantsPage,
} from '../forms.ts';
import { descriptionItem, type Html, html, untrustedText, visuallyHidden } from '../html.ts';
import { tokenOf } from '../links.ts';
import { changeLink, type Locale } from '../locale.ts';
import { type HtmlPage, localeAt, render, seeOther } from '../page.ts';
import { fullText, impactTable, namedDocuments, noticeFacts, vendorWords } from '../parts/notice.ts';

/** Rows for documents; more cannot be added without scripts. */
const DOCUMENTS = [1, 2, 3, 4] as const;
const DOCUMENT_FIELDS = ['docTitle', 'docKind', 'docUrl', 'docSha256'] as const;
const OPTIONAL = ['description', 'version', 'effectiveAt', 'endsAt', 'optOut', 'optOutBy', 'optOutHow', 'withoutAction'] as const;
const FIELDS: readonly string[] = [
  'revises',
  'feature',
  'kind',
  'title',
  'summary',
  ...OPTIONAL,
  ...IMPACTS.flatMap((impact) => [`impact.${impact}`, `impact.${impact}.from`, `impact.${impact}.to`]),
  ...DOCUMENTS.flatMap((place) => DOCUMENT_FIELDS.map((field) => `${field}.${place}`)),
];
/** `step`: the button pressed, to check the answers or to change them; without it the notice is sent. */
const KNOWN: ReadonlySet<string> = new Set([...FIELDS, 'nonce', 'step']);

type ReadNotice =
  | { readonly ok: true; readonly input: Input; readonly notice: Notice; readonly body: Uint8Array; readonly nonce: string }
  | { readonly ok: false; readonly input: Input; readonly faults: readonly Fault[] };

const documentsOf = (input: Input): readonly { readonly place: number; readonly document: Record<string, string> }[] =>
  DOCUMENTS.map((place) => {
    const value = (field: (typeof DOCUMENT_FIELDS)[number]): string => normalizeText(oneOf(input, `${field}.${place}`));
    const sha256 = hashIn(input, `docSha256.${place}`);
    const document = { title: value('docTitle'), kind: value('docKind'), url: value('docUrl'), ...(sha256 !== '' && { sha256 }) };
    return { place, document };
  }).filter(({ document }) => Object.values(document).some((value) => value !== ''));

const SCHEMA_FIELD: Readonly<Record<string, (typeof DOCUMENT_FIELDS)[number]>> = {
  title: 'docTitle',
  kind: 'docKind',
  url: 'docUrl',
  sha256: 'docSha256',
};

const OWN_CODES = ['feature', 'kind', 'title', 'summary', 'description', 'version', 'endsAt', 'revises'] as const;
const OTHER_CODES: Readonly<Record<string, Fault['code']>> = {
  effectiveAt: 'day',
  optOut: 'choice',
  optOutBy: 'day',
  optOutHow: 'impactText',
  withoutAction: 'choice',
};

const faultAt = ([first, second, third]: readonly string[], places: readonly number[]): Fault => {
  if (first === 'documents') {
    const field = SCHEMA_FIELD[third ?? ''] ?? 'docUrl';
    return { name: `${field}.${places[Number(second)] ?? 1}`, code: field };
  }
  if (first === 'impact')
    return third === undefined
      ? { name: `impact.${second ?? ''}`, code: 'choice' }
      : { name: `impact.${second ?? ''}.${third}`, code: 'impactText' };
  const code = OWN_CODES.find((name) => name === first) ?? OTHER_CODES[first ?? ''] ?? 'encoding';
  return { name: first ?? 'title', code };
};

/** Reads a notice with the checks of a signed one, each fault at its field. Rejects keys of other vendors. */
const readNoticeForm = (bytes: Uint8Array, vendor: string): ReadNotice => {
  const { input, faults: unreadable } = readForm(bytes, (name) => KNOWN.has(name));
  const text = (name: string): string => normalizeText(oneOf(input, name));
  const revised = changeNamed(text('revises'));
  const documents = documentsOf(input);
  const feature = text('feature') === '' ? (revised?.key ?? '') : text('feature');
  const impact = Object.fromEntries(
    IMPACTS.flatMap((name): readonly (readonly [string, unknown])[] => {
      const [effect, from, to] = [`impact.${name}`, `impact.${name}.from`, `impact.${name}.to`].map(text);
      if (from === '' && to === '') return effect === '' ? [] : [[name, effect]];
      return [[name, { effect: effect || 'unknown', ...(from !== '' && { from }), ...(to !== '' && { to }) }]];
    }),
  );
  const parsed = Notice.safeParse({
    feature,
    kind: text('kind'),
    title: text('title'),
    summary: text('summary'),
    ...Object.fromEntries(OPTIONAL.flatMap((name) => (text(name) === '' ? [] : [[name, text(name)]]))),
    impact,
    documents: documents.map(({ document }) => document),
    ...(text('revises') !== '' && { revises: revised?.number ?? Number.NaN }),
  });
  const places = documents.map(({ place }) => place);
  const known = FeatureKey.safeParse(feature);
  const faults: readonly Fault[] = [
    ...unreadable,
    ...(parsed.success ? [] : problemsOf(parsed.error).map(({ pointer }) => faultAt(pointer.split('/').slice(1), places))),
    ...(known.success && vendorOf(feature) !== vendor
      ? [{ name: 'feature', code: 'otherVendor' as const, slots: { vendor } }]
      : []),
    ...(revised !== undefined && revised.key !== feature ? [{ name: 'revises', code: 'revises' as const }] : []),
    ...(['', 'check', 'change'].includes(oneOf(input, 'step')) ? [] : [{ name: 'step', code: 'choice' as const }]),
    ...(/^[0-9a-f-]{8,64}$/.test(oneOf(input, 'nonce')) ? [] : [{ name: 'nonce', code: 'nonce' as const }]),
  ];
  const unique = [...new Map(faults.map((fault) => [fault.name, fault])).values()];
  if (!parsed.success || unique.length > 0) return { ok: false, input, faults: unique };
  const body = Buffer.from(canonical(parsed.data as JsonValue));
  if (body.length > NOTICE_BYTES_MAX) return { ok: false, input, faults: [{ name: 'description', code: 'description' }] };
  return { ok: true, input, notice: parsed.data, body, nonce: oneOf(input, 'nonce') };
};

type VendorFormView = Awaited<ReturnType<typeof viewOf>>;

const subject = (locale: Locale, { vendor, keys, open, form }: VendorFormView): Html => {
  const { words } = locale;
  const texts = words.vendorForm;
  const revisable = open.map(({ id, title }): Choice => ({ value: id, label: `${id}: ${title}` }));
  const kinds = KINDS.map((value): Choice => ({ value, label: words.kind[value] }));
  const hint = fillText(texts.featureHint, { example: keys[0] ?? `${vendor}.product.feature` });
  const revises = { label: texts.revises, blank: texts.isNew, choices: revisable };
  const effectiveAt = { label: texts.effectiveAt, hint: words.change.effectiveNote, type: 'date' } as const;
  const endsAt = { label: texts.endsAt, hint: texts.endsHint, type: 'date' } as const;
  return html`
<h2>${words.decide.about}</h2>${(revisable.length > 0 || isFilledIn(form, ['revises'])) && selectField(locale, form, 'revises', revises)}
${textField(locale, form, 'feature', { label: texts.feature, hint })}
${selectField(locale, form, 'kind', { label: words.change.kind, blank: words.decide.certify.choose, choices: kinds, required: true })}
${textField(locale, form, 'title', { label: words.change.title, required: true })}
${textArea(locale, form, 'summary', { label: words.change.summary, hint: texts.summaryHint, required: true })}
${textArea(locale, form, 'description', { label: words.change.text, hint: texts.optional })}
${textField(locale, form, 'version', { label: words.change.version, hint: texts.optional })}
<div class="pair">${textField(locale, form, 'effectiveAt', effectiveAt)}${textField(locale, form, 'endsAt', endsAt)}</div>`;
};

const optingOut = (locale: Locale, { form }: VendorFormView): Html => {
  const texts = locale.words.vendorForm;
  const choices = [
    { value: 'on', label: texts.withoutOn },
    { value: 'off', label: texts.withoutOff },
  ];
  return html`
${textField(locale, form, 'optOutBy', { label: texts.optOutBy, hint: texts.optOutByHint, type: 'date' })}
${textField(locale, form, 'optOutHow', { label: texts.optOutHow, hint: texts.optOutHowHint })}
${selectField(locale, form, 'withoutAction', { label: texts.withoutAction, blank: texts.unknown, choices })}`;
};

const impacts = (locale: Locale, { form }: VendorFormView): Html => {
  const { words } = locale;
  const {
    impacts: legend,
    impactsHint,
    changed,
    unchanged,
    unknown,
    impactMore: more,
    impactFrom: from,
    impactTo: to,
  } = words.vendorForm;
  const choices = [
    { value: 'changed', label: changed },
    { value: 'unchanged', label: unchanged },
  ];
  const rows = IMPACTS.map((name) => {
    const isOpen = isFilledIn(form, [`impact.${name}.from`, `impact.${name}.to`]) && html` open`;
    return html`<div>${select(locale, form, `impact.${name}`, { label: words.impact[name], blank: unknown, choices })}
<details${isOpen} aria-label="${words.impact[name]}"><summary>${more}${visuallyHidden(words.impact[name])}</summary>
${textField(locale, form, `impact.${name}.from`, { label: from })}
${textField(locale, form, `impact.${name}.to`, { label: to })}</details></div>`;
  });
  return html`
<fieldset aria-describedby="impacts-hint"><legend>${legend}</legend><p class="hint" id="impacts-hint">${impactsHint}</p><div class="roll">${rows}</div></fieldset>`;
};

const documents = (locale: Locale, { form }: VendorFormView): Html => {
  const texts = locale.words.vendorForm;
  const rows = DOCUMENTS.map((place) => {
    const names = DOCUMENT_FIELDS.map((field) => `${field}.${place}`);
    const field = (name: (typeof DOCUMENT_FIELDS)[number], hint?: string): Html =>
      textField(locale, form, `${name}.${place}`, { label: texts[name], ...(hint !== undefined && { hint }) });
    const isOpen = (place === 1 || isFilledIn(form, names)) && html` open`;
    const heading = fillText(texts.document, { n: place });
    return html`
<details${isOpen} aria-label="${heading}"><summary>${heading}</summary>
${field('docTitle')}${field('docKind', texts.docKindHint)}${field('docUrl')}${field('docSha256')}</details>`;
  });
  return html`<h2>${locale.words.change.documents}</h2><p class="hint">${texts.documentsHint}</p>${rows}`;
};

const formPage = (context: Context, locale: Locale, view: VendorFormView): HtmlPage => {
  const { words, say, dateTime } = locale;
  const { name, expiresAt, nonce, form, messages, status } = view;
  const texts = words.vendorForm;
  const answers = (['yes', 'no', 'unknown'] as const).map((value): Choice => ({ value, label: texts[value] }));
  return {
    title: fillText(texts.heading, { vendor: name }),
    status,
    body: html`${errorSummary(locale, form, FIELDS, messages)}
<h1>${say(texts.heading, { vendor: untrustedText(name) })}</h1><p class="lead">${texts.lead}</p><p class="note">${texts.unsigned}</p>
<form class="card" method="post" action="${locale.href(context.req.path)}">${subject(locale, view)}
${radios(locale, form, 'optOut', texts.optOut, answers)}${optingOut(locale, view)}${impacts(locale, view)}${documents(locale, view)}
<p class="hint">${say(texts.swear, { vendor: untrustedText(name) })}</p>
${hidden('nonce', nonce)}<button type="submit" name="step" value="check">${texts.check}</button></form>
<p class="fine">${say(texts.valid, { when: dateTime(expiresAt) })}</p>`,
  };
};

const checkPage = (
  context: Context,
  locale: Locale,
  name: string,
  { input, notice }: Extract<ReadNotice, { ok: true }>,
): HtmlPage => {
  const { words, say } = locale;
  const texts = words.vendorForm;
  const facts = factsOf(notice, locale.zone);
  const { feature, revises, description } = notice;
  const change = html`<button type="submit" class="quiet" name="step" value="change">${words.passkeys.sign.edit}</button>`;
  return {
    title: texts.check,
    body: html`
<h1>${texts.check}</h1><p class="lead">${texts.checkLead}</p>
<h2>${untrustedText(notice.title)}</h2>${vendorWords(locale, name, { notice })}
<dl class="facts">${descriptionItem(texts.feature, html`<code>${feature}</code>`)}
${revises !== undefined && descriptionItem(texts.revises, changeId(feature, revises))}${noticeFacts(locale, facts)}</dl>
<h2>${words.impact.heading}</h2>${impactTable(locale, facts.impact, effectsOf(notice))}
<h2>${words.change.documents}</h2>${namedDocuments(locale, facts.documents)}
${fullText(words.change.text, description ?? '')}
<form class="card" method="post" action="${locale.href(context.req.path)}">${hiddenFields(input, ['step'])}
<p class="hint">${say(texts.swear, { vendor: untrustedText(name) })}</p>
<div class="buttons"><button type="submit">${texts.submit}</button>${change}</div></form>`,
  };
};

const vendorSentPage = (context: Context, locale: Locale, view: ChangeView): HtmlPage => {
  const { words, say } = locale;
  const change = changeId(view.key, view.number);
  const { notice, digest } = latestOf(view);
  const texts = words.vendorForm;
  return {
    title: texts.sent,
    body: html`
<h1>${texts.sent}</h1><p class="lead">${say(texts.sentLead, { change: html`<code>${change}</code>` })}</p>
<p>${untrustedText(notice.title)}</p><p class="fine"><code>${say(words.decide.roster.digest, { digest })}</code></p><p class="note">${words.change.byForm}.</p>
<p>${changeLink(locale, change, words.decide.rollback.read)}</p>
<p><a href="${locale.href(context.req.path)}">${texts.another}</a></p>`,
  };
};

const OPEN_MAX = 100;

const formOf = async ({ ports }: LinkDeps, context: Context): Promise<VendorForm> => {
  const form = await resolveVendorForm(ports, tokenOf(context));
  if (form === undefined) throw refused('not-found', { detail: 'this form is unknown, over or withdrawn' });
  return form;
};

interface SentNotice extends SentBack {
  readonly messages?: readonly Html[];
  readonly status?: HtmlPage['status'];
}

const viewOf = async (
  { ports }: LinkDeps,
  { vendor, expiresAt }: VendorForm,
  { input = new Map(), faults = [], messages = [], status = faults.length === 0 ? 200 : 422 }: SentNotice,
) => {
  const now = ports.clock();
  const features = (await allFeatures(ports, { prefix: vendor, now })).filter(({ key }) => vendorOf(key) === vendor);
  const busy = features.filter(({ state }) => openChanges(state).length > 0);
  const pages = await Promise.all(busy.map(({ key }) => listChanges(ports, { key, status: 'pending', limit: OPEN_MAX, now })));
  const open = pages
    .flatMap((page) => page?.items ?? [])
    .map(({ view }) => ({ id: changeId(view.key, view.number), title: latestOf(view).notice.title }));
  const form: FormState = { input, faults, prefix: 'n' };
  const nonce = input.get('nonce')?.[0] ?? ports.newId();
  const name = await vendorName(ports, vendor);
  return { vendor, name, expiresAt, keys: features.map(({ key }) => key), open, nonce, form, messages, status };
};

const showForm = async (deps: LinkDeps, context: Context, form: VendorForm, sent: SentNotice = {}): Promise<Response> => {
  const locale = localeAt(deps, context);
  return render(context, locale, formPage(context, locale, await viewOf(deps, form, sent)));
};

const sentPage = async (deps: LinkDeps, context: Context, { vendor }: VendorForm): Promise<Response | undefined> => {
  const reading = await readNamedChange(deps.ports, context.req.query('change') ?? '');
  if (reading === undefined || vendorOf(reading.view.key) !== vendor) return undefined;
  const locale = localeAt(deps, context);
  return render(context, locale, vendorSentPage(context, locale, reading.view));
};

export const vendorFormPage = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const form = await formOf(deps, context);
  return (await sentPage(deps, context, form)) ?? showForm(deps, context, form);
};

const take = (
  { ports }: LinkDeps,
  form: VendorForm,
  read: Extract<ReturnType<typeof readNoticeForm>, { ok: true }>,
): Promise<Intake> =>
  intake(ports, {
    // In the city's name, so that a form cannot take a delivery id that the vendor itself uses for a notice.
    vendor: CITY,
    deliveryId: `form/${form.vendor}/${form.id}/${read.nonce}`,
    actor: `form:${form.id}`,
    body: read.body,
    notice: read.notice,
    provenance: {
      channel: FORM_CHANNEL,
      by: `vendor:${form.vendor}`,
      person: null,
      key: form.id,
      scheme: null,
      message: null,
      heardAt: null,
      evidence: null,
    },
    attachments: [],
    counted: { sender: `form:${form.id}`, bytes: read.body.length },
  });

export const vendorFormPost = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const form = await formOf(deps, context);
  const read = readNoticeForm(body, form.vendor);
  const { input } = read;
  const step = oneOf(input, 'step');
  if (step === 'change') return showForm(deps, context, form, { input });
  if (!read.ok) {
    const { faults } = read;
    return wantsPage(context) ? showForm(deps, context, form, { input, faults }) : faultsProblem(faults);
  }
  if (step === 'check') {
    const locale = localeAt(deps, context);
    return render(context, locale, checkPage(context, locale, await vendorName(deps.ports, form.vendor), read));
  }
  const taken = await take(deps, form, read);
  if (taken.ok) {
    return seeOther(context, `${context.req.path}?change=${taken.received.change}`);
  }
  const { rejection } = taken;
  if (!wantsPage(context)) throw intakeRefused(rejection);
  const { status = PROBLEMS[rejection.code].status, headers = {} } = occurrenceOf(rejection);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  const locale = localeAt(deps, context);
  const fault = rejectedField(locale, rejection, FIELDS);
  const why = fault === undefined ? { messages: [html`${rejectionText(locale, rejection)}`] } : { faults: [fault] };
  return showForm(deps, context, form, { input, ...why, status });
};
