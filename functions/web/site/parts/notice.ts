import { missingDocuments } from '../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { commitmentNamed, type Provenance } from '../../../../domain/feature/events.ts';
import {
  compareLines,
  type Effects,
  effectsOf,
  linesOfNotice,
  type NoticeFacts,
  type NoticeLine,
} from '../../../../domain/feature/notice.ts';
import { type FeatureState, isOpen, shownApproval } from '../../../../domain/feature/state.ts';
import type { AttachedDocument, ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import { difference, type TextRun } from '../../../../domain/kernel/difference.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import type { Place, Redaction } from '../../../../domain/redaction/decide.ts';
import { type Audience, type OfficialText, readHidden, readText } from '../../../gate/redactions.ts';
import { FORM_CHANNEL } from '../../../gate/vendors.ts';
import { noticeLabel, noticeText, vendorsChoice } from '../../../platform/acts.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { readChange } from '../../../register/project.ts';
import { documentUrl, latestOf, noticeOf, withholdableOf } from '../../../register/views/changeJson.ts';
import type { LinkDeps } from '../deps.ts';
import { descriptionItem, empty, type Html, html, tableHead, untrustedLink, untrustedText } from '../html.ts';
import { type CityLocale, hashText, holderName, type Locale } from '../locale.ts';
import { chip, warning } from './chip.ts';

/** The channel of a change of the city's own policy; no other notice may claim it. */
const OPERATOR_CHANNEL = 'operator';

export const cameBy = ({ scheme, channel }: Pick<Provenance, 'scheme' | 'channel'>): 'signed' | 'form' | 'entered' =>
  scheme !== null ? 'signed' : channel === FORM_CHANNEL ? 'form' : 'entered';

/** Renders how a notice came to the gate. `at`: when it arrived. */
export const provenanceText = (locale: CityLocale, { provenance, at }: Pick<RevisionView, 'provenance' | 'at'>): Html => {
  const { words, say } = locale;
  const { by, person, channel, scheme } = provenance;
  switch (cameBy(provenance)) {
    case 'signed':
      return say(words.change.signed, { scheme: scheme ?? '' });
    case 'form':
      return html`${words.change.byForm}`;
    case 'entered':
      if (channel === OPERATOR_CHANNEL) return html`${words.change.byOperator}`;
      return person === null
        ? say(words.change.entered, { by: untrustedText(by), channel: untrustedText(channel) })
        : say(words.change.enteredFor, {
            person: untrustedText(holderName(locale, person, at)),
            channel: untrustedText(channel),
          });
  }
};

export const unsignedNote = (locale: CityLocale, revision: RevisionView): Html =>
  cameBy(revision.provenance) === 'signed' ? empty : warning(provenanceText(locale, revision));

interface Said {
  readonly notice: Pick<RevisionView['notice'], 'summary'>;
  readonly provenance?: RevisionView['provenance'];
}

/** Renders the notice's words, attributed to the vendor only if the city did not enter them. */
export const vendorWords = ({ words, say }: Locale, vendor: string, { notice, provenance }: Said): Html => {
  const isEntered = provenance !== undefined && cameBy(provenance) === 'entered';
  const who = isEntered ? words.cityEntered : say(words.vendorSays, { vendor: untrustedText(vendor) });
  return html`<div class="says"><p class="who">${who}</p><p class="text">${untrustedText(notice.summary)}</p></div>`;
};

const EFFECTS = { changed: ['wait', 'change'], unchanged: ['off', 'dash'], unknown: ['no', 'warning'] } as const;

const effect = ({ words }: Locale, value: keyof typeof EFFECTS): Html => {
  const [tone, sign] = EFFECTS[value];
  return chip(tone, words.impact[value], sign);
};

const sentence = (label: string, text: string | undefined): Html =>
  text === undefined ? empty : html`<small>${label}: ${untrustedText(text)}</small>`;

/** Renders the impacts; all that are unchanged share one row. */
export const impactTable = (locale: Locale, impact: NoticeFacts['impact'], effects: Effects = {}): Html => {
  const { words, list } = locale;
  const row = (names: readonly (typeof IMPACTS)[number][], value: keyof typeof EFFECTS): Html => {
    const { from, to } = (names.length === 1 && effects[names[0] ?? 'purpose']) || {};
    const said = html`${sentence(words.before, from)}${sentence(words.after, to)}`;
    return html`<tr><th scope="row">${list(names.map((name) => words.impact[name]))}</th><td>${effect(locale, value)}${said}</td></tr>`;
  };
  const of = (value: keyof typeof EFFECTS) => IMPACTS.filter((name) => impact[name] === value);
  const silent = of('unchanged').filter((name) => effects[name] === undefined);
  const alone = [...of('changed'), ...of('unknown'), ...of('unchanged').filter((name) => effects[name] !== undefined)];
  return html`
<table class="impact"><caption>${words.impact.caption}</caption>
${tableHead(words.what, words.impact.effect)}
<tbody>${alone.map((name) => row([name], impact[name]))}${silent.length > 0 && row(silent, 'unchanged')}</tbody></table>${
    of('unknown').length > 0 && warning(words.impact.unknownNote, 'fine')
  }`;
};

export const noticeFacts = (locale: Locale, notice: NoticeFacts): Html => {
  const { words, until } = locale;
  const { change } = words;
  const { effective, optOut, optOutBy, withoutAction } = vendorsChoice(words, locale, notice);
  return html`${descriptionItem(change.kind, words.kind[notice.kind])}
${descriptionItem(change.version, notice.version === null ? words.notGiven : untrustedText(notice.version))}
${effective !== null && descriptionItem(change.effective, html`${effective} <small>${change.effectiveNote}</small>`)}
${notice.endsAt !== null && descriptionItem(change.ends, until(notice.endsAt))}
${optOut !== null && descriptionItem(change.optOut, optOut)}
${optOutBy !== null && descriptionItem(change.optOutBy, optOutBy)}
${notice.optOutHow !== null && descriptionItem(change.optOutHow, untrustedText(notice.optOutHow))}
${withoutAction !== null && descriptionItem(change.withoutAction, withoutAction)}`;
};

const kindName = ({ words }: Locale, kind: string): string | undefined => {
  const known: Readonly<Record<string, string>> = words.change.documentKinds;
  return Object.hasOwn(known, kind) ? known[kind] : undefined;
};

export const documentKinds = (locale: Locale, kinds: readonly string[]): Html => {
  const names = locale.list(kinds.map((kind) => kindName(locale, kind) ?? kind.replaceAll('-', ' ')));
  return kinds.every((kind) => kindName(locale, kind) !== undefined) ? html`${names}` : untrustedText(names);
};

const hexOf = (sha256: string): string => sha256.slice('sha256:'.length);

const attachedItem = (
  locale: Locale,
  { title, kind, sha256, bytes, at, by }: AttachedDocument,
  texts: OfficialTexts,
  official: string | undefined,
): Html => {
  const { words, say, number, date } = locale;
  const from = by.startsWith('vendor:') ? words.change.attachedByVendor : words.change.attachedByCity;
  const { redaction } = texts.get(sha256) ?? {};
  // Officials read the stored document, which is checked against its hash, not the public log's file.
  const own = official && `${official}/document/${hexOf(sha256)}`;
  const href = own ?? (redaction === undefined ? documentUrl(sha256) : undefined);
  const name =
    href === undefined ? untrustedText(title) : html`<a href="${href}" download="${title}">${untrustedText(title)}</a>`;
  const note = redaction === undefined ? empty : html`. ${redactionNote(locale, redaction)}`;
  const size = `${number(Math.ceil(bytes / 1000))} kB`;
  return html`
<li>${name}${note} <small>${documentKinds(locale, [kind])}, ${size}</small><br>
<small>${say(from, { when: date(at) })} ${hashText(hexOf(sha256))}</small></li>`;
};

export const namedDocuments = (locale: Locale, documents: NoticeFacts['documents']): Html => {
  const { words } = locale;
  const items = documents.map(({ title, kind, url, sha256 }) => {
    const hash = sha256 === undefined ? words.change.noHash : hashText(sha256);
    return html`
<li>${untrustedLink(url, untrustedText(title))}
<small>${documentKinds(locale, [kind])}</small><br><small>${hash}</small></li>`;
  });
  return items.length === 0 ? html`<p>${words.change.noDocuments}</p>` : html`<ul class="plain">${items}</ul>`;
};

const missingNote = (locale: Locale, view: ChangeView): Html => {
  const { words, say } = locale;
  const missing = isOpen(view) ? missingDocuments(view) : [];
  if (missing.length === 0) return empty;
  return warning(say(words.change.missing, { kinds: documentKinds(locale, missing) }));
};

export const policyDocuments = (locale: Locale, view: ChangeView, texts: OfficialTexts, official?: string): Html =>
  view.documents.length === 0 && missingDocuments(view).length === 0
    ? empty
    : html`<h2>${locale.words.change.documents}</h2>${documentList(locale, view, texts, official)}`;

export const documentList = (locale: Locale, view: ChangeView, texts: OfficialTexts, official?: string): Html => {
  const { documents } = latestOf(view).notice;
  if (view.documents.length === 0) return html`${namedDocuments(locale, documents)}${missingNote(locale, view)}`;
  return html`<ul class="plain">${view.documents.map((document) => attachedItem(locale, document, texts, official))}</ul>
${documents.length > 0 && namedDocuments(locale, documents)}${missingNote(locale, view)}`;
};

/**
 * Officials' texts by commitment. A redacted text holds its redaction, and the text only for officials; notices and documents are included
 * only while withheld.
 */
export type OfficialTexts = ReadonlyMap<string, OfficialText>;

export const officialTextsOf = async (
  deps: Pick<LinkDeps, 'ports'>,
  view: ChangeView,
  audience: Audience,
): Promise<OfficialTexts> => {
  const { contested, optOut, rollback } = view;
  const revision = view.revisions.length;
  const named = [
    ...view.acts.map((act) => ({ revision: 'revision' in act ? act.revision : null, commitment: commitmentNamed(act) })),
    ...(contested === null ? [] : [{ revision: null, commitment: contested.reason }]),
    ...[...(optOut?.confirmations ?? []), ...(rollback?.confirmations ?? [])].map(({ comment }) => ({
      revision,
      commitment: comment,
    })),
    ...(optOut?.records ?? []).map(({ note }) => ({ revision, commitment: note })),
  ];
  const place = { key: view.key, change: view.number };
  const texts = named.flatMap(({ revision, commitment }) => (commitment === null ? [] : [{ ...place, revision, commitment }]));
  const [read, withheld] = await Promise.all([officialTextsAt(deps, texts, audience), withheldOf(deps, view)]);
  return new Map([...read, ...withheld]);
};

export const withheldOf = async ({ ports }: Pick<LinkDeps, 'ports'>, view: ChangeView): Promise<OfficialTexts> =>
  readHidden(ports, withholdableOf(view));

export const officialTextsAt = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  named: readonly (Place & { readonly commitment: string })[],
  audience: Audience,
): Promise<OfficialTexts> => {
  const texts = await Promise.all(
    named.map(async (each) => [each.commitment, await readText(ports, { ...each, audience })] as const),
  );
  return new Map(texts.flatMap(([commitment, text]) => (text === undefined ? [] : [[commitment, text] as const])));
};

