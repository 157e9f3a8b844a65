import { type Effects, effectsOf, type NoticeFacts } from '../../../../domain/feature/notice.ts';
import { compareLines, linesOfNotice, type NoticeLine } from '../../../../domain/feature/noticeLines.ts';
import { type FeatureState, shownApproval } from '../../../../domain/feature/state.ts';
import type { ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import { difference, type TextRun } from '../../../../domain/kernel/difference.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import type { Redaction } from '../../../../domain/redaction/state.ts';
import type { Audience } from '../../../gate/texts.ts';
import { noticeLabel, noticeText } from '../../../platform/noticeTexts.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { readChange } from '../../../register/read.ts';
import { latestOf, noticeOf } from '../../../register/views/changeJson.ts';
import type { LinkDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { icon } from './chip.ts';
import { comparisonTable } from './comparison.ts';
import { redactionNote } from './officialTexts.ts';

/** What a revision states: its facts, its full text, and the sentences of its impacts. */
export interface RevisionText {
  readonly notice: NoticeFacts;
  readonly description: string;
  readonly effects: Effects;
  readonly redaction?: Redaction | undefined;
}

/** Removes the marks of emphasis and headings from a vendor’s Markdown, which is shown as text. */
const withoutMarks = (markdown: string): string =>
  markdown.replaceAll(/\*\*(?=\S)([^*\n]+)(?<=\S)\*\*/g, '$1').replaceAll(/^#{1,6} +/gm, '');

/** Reads the texts of a revision. The description comes from the notice as it was sent, since no event holds it. */
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

/**
 * Renders what differs between two revisions: each line that the notice states, old and new, and its longer
 * texts word by word.
 */
export const textDifference = (locale: Locale, before: RevisionText, after: RevisionText): Html => {
  const { words } = locale;
  const { changed } = compareLines(linesOfNotice(before.notice), linesOfNotice(after.notice));
  const cell = (line: NoticeLine | undefined): Html | undefined => {
    if (line === undefined) return undefined;
    const { text, isVendors } = noticeText(words, locale, line);
    return isVendors ? foreign(text) : html`${text}`;
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
  return html`${facts}${shown}${reworded.length === 0 ? empty : html`<p class="fine">${struck}</p>`}`;
};

export interface Comparison {
  readonly text: RevisionText;
  readonly note: Html;
}

export interface ComparedText {
  readonly current: RevisionText;
  readonly earlier: readonly Comparison[];
}

type Compared = { readonly view: ChangeView; readonly state: FeatureState };

const approvedText = async (deps: LinkDeps, { view, state }: Compared, audience: Audience): Promise<RevisionText | undefined> => {
  const approved = shownApproval(state)?.number;
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

/** Reads what was approved last, which the change would replace; empty if nothing was, or this change itself. */
export const approvedComparison = async (
  deps: LinkDeps,
  { words }: Locale,
  compared: Compared,
  audience: Audience,
): Promise<readonly Comparison[]> => {
  const text = await approvedText(deps, compared, audience);
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

/** Renders that the description of a revision is withheld from the public, and by what order; empty if it is not. */
export const withheldText = (locale: Locale, { redaction }: Pick<RevisionText, 'redaction'>): Html =>
  redaction === undefined
    ? empty
    : html`<p class="note">${icon('warning')}${locale.words.change.description}: ${redactionNote(locale, redaction)}</p>`;

export const newWords = (locale: Locale, { current, earlier }: ComparedText): Html =>
  earlier.length === 0
    ? empty
    : html`
<h2>${locale.words.change.newWords}</h2>${earlier.map(
        ({ text, note }) =>
          html`<p class="fine">${note}</p>${withheldText(locale, text)}${textDifference(locale, text, current)}`,
      )}`;
