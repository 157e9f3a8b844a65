import type { Context } from 'hono';
import type { KeyRecord } from '../../../../domain/derived/record.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { effectOf } from '../../../../domain/feature/effect.ts';
import type { Variant } from '../../../../domain/feature/evaluate.ts';
import { changeId, prefixesOf } from '../../../../domain/feature/keys.ts';
import type { FeatureState } from '../../../../domain/feature/state.ts';
import type { ChangeView, RevisionView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { headsFor } from '../../../gate/heads.ts';
import { readRules } from '../../../gate/rules.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { readKeyRecord } from '../../../register/derived/lists.ts';
import { featureAt, newestChanges } from '../../../register/lists.ts';
import { readFeature } from '../../../register/read.ts';
import { waitingIn } from '../../../register/rows.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { readFeatureJson } from '../../../register/views/featureJson.ts';
import { checkKey } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type Chain, chainOfConsent } from '../parts/chain.ts';
import { chip, toneOfStatus, toneOfVariant } from '../parts/chip.ts';
import { cityTasksSection } from '../parts/cityTasks.ts';
import { featuresCsv, formatLinks } from '../parts/formats.ts';
import { featureLogReference } from '../parts/logReference.ts';
import { vendorWords } from '../parts/notice.ts';
import { policyChangeOf, policyLead } from '../parts/policy.ts';
import { effectList } from '../parts/terms.ts';
import { historyOf } from './history.ts';
import { alarm, observedSection } from './observed.ts';
import { AtQuery, askedInstant, contextFor, pastForm, pastNote, queryOf, textUpTo } from './query.ts';

const query = {
  at: AtQuery,
  agency: textUpTo(200),
};
/** Most changes shown, the newest; all that are open or in force besides. */
const CHANGES_MAX = 100;

interface Reading extends Chain {
  readonly feature: FeatureJson;
  readonly state: FeatureState | undefined;
  readonly version: number;
  readonly changes: readonly ChangeView[];
  readonly roster: Roster | null;
  /** What was seen at the vendor; undefined for a past day. */
  readonly record: KeyRecord | undefined;
}

const changesNow = async ({ ports }: SiteDeps, key: string, now: string): Promise<readonly ChangeView[]> => {
  return (await newestChanges(ports, key, { limit: CHANGES_MAX, now })).map(({ view }) => view).reverse();
};

const readAll = async (deps: SiteDeps, feature: FeatureJson, instant: string | undefined): Promise<Reading> => {
  const { ports } = deps;
  const { key, asOf } = feature;
  const prefixes = prefixesOf(key);
  const own = instant === undefined ? undefined : await ifReadable(featureAt(ports, key, instant));
  const chain = await Promise.all(
    prefixes.map(async (prefix) => {
      if (instant === undefined) return ifReadable(readFeature(ports, prefix));
      return prefix === key ? own : ifReadable(featureAt(ports, prefix, instant));
    }),
  );
  const last = chain.at(-1);
  const { roster } = await readRules(ports);
  return {
    key,
    feature,
    asOf,
    heads: (await headsFor(ports, key, instant)).heads,
    titles: chain.map((each) => each?.title ?? null),
    state: last?.state,
    version: last?.version ?? 0,
    changes: instant === undefined ? await changesNow(deps, key, asOf) : (own?.changes ?? []),
    roster: roster?.roster ?? null,
    record: instant === undefined ? await readKeyRecord(ports.sideStore, key) : undefined,
  };
};

const variantChip = ({ words }: Locale, variant: Variant): Html => chip(toneOfVariant(variant), words.variant[variant]);

/** Returns the change and revision an answer is about: the approved one, else the newest. */
const subjectOf = ({
  feature,
  changes: views,
}: Reading): { readonly view: ChangeView; readonly revision: RevisionView } | undefined => {
  const view = views.find(({ key, number }) => changeId(key, number) === feature.change) ?? views.at(-1);
  if (view === undefined) return undefined;
  return { view, revision: view.revisions.find(({ digest }) => digest === feature.digest) ?? latestOf(view) };
};