const redactionNote = ({ words, say, day, zone }: Locale, redaction: Redaction): Html => {
  const { status, at, reason, authority, fileNumber } = redaction;
  const slots = { authority: untrustedText(authority), file: untrustedText(fileNumber), day: day(localDateOf(at, zone)) };
  return say(words.act.redacted[status], { ...slots, reason: words.act.redactedBecause[reason] });
};

export const officialText = (locale: Locale, shown: OfficialText | undefined): Html => {
  if (shown === undefined) return html`${locale.words.act.missing}`;
  const { text, redaction } = shown;
  if (redaction === undefined) return text === undefined ? html`${locale.words.act.missing}` : untrustedText(text);
  const note = redactionNote(locale, redaction);
  return text === undefined ? note : html`<small>${note}</small><br>${untrustedText(text)}`;
};

interface RevisionText {
  readonly notice: NoticeFacts;
  readonly description: string;
  readonly effects: Effects;
  readonly redaction?: Redaction | undefined;
}

const withoutMarks = (markdown: string): string =>
  markdown.replaceAll(/\*\*(?=\S)([^*\n]+)(?<=\S)\*\*/g, '$1').replaceAll(/^#{1,6} +/gm, '');

/** Returns a revision's texts. The description is read from the notice as sent, since no event holds it. */
export const revisionTextOf = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  view: Pick<ChangeView, 'key' | 'number'>,
  revision: RevisionView,
  audience: Audience,
): Promise<RevisionText> => {
  const { notice, redaction } = await noticeOf(ports.store, view, revision, audience);
  const description = withoutMarks(notice?.description ?? '');
  return { notice: revision.notice, description, effects: notice ? effectsOf(notice) : {}, redaction };
};

