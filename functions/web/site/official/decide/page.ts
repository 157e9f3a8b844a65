import type { Context } from 'hono';
import { attests } from '../../../../../domain/roster/bodies.ts';
import type { LinkDeps } from '../../deps.ts';
import { errorSummary, type FormState } from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { linkPath } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn } from '../../page.ts';
import { approvalPath } from '../../parts/approvalPath.ts';
import { type LogReference, logReferenceLine, logReferenceOf } from '../../parts/logReference.ts';
import { documentList, impactTable, policyDocuments, unsignedNote, vendorWords } from '../../parts/notice.ts';
import { type OfficialTexts, officialTextsOf } from '../../parts/officialTexts.ts';
import { type PolicyChange, policyChangeOf, policyComparison, policyLead } from '../../parts/policy.ts';
import {
  type ComparedText,
  comparisonsOf,
  comparisonWith,
  newWords,
  revisionTextOf,
  withheldText,
} from '../../parts/revisionText.ts';
import { maintenanceNote, termsList } from '../../parts/terms.ts';
import { certificateFacts, certificateForm, filledIn } from './certificate.ts';
import { consequences } from './consequences.ts';
import { MEETING_FIELDS, TERM_FIELDS } from './form/read.ts';
import { confirmationForm, decisionForm, type Target } from './forms.ts';
import { disputeNote, heading, pageTitle } from './heading.ts';
import { OWN_FORMS, type OwnFormName, openForms } from './ownForms.ts';
import { passkeysFor } from './passkey.ts';
import { effectUnderReceipt, receiptOf, revocationReceipt } from './receipt.ts';
import { canAct, type Situation } from './situation.ts';

interface PageData extends ComparedText {
  readonly logReferences: ReadonlyMap<number, LogReference>;
  readonly texts: OfficialTexts;
  readonly policy: PolicyChange | undefined;
  readonly lacksPasskey: boolean;
}

const lacksPasskey = async (deps: LinkDeps, situation: Situation): Promise<boolean> =>
  situation.passkeys === 'required' && canAct(situation) && (await passkeysFor(deps, situation)).owned.length === 0;

const logReferencesOf = async (
  deps: LinkDeps,
  { link, mine, revocation }: Situation,
): Promise<ReadonlyMap<number, LogReference>> => {
  const acts = revocation === undefined ? mine : [...mine, revocation];
  return new Map(
    await Promise.all(acts.map(async ({ version }) => [version, await logReferenceOf(deps, link.key, version)] as const)),
  );
};

/** Reads a link's page data. A link bound to an earlier revision compares that one with the latest; see {@link comparisonsOf} otherwise. */
export const pageDataOf = async (deps: LinkDeps, locale: Locale, situation: Situation): Promise<PageData> => {
  const { latest, bound, view } = situation;
  const [current, texts, logReferences, policy, lacking] = await Promise.all([
    revisionTextOf(deps, view, latest, 'officials'),
    officialTextsOf(deps, view, 'officials'),
    logReferencesOf(deps, situation),
    policyChangeOf(deps, view, latest),
    lacksPasskey(deps, situation),
  ]);
  const shown = { current, texts, logReferences, policy, lacksPasskey: lacking };
  if (bound !== undefined && bound.revision !== latest.revision)
    return { ...shown, earlier: [await comparisonWith(deps, locale, { view, revision: bound, audience: 'officials' })] };
  return { ...shown, earlier: await comparisonsOf(deps, locale, situation, 'officials') };
};

const changeDetails = (locale: Locale, situation: Situation, pageData: PageData, { path }: Pick<Target, 'path'>): Html => {
  const { words } = locale;
  const { latest, view, link, roster, requirement } = situation;
  const { description } = pageData.current;
  const readsTerms = requirement !== undefined && !canAct(situation) && situation.mine.length === 0;
  const what =
    pageData.policy === undefined
      ? html`${unsignedNote(locale, latest.provenance, roster)}
<h2>${words.impact.heading}</h2>${impactTable(locale, latest.notice.impact)}${newWords(locale, pageData)}
${withheldText(locale, pageData.current)}${description === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(description)}</p></details>`}
<h2>${words.change.documents}</h2>${documentList(locale, view, pageData.texts, { path })}`
      : html`${policyComparison(locale, pageData.policy, roster)}${policyDocuments(locale, view, pageData.texts, { path })}`;
  const { state } = situation;
  return html`${maintenanceNote(locale, { view, state, roster, texts: pageData.texts })}${what}
