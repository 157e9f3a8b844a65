import { missingDocuments } from '../../../../domain/feature/awaited.ts';
import type { Provenance } from '../../../../domain/feature/events.ts';
import type { Effects, NoticeFacts } from '../../../../domain/feature/notice.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { AttachedDocument, ChangeView } from '../../../../domain/feature/view.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { FORM_CHANNEL } from '../../../gate/vendorForms.ts';
import { documentUrl, latestOf } from '../../../register/views/changeJson.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { chip, icon } from './chip.ts';
import { type OfficialTexts, redactionNote } from './officialTexts.ts';

/** The channel of a change of the city's own policy; no other notice may claim it. */
const OPERATOR_CHANNEL = 'operator';

/** Returns how a notice arrived: signed, through the form of a vendor that cannot sign, or entered by the city. */
export const cameBy = ({ scheme, channel }: Pick<Provenance, 'scheme' | 'channel'>): 'signed' | 'form' | 'entered' =>
  scheme !== null ? 'signed' : channel === FORM_CHANNEL ? 'form' : 'entered';

export const provenanceText = ({ words, say }: Locale, provenance: Provenance, roster: Roster | null): Html => {
  const { by, person, channel, scheme } = provenance;
  switch (cameBy(provenance)) {
    case 'signed':
      return say(words.change.signed, { scheme: scheme ?? '' });
    case 'form':
      return html`${words.change.byForm}`;
    case 'entered':
      if (channel === OPERATOR_CHANNEL) return html`${words.change.byOperator}`;
      return person === null
        ? say(words.change.entered, { by: foreign(by), channel: foreign(channel) })
        : say(words.change.enteredFor, { person: foreign(holderName(roster, person)), channel: foreign(channel) });
  }
};

export const unsignedNote = (locale: Locale, provenance: Provenance, roster: Roster | null): Html =>
  cameBy(provenance) === 'signed'
    ? empty
    : html`<p class="note">${icon('warning')}${provenanceText(locale, provenance, roster)}</p>`;

/** Renders the vendor's words, set apart from the city's. */
export const vendorWords = ({ words, say }: Locale, vendor: string, text: string): Html => html`
<div class="says"><p class="who">${say(words.vendorSays, { vendor: foreign(vendor) })}</p><p class="text">${foreign(text)}</p></div>`;

const effect = ({ words }: Locale, value: 'changed' | 'unchanged' | 'unknown'): Html => {
  if (value === 'unknown') return html`<span class="chip no">${icon('warning')}<span>${words.impact.unknown}</span></span>`;
  return value === 'changed'
    ? html`<span class="chip wait">${icon('change')}<span>${words.impact.changed}</span></span>`
    : chip('off', words.impact.unchanged);
};

const sentence = (label: string, text: string | undefined): Html =>
  text === undefined ? empty : html`<small>${label}: ${foreign(text)}</small>`;

/**
 * Renders the nine impacts: first those that change, each with what the vendor says of it, then those not stated, then in one row those
 * that do not change.
 */
export const impactTable = (locale: Locale, impact: NoticeFacts['impact'], effects: Effects = {}): Html => {
  const { words, list } = locale;
  const row = (names: readonly (typeof IMPACTS)[number][], value: 'changed' | 'unchanged' | 'unknown'): Html => {
    const { from, to } = (names.length === 1 && effects[names[0] ?? 'purpose']) || {};
    const said = html`${sentence(words.policyChange.before, from)}${sentence(words.policyChange.after, to)}`;
    return html`<tr><th scope="row">${list(names.map((name) => words.impact[name]))}</th><td>${effect(locale, value)}${said}</td></tr>`;
  };
  const of = (value: 'changed' | 'unchanged' | 'unknown') => IMPACTS.filter((name) => impact[name] === value);
  const silent = of('unchanged').filter((name) => effects[name] === undefined);
  const alone = [...of('changed'), ...of('unknown'), ...of('unchanged').filter((name) => effects[name] !== undefined)];
  return html`
<table class="impact"><caption>${words.impact.caption}</caption>
<thead><tr><th scope="col">${words.impact.thing}</th><th scope="col">${words.impact.effect}</th></tr></thead>
<tbody>${alone.map((name) => row([name], impact[name]))}${silent.length === 0 ? empty : row(silent, 'unchanged')}</tbody></table>${
    of('unknown').length > 0 ? html`<p class="fine">${icon('warning')}${words.impact.unknownNote}</p>` : empty
  }`;
};

