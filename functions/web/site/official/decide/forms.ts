import { missingDocuments } from '../../../../../domain/feature/awaited.ts';
import { POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { type Choice, type FormState, hidden, radios, textArea } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { documentKinds } from '../../parts/notice.ts';
import { effectList, hiddenTerms, termsFields } from '../../parts/terms.ts';
import type { Situation } from './situation.ts';

/** The address of a form: the link itself, in the language in which it is shown. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/** Renders the fields that bind a form to the revision and digest that are decided on. */
export const boundTo = ({ latest }: Situation): Html =>
  html`${hidden('revision', String(latest.revision))}${hidden('digest', latest.digest)}`;

const choicesOf = ({ words }: Locale, instrument: string): readonly Choice[] => {
  const { form } = words.decide;
  if (instrument === 'ballots')
    return [
      { value: 'approve', label: form.yes },
      { value: 'refuse', label: form.no },
      { value: 'abstain', label: form.abstain },
    ];
  if (instrument === 'advice')
    return [
      { value: 'approve', label: form.adviseYes },
      { value: 'refuse', label: form.adviseNo },
      { value: 'abstain', label: form.adviseNone },
    ];
  return [
    { value: 'approve', label: form.sign, note: form.signNote },
    { value: 'refuse', label: form.refuse, note: form.refuseNote },
  ];
};

/** Renders the terms in a form, with what a yes allows, unless that is folded with their fields. A change of the rules has no limits of its own: only terms that stand are sent along. */
export const termsPart = (
  locale: Locale,
  form: FormState,
  { view, effect, link }: Situation,
  effectIs: 'above' | 'folded' = 'above',
): Html => {
  if (link.key === POLICY_KEY) return view.terms === null ? empty : hiddenTerms(view.terms);
  return termsFields(locale, form, view.terms, effectList(locale, effect), effectIs);
};

/** Renders what keeps anybody from approving: the documents that are missing. */
export const documentsNote = (locale: Locale, { view }: Situation): Html => {
  const { words, say } = locale;
  const missing = missingDocuments(view);
  return missing.length === 0
    ? empty
    : html`<p class="note">${say(words.decide.form.documentsMissing, { kinds: documentKinds(locale, missing) })}</p>`;
};

/** Renders the form of one office-holder: a signature, a ballot or advice. */
export const decisionForm = (locale: Locale, situation: Situation, form: FormState, { path, query }: Target): Html => {
  const { words } = locale;
  const instrument = situation.requirement?.instrument ?? 'signature';
  const submit =
    instrument === 'ballots'
      ? words.decide.form.submitVote
      : instrument === 'advice'
        ? words.decide.form.submitAdvice
        : words.decide.form.submitSign;
  return html`
<h2 id="decision">${words.decide.form.heading}</h2>
<form class="card" method="post" action="${path}${query}" aria-labelledby="decision">
${boundTo(situation)}${instrument === 'advice' ? empty : documentsNote(locale, situation)}
${radios(locale, form, 'decision', words.decide.form.legend, choicesOf(locale, instrument))}
${instrument === 'advice' ? empty : termsPart(locale, form, situation)}
${textArea(locale, form, 'comment', { label: words.decide.form.comment, hint: words.decide.form.commentHint })}
<p class="hint">${instrument === 'ballots' ? words.decide.form.ballotFinal : instrument === 'advice' ? words.decide.adviceNote : words.decide.form.final}</p>
<button type="submit">${submit}</button>
</form>`;
};

/** Renders the form by which a second person confirms or disputes the certificate that waits; its roll call stands above, among the acts. */
export const confirmationForm = (locale: Locale, situation: Situation, form: FormState, { path, query }: Target): Html => {
  const { words, say, deadline } = locale;
  const { confirm } = words.decide;
  const waiting = situation.view.confirmation;
  if (waiting === null) return empty;
  const choices = [
    { value: 'confirm', label: confirm.yes, note: confirm.yesNote },
    { value: 'dispute', label: confirm.no, note: confirm.noNote },
  ];
  return html`
<h2 id="decision">${confirm.heading}</h2>
<form class="card" method="post" action="${path}${query}" aria-labelledby="decision">
${boundTo(situation)}${hidden('certificate', waiting.certificate)}
<p>${say(confirm.lead, { when: deadline(waiting.until) })}</p>
${radios(locale, form, 'decision', confirm.legend, choices)}
${textArea(locale, form, 'comment', { label: confirm.reason, hint: confirm.reasonHint })}
<button type="submit">${confirm.submit}</button>
</form>`;
};