<h2>${words.change.stands}</h2>${approvalPath(locale, view, roster, { yours: link.requirement, texts: pageData.texts })}
${readsTerms && view.terms !== null ? html`<h2>${words.decide.terms.heading}</h2>${termsList(locale, view.terms)}` : empty}`;
};

/** Returns what keeps the ids of a form's fields apart from those of the other forms of the page. */
export const prefixOf = (which: ReturnedForm['which']): string => (which === 'decision' ? 'f' : which);

/** A form that was sent and rejected. `which`: which form of the page it is. */
export interface ReturnedForm {
  readonly which: 'decision' | OwnFormName;
  readonly form: FormState;
  readonly messages: readonly Html[];
  readonly status: NonNullable<HtmlPage['status']>;
}

const formState = (returned: ReturnedForm | undefined, which: ReturnedForm['which']): FormState =>
  returned?.which === which ? returned.form : { input: new Map(), faults: [], prefix: prefixOf(which) };

const fine = (context: Context, locale: Locale, { link, latest }: Situation): Html => {
  const { words, say } = locale;
  const change = html`<a href="${linkIn(context, `/changes/${link.key}/${link.n}`)}"><code>${link.key}/${link.n}</code></a>`;
  return html`<p class="fine">${say(words.decide.fine, { revision: latest.revision, change })} ${words.decide.exactWords}: <code>${latest.digest}</code></p>`;
};

const revised = (
  context: Context,
  locale: Locale,
  situation: Situation,
  { current, earlier }: PageData,
  returned: ReturnedForm | undefined,
): Html => {
  const { words, say, dateTime } = locale;
  const { link, latest } = situation;
  const slots = { from: link.revision, to: latest.revision, when: dateTime(latest.at) };
  return html`
<h1>${words.decide.revised.heading}</h1>
<p class="lead">${say(words.decide.revised.lead, slots)}</p>
<p class="note">${say(words.decide.revised.newLink, { to: latest.revision })}</p>
<p><a href="${linkIn(context, `/changes/${link.key}/${link.n}`)}">${words.decide.revised.see}</a></p>${returned === undefined ? empty : filledIn(locale, situation, returned.form)}
${newWords(locale, { current, earlier })}`;
};

const ownPages = (context: Context, { words }: Locale, { roster, link, passkeys }: Situation, { path }: Target): Html => {
  const entry = (to: string, label: string): Html => html`<li><a href="${linkIn(context, to)}">${label}</a></li>`;
  const clerk = roster !== null && attests(roster, link.body);
  return html`
<nav aria-label="${words.decide.mine}"><ul class="plain own">${entry(`${path}/inbox`, words.decide.inbox)}${
    clerk ? entry(`${path}/desk`, words.decide.desk) : empty
  }${entry(`/changes/${link.key}/${link.n}/packet`, words.decide.packet)}${
    passkeys === 'off' ? empty : entry(`${path}/passkey`, words.passkeys.nav)
  }</ul></nav>`;
};

/** Renders the link to the form, so that a decision takes two taps. */
const toForm = ({ words }: Locale, { can }: Situation): Html => {
  const label = can.confirm ? words.decide.confirm.toForm : words.decide.toForm;
  return html`<p><a class="go" href="#decision">${label}</a></p>`;
};

const passkeyNote = (context: Context, { words }: Locale): Html => {
  const { passkeys } = words;
  return html`