const summary = async (deps: SiteDeps, locale: Locale, reading: Reading): Promise<Html> => {
  const { words } = locale;
  const { key, feature, heads } = reading;
  const subject = subjectOf(reading);
  if (subject === undefined) return empty;
  const { view, revision } = subject;
  const policy = await policyChangeOf(deps, view, revision);
  const effect = effectOf(view, { at: feature.asOf, zone: deps.ports.zone, heads });
  const version = feature.version === null ? empty : html`<p>${words.feature.version}: ${foreign(feature.version)}</p>`;
  const approved =
    view.status === 'approved'
      ? html`${policy === undefined ? effectList(locale, effect) : empty}${version}<p class="fine">${words.feature.digest}: <code>${revision.digest}</code></p>`
      : html`<p>${words.feature.nothingApproved}</p>`;
  return html`
${policy === undefined ? vendorWords(locale, await vendorName(deps.ports, key), revision.notice.summary) : policyLead(locale, policy)}<h2>${words.feature.approved}</h2>${approved}`;
};

const now = (locale: Locale, { feature, heads, record }: Reading): Html => {
  const { words } = locale;
  const because = heads.at(-1)?.kind === 'unreadable' ? words.register.unreadable : words.because[feature.status];
  return html`${alarm(locale, record)}<p class="lead">${variantChip(locale, feature.status)} ${because}</p>`;
};

const changes = (context: Context, locale: Locale, { key, changes: views, state, asOf, roster }: Reading): Html => {
  const { words, say, bodyList, dateTime } = locale;
  if (views.length === 0) return html`<h2>${words.feature.changes}</h2><p>${words.feature.noChanges}</p>`;
  const waiting = state === undefined ? [] : waitingIn(advanceTo(state, asOf));
  const items = views.toReversed().map((view) => {
    const bodies = waiting.find(({ change }) => change.number === view.number)?.bodies ?? [];
    const whom =
      bodies.length === 0
        ? empty
        : html`<small>${say(words.register.waitingFor, { bodies: bodyList(bodies.map((body) => bodyName(locale, roster, body))) })}</small>`;
    return html`
<li><a href="${linkIn(context, `/changes/${key}/${view.number}`)}">${say(words.feature.changeOf, { n: view.number, title: foreign(latestOf(view).notice.title) })}</a> ${chip(toneOfStatus(view.status), words.status[view.status])} ${whom}<br><small>${dateTime(latestOf(view).at)}</small></li>`;
  });
  const first = html`<a href="${linkIn(context, `/changes/${key}/1`)}">${key}/1</a>`;
  // Numbers have no gaps, so fewer views than the newest number means that some are not listed.
  const isPart = views.length < (views.at(-1)?.number ?? 0);
  const older = isPart ? html`<p>${say(words.feature.olderChanges, { first })}</p>` : empty;
  return html`<h2>${words.feature.changes}</h2><ul class="plain">${items}</ul>${older}`;
};

/**
 * Answers with one feature, now or as known on a past day: its state, the chain of consent, who approved, what waits, and its
 * history.
 */
export const featurePage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const { format, at, agency } = queryOf(context, query);
  const instant = at === undefined ? undefined : askedInstant(at, deps.ports);
  const feature = await readFeatureJson(deps.ports, key, {
    context: contextFor(agency),
    at: instant,
    checkpoint: deps.checkpoint(),
  });
  if (format === 'json') return json(feature);
  const reading = await readAll(deps, feature, instant);
  const known = reading.titles.at(-1) ?? null;
  if (format === 'csv') return featuresCsv([{ ...feature, title: known }]);
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words } = locale;
  const title = known ?? key;
  const proof = linkIn(context, `/features/${key}/proof?at=${encodeURIComponent(feature.asOf)}`);
  const body = html`
<p class="eyebrow calm"><code>${key}</code></p><h1>${foreign(title)}</h1>${instant === undefined ? empty : pastNote(locale, instant, linkIn(context, `/features/${key}`))}
${now(locale, reading)}${await summary(deps, locale, reading)}${feature.observed === undefined ? empty : observedSection(context, locale, reading.roster, feature.observed, reading.record)}${chainOfConsent(context, locale, reading, reading.roster)}
<p><a href="${proof}">${words.proof.link}</a></p>
${instant === undefined ? cityTasksSection(context, locale, { ...reading, tasks: reading.record?.tasks ?? [] }) : empty}
${changes(context, locale, reading)}
<h2>${words.feature.history}</h2>${await historyOf(deps, locale, reading)}
<h2>${words.past.heading}</h2>${pastForm(context, locale, at)}
${await featureLogReference(deps, context, locale, feature)}
${formatLinks(context, locale, [], feature.asOf)}`;
  return render(context, locale, { title, body, here: 'register' });
};