const run = ({ kind, text }: TextRun): Html =>
  kind === 'gone' ? html`<del>${text}</del>` : kind === 'new' ? html`<ins>${text}</ins>` : html`${text}`;

const effectText = (said: Effects[keyof Effects]): string =>
  said === undefined ? '' : [said.from, said.to].filter(Boolean).join(' → ');

export const textDifference = (locale: Locale, before: RevisionText, after: RevisionText): Html => {
  const { words } = locale;
  const { changed } = compareLines(linesOfNotice(before.notice), linesOfNotice(after.notice));
  const cell = (line: NoticeLine | undefined): Html | undefined => {
    if (line === undefined) return undefined;
    const { text, isVendors } = noticeText(words, locale, line);
    return isVendors ? untrustedText(text) : html`${text}`;
  };
  const rows = changed.flatMap(({ before: old, after: now }) => {
    const line = now ?? old;
    return line === undefined ? [] : [{ label: noticeLabel(words, line), before: cell(old), after: cell(now) }];
  });
  const texts = [
    [words.change.text, before.description, after.description],
    ...IMPACTS.map((name) => [words.impact[name], effectText(before.effects[name]), effectText(after.effects[name])] as const),
  ] as const;
  const reworded = texts.filter(([, from, to]) => from !== to);
  if (rows.length === 0 && reworded.length === 0) return html`<p>${words.change.sameWords}</p>`;
  const { compared, notThere, struck } = words.change;
  const facts = rows.length === 0 ? empty : comparisonTable(locale, compared, notThere, [{ name: undefined, rows }]);
  const shown = reworded.map(
    ([label, from, to]) => html`
<h3>${label}</h3><p class="words" lang="und" dir="auto">${difference(from, to).map(run)}</p>`,
  );
  return html`${facts}${shown}${reworded.length > 0 && html`<p class="fine">${struck}</p>`}`;
};