<p class="note">${passkeys.rule.required} <a href="${linkIn(context, `${linkPath(context)}/passkey`)}">${passkeys.sign.setUp}</a></p>`;
};

const forms = (locale: Locale, situation: Situation, target: Target, returned: ReturnedForm | undefined): Html => {
  const { can } = situation;
  const decision = formState(returned, 'decision');
  const confirming = can.confirm ? confirmationForm(locale, situation, decision, target) : empty;
  if (can.confirm && !can.correct) return confirming;
  if (situation.requirement?.instrument !== 'certification') return decisionForm(locale, situation, decision, target);
  return html`${confirming}${certificateForm(locale, situation, decision, target)}`;
};

/** Renders the forms by which the person alone can act: to switch off, to contest an update, to take a refusal back. */
export const ownForms = (locale: Locale, situation: Situation, target: Target, returned: ReturnedForm | undefined): Html =>
  html`${openForms(situation).map((which) => OWN_FORMS[which].render(locale, situation, formState(returned, which), target))}`;

const SHOWN = ['decision', 'purpose', ...MEETING_FIELDS, ...TERM_FIELDS, 'comment', 'reason'];

/** Renders what was wrong with a form. The faults of its fields are left out if the form is no longer on the page. */
export const errorsOf = (locale: Locale, wrong: ReturnedForm | undefined, isReplaced: boolean): Html =>
  wrong === undefined
    ? empty
    : errorSummary(locale, isReplaced ? { ...wrong.form, faults: [] } : wrong.form, SHOWN, wrong.messages);

const receiptsOf = (context: Context, locale: Locale, situation: Situation, pageData: PageData): Html => {
  const { mine, revocation } = situation;
  const logReference = ({ version }: { readonly version: number }): Html => {
    const known = pageData.logReferences.get(version);
    return known === undefined ? empty : logReferenceLine(context, locale, known.size, known);
  };
  const revoked =
    revocation === undefined ? empty : html`${revocationReceipt(locale, situation, pageData.texts)}${logReference(revocation)}`;
  return html`${mine.toReversed().map((act) => html`${receiptOf(locale, situation, act, pageData.texts)}${logReference(act)}`)}${revoked}`;
};

const placeOf = ({ can, requirement }: Situation): 'first' | 'last' | 'folded' => {
  if (can.correct && !can.decide && !can.override && !can.confirm) return 'folded';
  return requirement?.instrument === 'certification' && (can.decide || can.override) ? 'first' : 'last';
};

const beforeDetails = (locale: Locale, situation: Situation, place: ReturnType<typeof placeOf>): Html => {
  if (!canAct(situation) || place === 'folded') return empty;
  return html`${place === 'last' ? toForm(locale, situation) : empty}${situation.can.confirm ? empty : consequences(locale, situation)}`;
};

/** Renders the page behind a link in whatever state. It decides nothing; every decision is a form on it. */
export const linkPage = (
  context: Context,
  locale: Locale,
  situation: Situation,
  pageData: PageData,
  target: Target,
  returned?: ReturnedForm,
): HtmlPage => {
  const { words } = locale;
  const { latest, link, vendor } = situation;
  const wrong = returned?.status === 200 ? undefined : returned;
  const isReplaced = latest.revision !== link.revision;
  const errors = errorsOf(locale, wrong, isReplaced);
  const receipts = receiptsOf(context, locale, situation, pageData);
  const status = returned?.status ?? 200;
  if (isReplaced)
    return {
      title: words.decide.revised.heading,
      status,
      body: html`${errors}${revised(context, locale, situation, pageData, returned)}${receipts}${ownPages(context, locale, situation, target)}${fine(context, locale, situation)}`,
    };
  const form = canAct(situation) ? forms(locale, situation, target, returned) : empty;
  const place = placeOf(situation);
  const title = pageTitle(locale, situation, pageData.policy !== undefined);
  return {
    title: wrong === undefined ? title : `${words.problem.heading}: ${title}`,
    status,
    body: html`${errors}${heading(locale, situation, pageData.policy !== undefined)}${disputeNote(locale, situation, pageData.texts)}
${canAct(situation) && pageData.lacksPasskey ? passkeyNote(context, locale) : empty}${place === 'first' ? form : empty}${receipts}${effectUnderReceipt(locale, situation)}
${place === 'first' ? html`<h2>${words.decide.about}</h2>${certificateFacts(locale, situation)}` : empty}${pageData.policy === undefined ? vendorWords(locale, vendor, latest.notice.summary) : policyLead(locale, pageData.policy)}
${beforeDetails(locale, situation, place)}
${changeDetails(locale, situation, pageData, target)}
${place === 'last' ? form : empty}
${place === 'folded' ? html`<details${returned === undefined ? empty : html` open`}><summary>${words.decide.certify.correct}</summary>${form}</details>` : empty}
${ownForms(locale, situation, target, returned)}${ownPages(context, locale, situation, target)}
${fine(context, locale, situation)}`,
  };
};