const kindName = ({ words }: Locale, kind: string): string | undefined => {
  const known: Readonly<Record<string, string>> = words.change.documentKinds;
  return Object.hasOwn(known, kind) ? known[kind] : undefined;
};

/** Renders kinds of documents in words. A kind that a city or a vendor made up is shown as they wrote it, with spaces for hyphens. */
export const documentKinds = (locale: Locale, kinds: readonly string[]): Html => {
  const names = locale.list(kinds.map((kind) => kindName(locale, kind) ?? kind.replaceAll('-', ' ')));
  return kinds.every((kind) => kindName(locale, kind) !== undefined) ? html`${names}` : foreign(names);
};

const hexOf = (sha256: string): string => sha256.slice('sha256:'.length);

type OfficialPath = { readonly path: string } | undefined;

const attachedItem = (
  locale: Locale,
  { title, kind, sha256, bytes, at, by }: AttachedDocument,
  texts: OfficialTexts,
  official: OfficialPath,
): Html => {
  const { words, say, number, date } = locale;
  const from = by.startsWith('vendor:') ? words.change.attachedByVendor : words.change.attachedByCity;
  const { redaction } = texts.get(sha256) ?? {};
  const href = redaction === undefined ? documentUrl(sha256) : official && `${official.path}/document/${hexOf(sha256)}`;
  const name = href === undefined ? foreign(title) : html`<a href="${href}" download="${title}">${foreign(title)}</a>`;
  const note = redaction === undefined ? empty : html`. ${redactionNote(locale, redaction)}`;
  return html`
<li>${name}${note} <small>${documentKinds(locale, [kind])}, ${say(words.change.kilobytes, { n: number(Math.ceil(bytes / 1000)) })}</small><br><small>${say(from, { when: date(at) })} <code>${say(words.change.hash, { hash: hexOf(sha256) })}</code></small></li>`;
};

/** Renders the documents that a notice names, by their addresses. Links send no referrer. */
export const namedDocuments = (locale: Locale, documents: NoticeFacts['documents']): Html => {
  const { words, say } = locale;
  const items = documents.map(
    ({ title, kind, url, sha256 }) => html`
<li><a href="${url}" rel="noopener noreferrer nofollow external" referrerpolicy="no-referrer">${foreign(title)}</a> <small>${documentKinds(locale, [kind])}</small><br><small>${sha256 === undefined ? words.change.noHash : html`<code>${say(words.change.hash, { hash: sha256 })}</code>`}</small></li>`,
  );
  return items.length === 0 ? html`<p>${words.change.noDocuments}</p>` : html`<ul class="plain">${items}</ul>`;
};

const missingNote = (locale: Locale, view: ChangeView): Html => {
  const { words, say } = locale;
  const missing = isOpen(view) ? missingDocuments(view) : [];
  if (missing.length === 0) return empty;
  return html`<p class="note">${icon('warning')}${say(words.change.missing, { kinds: documentKinds(locale, missing) })}</p>`;
};

/** Renders the documents of a change of the rules, if there are any beside the rules themselves, or if any is missing. */
export const policyDocuments = (locale: Locale, view: ChangeView, texts: OfficialTexts, official?: OfficialPath): Html =>
  view.documents.length === 0 && missingDocuments(view).length === 0
    ? empty
    : html`<h2>${locale.words.change.documents}</h2>${documentList(locale, view, texts, official)}`;

/**
 * Renders the documents of a change with their hashes: those that are attached, to be saved from here unless withheld from this reader, then
 * those that the notice names.
 */
export const documentList = (locale: Locale, view: ChangeView, texts: OfficialTexts, official?: OfficialPath): Html => {
  const { documents } = latestOf(view).notice;
  if (view.documents.length === 0) return html`${namedDocuments(locale, documents)}${missingNote(locale, view)}`;
  return html`<ul class="plain">${view.documents.map((document) => attachedItem(locale, document, texts, official))}</ul>
${documents.length === 0 ? empty : namedDocuments(locale, documents)}${missingNote(locale, view)}`;
};
