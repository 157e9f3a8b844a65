import type { Context } from 'hono';
import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView, RevisionView } from '../../../domain/feature/view.ts';
import { readRules } from '../../gate/rules.ts';
import { checkChangeNumber, checkKey } from '../../http/input.ts';
import { refused } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import { latestOf, shownTerms } from '../../present/change.ts';
import { tellChange } from '../../present/readChangeJson.ts';
import { presentChange } from '../../projector/present.ts';
import { readChange } from '../../projector/read.ts';
import { StoreUnavailable } from '../../store/errors.ts';
import { csv } from '../csv.ts';
import { textsOf, wordingOf } from '../decide/material.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import { actList } from '../parts/acts.ts';
import { chip, toneOfStatus } from '../parts/chip.ts';
import { type Wording, wordingDifference } from '../parts/difference.ts';
import { groundLine, groundOf } from '../parts/ground.ts';
import { documentList, impactTable, vendorWords } from '../parts/notice.ts';
import { provenanceText } from '../parts/provenance.ts';
import { road } from '../parts/road.ts';
import { termsList } from '../parts/terms.ts';
import { timeline } from '../parts/timeline.ts';
import { vendorName } from '../vendors.ts';
import type { Voice } from '../voice.ts';
import { formatLinks } from './formats.ts';
import { queryOf } from './query.ts';

const fact = (label: string, value: Html | string): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;

const facts = (voice: Voice, revision: RevisionView): Html => {
  const { words, until, dateTime } = voice;
  const { notice } = revision;
  const optOut = { yes: words.change.optOutYes, no: words.change.optOutNo, unknown: words.change.optOutUnknown };
  return html`
<dl class="facts">${fact(words.change.kind, words.kind[notice.kind])}
${fact(words.change.version, notice.version === null ? words.notGiven : foreign(notice.version))}
${notice.effectiveAt === null ? empty : fact(words.change.effective, html`${dateTime(notice.effectiveAt)} <small>${words.change.effectiveNote}</small>`)}
${notice.endsAt === null ? empty : fact(words.change.ends, until(notice.endsAt))}
${fact(words.change.optOut, optOut[notice.optOut])}
${fact(words.change.provenance, provenanceText(voice, revision.provenance))}
${fact(words.feature.words, html`<code>${revision.digest}</code>`)}</dl>`;
};

/** The wordings of a change, newest first, each with what it changed. */
const wordings = (voice: Voice, view: ChangeView, texts: readonly Wording[]): Html => {
  const { words, say, dateTime } = voice;
  const items = view.revisions.map((revision, index) => {
    const [before, here] = [texts[index - 1], texts[index]];
    const changed =
      before === undefined || here === undefined
        ? empty
        : html`<p class="fine">${say(words.change.sinceRevision, { n: revision.revision - 1 })}</p>${wordingDifference(voice, before, here)}`;
    return html`
<li><h3>${say(words.change.revision, { n: revision.revision })}</h3><small>${say(words.change.revisionAt, { when: dateTime(revision.at) })} · ${provenanceText(voice, revision.provenance)}<br><code>${revision.digest}</code></small>${changed}</li>`;
  });
  return html`<ol class="plain">${items.toReversed()}</ol>`;
};

const clock = ({ words, say, until }: Voice, view: ChangeView): Html => {
  if (view.pinned === null && view.status === 'pending') return html`<p class="note">${words.change.noRule}</p>`;
  if (view.status === 'vetoed' && view.veto !== null)
    return html`<p>${say(words.change.vetoUntil, { when: until(view.veto.until) })}</p>`;
  return view.status === 'pending' && view.closesAt !== null
    ? html`<p>${say(words.change.closesAt, { when: until(view.closesAt) })}</p>`
    : empty;
};

/** The version of the commit that decided a change, or said the latest of it: its approval, else the last act, else its wording. */
const lastWord = (view: ChangeView): number =>
  Math.max(latestOf(view).words, view.approved?.version ?? 0, ...view.acts.map(({ version }) => version));

const changeBody = async (deps: SiteDeps, context: Context, voice: Voice, view: ChangeView): Promise<Html> => {
  const { words, say } = voice;
  const latest = latestOf(view);
  const [vendor, { roster }, texts, comments] = await Promise.all([
    vendorName(deps.ports, view.key),
    readRules(deps.ports),
    Promise.all(view.revisions.map((revision) => wordingOf(deps, view.key, revision))),
    textsOf(deps, view),
  ]);
  const ground = await groundOf(deps, view.key, lastWord(view));
  const people = roster?.roster ?? null;
  const description = texts.at(-1)?.description ?? '';
  const terms = shownTerms(view);
  const key = html`<a href="${linkIn(context, `/features/${view.key}`)}"><code>${view.key}</code></a>`;
  return html`
<p class="eyebrow calm">${say(words.change.eyebrow, { n: view.n, key })}</p>
<h1>${foreign(latest.notice.title)}</h1>
<p>${chip(toneOfStatus(view.status), words.status[view.status])}</p>${clock(voice, view)}
${vendorWords(voice, vendor, latest.notice.summary)}
<h2>${words.impact.heading}</h2>${impactTable(voice, latest.notice.impact)}
<h2>${words.change.stands}</h2>${road(voice, view, people)}
${timeline(voice, view, people)}
${terms === null ? empty : html`<h2>${words.decide.terms.heading}</h2>${termsList(voice, terms)}`}
<h2>${words.change.decisions}</h2>${actList(voice, view, people, comments)}
<h2>${words.change.documents}</h2>${documentList(voice, latest.notice.documents, view.pinned?.missing ?? [])}
<h2>${words.change.facts}</h2>${facts(voice, latest)}
${description === '' ? html`<p class="fine">${words.change.noDescription}</p>` : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(description)}</p></details>`}
<h2>${words.change.revisions}</h2>${wordings(voice, view, texts)}
${groundLine(context, voice, ground.size, ground)}
${formatLinks(context, voice)}`;
};

const HEAD = [
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
];

/** One change: what the vendor says, what it would change, where it stands, who decided what, and every wording it had. */
export const changePage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const n = checkChangeNumber(context.req.param('n') ?? '');
  const { format } = queryOf(context, {});
  const reading = await readChange(deps.ports, key, n);
  if (reading === 'unreadable') throw new StoreUnavailable(`${changeId(key, n)} cannot be read`);
  if (reading === undefined) throw refused('not-found', { detail: `there is no change ${changeId(key, n)}` });
  if (format !== 'html') {
    const told = await tellChange(deps.ports, reading, deps.checkpoint?.());
    if (format === 'json') return json(told);
    const { change, revision, digest, status, closesAt } = told;
    return csv(
      HEAD,
      told.requirements.map((each) => [
        change,
        revision,
        digest,
        status,
        each.id,
        each.body,
        each.instrument,
        each.status,
        each.yes ?? null,
        each.needed,
        each.of,
        closesAt,
      ]),
    );
  }
  const now = deps.ports.clock();
  const voice = voiceFor(context, deps.ports.zone, now);
  const view = presentChange(reading.view, reading.state, now);
  return render(context, voice, {
    title: latestOf(view).notice.title,
    body: await changeBody(deps, context, voice, view),
    here: 'register',
  });
};
