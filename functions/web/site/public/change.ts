import type { Context } from 'hono';
import * as z from 'zod';
import { turnEndOf } from '../../../../domain/feature/awaited.ts';
import { effectOf } from '../../../../domain/feature/effect.ts';
import { evaluate, type Head, isOutdatedBy, mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { changeId, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { presentChange } from '../../../../domain/feature/present.ts';
import { type FeatureState, inForceIn, isOpen, lacksPersons } from '../../../../domain/feature/state.ts';
import { type ChangeView, type RevisionView, removalEffectiveFrom } from '../../../../domain/feature/view.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { headsWith } from '../../../gate/heads.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { fillText } from '../../../platform/catalogue.ts';
import { type ChangeReading, readChange } from '../../../register/project.ts';
import { changeAnswer, latestOf, standingTerms } from '../../../register/views/changeJson.ts';
import { badParameter, checkChangeNumber, checkKey } from '../../http/input.ts';
import { refused } from '../../http/problems.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html, untrustedText } from '../html.ts';
import { type CityLocale, changeLink, featureLink, type Locale } from '../locale.ts';
import { cityLocaleAt, render } from '../page.ts';
import { approvalPath, beginsText, optOutNote, removalText, rollbackNote, vetoClock } from '../parts/approvalPath.ts';
import { chip, toneOfStatus, warning } from '../parts/chip.ts';
import {
  approvedComparison,
  documentList,
  fullText,
  impactTable,
  newWords,
  noticeFacts,
  officialTextsOf,
  policyDocuments,
  provenanceText,
  revisionTextOf,
  textDifference,
  vendorWords,
  withheldText,
} from '../parts/notice.ts';
import { policyChangeOf, policyComparison, policyComparisonJson, policyLead } from '../parts/policy.ts';
import { effectList, maintenanceNote } from '../parts/terms.ts';
import { csv, formatLinks, queryOf } from '../query.ts';
import { logReferenceLine, logReferenceOf } from './check.ts';

type Texts = Awaited<ReturnType<typeof textsOf>>;

/** Returns the texts of the latest and the compared revision: the requested one, else the latest, since comparing takes time. */
const textsOf = async (deps: SiteDeps, view: ChangeView, asked: number | undefined) => {
  const compared = view.revisions.findIndex(({ revision }) => revision === (asked ?? latestOf(view).revision));
  const wanted = [view.revisions[compared - 1], view.revisions[compared], latestOf(view)];
  const [before, here, latest] = await Promise.all(
    wanted.map(async (each) => (each === undefined ? undefined : revisionTextOf(deps, view, each, 'public'))),
  );
  return { latest, compared, pair: [before, here] };
};

const revisionList = (locale: CityLocale, view: ChangeView, { compared, pair: [before, here] }: Texts): Html => {
  const { words, say, dateTime } = locale;
  const changedBy = ({ revision }: RevisionView, index: number): Html => {
    if (index === 0) return empty;
    if (index === compared && before !== undefined && here !== undefined)
      return html`<p class="fine">${say(words.change.sinceRevision, { n: revision - 1 })}</p>${textDifference(locale, before, here)}`;
    const id = `${changeId(view.key, view.number)}?revision=${revision}#revision-${revision}`;
    return html`<p>${changeLink(locale, id, say(words.change.whatChanged, { n: revision - 1 }))}</p>`;
  };
  const items = view.revisions.map((revision, index) => {
    const arrived = say(words.change.revisionAt, { when: dateTime(revision.at) });
    const from = provenanceText(locale, revision);
    return html`
<li id="revision-${revision.revision}"><h3>${say(words.change.revision, { n: revision.revision })}</h3>
<small>${arrived} · ${from}<br>${words.decide.exactWords}: <code>${revision.digest}</code></small>${changedBy(revision, index)}</li>`;
  });
  const history = `/features/${view.key}?history=${latestOf(view).words - 1}#history`;
  const earlier = html`<p><a href="${locale.href(history)}">${words.change.earlier}</a></p>`;
  return html`<ol class="plain">${items.toReversed()}</ol>${items.length > 1 && earlier}`;
};

const clock = (locale: CityLocale, view: ChangeView, state: FeatureState): Html => {
  const { words, say, deadline, dateTime, now } = locale;
  if (removalEffectiveFrom(view) !== null) return html`<p>${removalText(locale, view)}</p>`;
  const from = view.pinned?.from ?? now;
  const early = from <= now ? empty : html` ${say(words.decide.decideFrom, { when: dateTime(from) })}`;
  if (view.pinned === null && view.status === 'pending') return html`<p class="note">${words.noPolicy}</p>`;
  if (view.veto !== null || view.confirmation !== null) return html`<p>${vetoClock(locale, view, state)}</p>`;
  const until = turnEndOf(view);
  return view.status === 'pending' && until !== null
    ? html`<p>${say(words.decide.openUntil, { when: deadline(until) })}${early}</p>`
    : empty;
};

const outdatedNote = (locale: Locale, view: ChangeView, state: FeatureState): Html => {
  const { words, now } = locale;
  if (!isOutdatedBy(state, view, now)) return empty;
  const { isOff, onByThis, onByAnother } = words.change;
  // A separate note states what a withdrawn change still needs.
  const begins = view.status === 'approved' && view.approved?.began === null && beginsText(locale, state, view.number);
  const next = isOpen(view) ? onByThis : begins || (view.status !== 'withdrawn' && onByAnother);
  return warning(html`<b>${isOff}</b> ${words.because.outdated} ${next}`, 'note bad');
};

/** Renders why a feature is off although its approval is in force. */
const offNote = ({ words, now }: Locale, view: ChangeView, state: FeatureState, heads: readonly Head[]): Html => {
  const { variant } = evaluate(view.key, heads, {}, now);
  if (view.key === POLICY_KEY || inForceIn(state)?.number !== view.number || mayBeOn(variant)) return empty;
  return warning(html`<b>${words.change.isOff}</b> ${words.because[variant]}`, 'note bad');
};

/** Returns the stream version of the last decisive event: approval, act or revision, whichever is latest. */
const lastWord = (view: ChangeView): number =>
  Math.max(latestOf(view).words, view.approved?.version ?? 0, ...view.acts.map(({ version }) => version));

const rulesLink = ({ words, say, href }: Locale, { pinned }: ChangeView): Html =>
  pinned === null
    ? empty
    : html`<p><a href="${href(`/rules#rules-${pinned.policy}`)}">${say(words.change.underRules, { n: pinned.policy })}</a></p>`;

const changeBody = async (
  deps: SiteDeps,
  context: Context,
  locale: CityLocale,
  { view, state, asked }: { readonly view: ChangeView; readonly state: FeatureState; readonly asked: number | undefined },
): Promise<Html> => {
  const { words, say } = locale;
  const latest = latestOf(view);
  const [heads, earlier, vendor, texts, comments, policy] = await Promise.all([
    headsWith(deps.ports, view.key, state),
    isOpen(view) ? approvedComparison(deps, locale, { view, state }, 'public') : [],
    vendorName(deps.ports, view.key),
    textsOf(deps, view, asked),
    officialTextsOf(deps, view, 'public'),
    policyChangeOf(deps, view, latest),
  ]);
  const logReference = await logReferenceOf(deps, view.key, lastWord(view));
  const { description = '', redaction } = texts.latest ?? {};
  const terms = standingTerms(view);
  const effect = effectOf(view, { at: locale.now, zone: locale.zone, heads });
  const reading = { view, state, texts: comments };
  return html`
<p class="eyebrow calm">${say(words.change.eyebrow, { n: view.number, key: featureLink(locale, view.key) })}</p>
<h1>${untrustedText(latest.notice.title)}</h1>
<p>${chip(toneOfStatus(view.status), words.status[view.status])}</p>${outdatedNote(locale, view, state)}${offNote(locale, view, state, heads)}${clock(locale, view, state)}
${maintenanceNote(locale, reading)}${optOutNote(locale, reading)}${rollbackNote(locale, reading)}
${
  policy === undefined
    ? html`${vendorWords(locale, vendor, latest)}
<h2>${words.impact.heading}</h2>${impactTable(locale, latest.notice.impact, texts.latest?.effects)}
${texts.latest !== undefined && newWords(locale, { current: texts.latest, earlier })}`
    : html`${policyLead(locale, policy)}${policyComparison(locale, policy)}`
}
${lacksPersons(state, view.number) && warning(words.change.lacksPersons)}
<h2>${words.change.stands}</h2>${approvalPath(locale, view, { effect, texts: comments })}${rulesLink(locale, view)}
${terms !== null && policy === undefined && html`<h2>${words.decide.terms.heading}</h2>${effectList(locale, effect)}`}
${
  policy === undefined
    ? html`<h2>${words.change.documents}</h2>${documentList(locale, view, comments)}
<h2>${words.change.facts}</h2><dl class="facts">${noticeFacts(locale, latest.notice)}</dl>`
    : policyDocuments(locale, view, comments)
}
${policy === undefined && html`${withheldText(locale, { redaction })}${fullText(words.change.description, description)}`}
<h2>${words.change.revisions}</h2>${revisionList(locale, view, texts)}
${logReferenceLine(locale, logReference.size, logReference)}
${formatLinks(context, locale)}`;
};

const changeQuery = {
  revision: z
    .string()
    .regex(/^[1-9][0-9]{0,6}$/, 'is not the number of a revision')
    .transform(Number)
    .optional(),
};

const CHANGE = [
  'change',
  'revision',
  'digest',
  'status',
  'requirement',
  'body',
  'instrument',
  'state',
  'yes',
  'needed',
  'of',
  'closesAt',
] as const;

const policyFacts = async (deps: SiteDeps, context: Context, reading: ChangeReading): Promise<JsonObject> => {
  const locale = await cityLocaleAt(deps, context);
  const present = presentChange(reading, locale.now);
  const policy = await policyChangeOf(deps, present, latestOf(present));
  return policy === undefined ? {} : { rules: policyComparisonJson(locale, policy) };
};

export const changePage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const n = checkChangeNumber(context.req.param('n') ?? '');
  const { format, revision: asked } = queryOf(context, changeQuery);
  const reading = await readChange(deps.ports, key, n);
  if (reading === undefined) throw refused('not-found', { detail: `there is no change ${changeId(key, n)}` });
  if (asked !== undefined && !reading.view.revisions.some(({ revision }) => revision === asked))
    throw badParameter('revision', 'is not a revision of this change');
  if (format !== 'html') {
    const answer = await changeAnswer(deps.ports, reading, deps.checkpoint());
    if (format === 'json') return json({ ...answer, ...(await policyFacts(deps, context, reading)) });
    return csv(
      context,
      CHANGE,
      answer.requirements.map(({ id: requirement, status: state, ...each }) => ({ ...answer, ...each, requirement, state })),
    );
  }
  const locale = await cityLocaleAt(deps, context);
  const view = presentChange(reading, locale.now);
  return render(context, locale, {
    title: fillText(locale.words.feature.changeOf, { n: String(view.number), title: latestOf(view).notice.title }),
    body: await changeBody(deps, context, locale, { view, state: reading.state, asked }),
    here: 'register',
  });
};