interface Comparison {
  readonly text: RevisionText;
  readonly note: Html;
}

interface ComparedText {
  readonly current: RevisionText;
  readonly earlier: readonly Comparison[];
}

type Compared = { readonly view: ChangeView; readonly state: FeatureState };

const approvedText = async (
  deps: LinkDeps,
  { view, state }: Compared,
  { now, audience }: { readonly now: string; readonly audience: Audience },
): Promise<RevisionText | undefined> => {
  const approved = shownApproval(advanceTo(state, now))?.number;
  if (approved === undefined || approved === view.number) return undefined;
  const reading = await ifReadable(readChange(deps.ports, view.key, approved));
  return reading === undefined ? undefined : revisionTextOf(deps, reading.view, latestOf(reading.view), audience);
};

export const comparisonWith = async (
  deps: LinkDeps,
  { words, say }: Locale,
  { view, revision, audience }: { readonly view: ChangeView; readonly revision: RevisionView; readonly audience: Audience },
): Promise<Comparison> => ({
  text: await revisionTextOf(deps, view, revision, audience),
  note: say(words.change.sinceRevision, { n: revision.revision }),
});

/** Returns the comparison with what is approved; empty if nothing is, or if it is this change. */
export const approvedComparison = async (
  deps: LinkDeps,
  { words, now }: Locale,
  compared: Compared,
  audience: Audience,
): Promise<readonly Comparison[]> => {
  const text = await approvedText(deps, compared, { now, audience });
  return text === undefined ? [] : [{ text, note: html`${words.change.sinceApproved}` }];
};

export const comparisonsOf = async (
  deps: LinkDeps,
  locale: Locale,
  compared: Compared,
  audience: Audience,
): Promise<readonly Comparison[]> => {
  const { view } = compared;
  const before = view.revisions.at(-2);
  return [
    ...(await approvedComparison(deps, locale, compared, audience)),
    ...(before === undefined ? [] : [await comparisonWith(deps, locale, { view, revision: before, audience })]),
  ];
};

export const withheldText = (locale: Locale, { redaction }: Pick<RevisionText, 'redaction'>): Html =>
  redaction === undefined ? empty : warning(html`${locale.words.change.description}: ${redactionNote(locale, redaction)}`);

/** Renders a text folded, since it can be long; nothing if it is empty. */
export const fullText = (name: string, text: string): Html =>
  text === '' ? empty : html`<details><summary>${name}</summary><p class="words">${untrustedText(text)}</p></details>`;

export const newWords = (locale: Locale, { current, earlier }: ComparedText): Html =>
  earlier.length === 0
    ? empty
    : html`
<h2>${locale.words.change.newWords}</h2>${earlier.map(
        ({ text, note }) =>
          html`<p class="fine">${note}</p>${withheldText(locale, text)}${textDifference(locale, text, current)}`,
      )}`;

/** A line before and after; undefined if the earlier or the later statement has no such line. */
interface ComparedRow {
  readonly label: string;
  readonly before: Html | undefined;
  readonly after: Html | undefined;
}

interface RowGroup {
  readonly name: Html | undefined;
  readonly rows: readonly ComparedRow[];
}

/** Renders compared lines as a table. `none`: replaces a line that one side lacks. */
export const comparisonTable = ({ words }: Locale, caption: string, none: string, groups: readonly RowGroup[]): Html => {
  const { what, before: was, after: is } = words;
  const cell = (name: string, text: Html | undefined): Html =>
    html`<td><small class="cell">${name}</small>${text ?? html`<i>${none}</i>`}</td>`;
  return html`
<table class="compared"><caption>${caption}</caption>${tableHead(what, was, is)}
${groups.map(
  ({ name, rows }) =>
    html`<tbody>${name !== undefined && html`<tr class="group"><th scope="rowgroup" colspan="3">${name}</th></tr>`}${rows.map(
      ({ label, before, after }) => html`<tr><th scope="row">${label}</th>${cell(was, before)}${cell(is, after)}</tr>`,
    )}</tbody>`,
)}</table>`;
};
