import type { Context } from 'hono';
import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../../../domain/feature/keys.ts';
import { headsAt } from '../../../gate/heads.ts';
import { readRules } from '../../../gate/rules.ts';
import { vendorName } from '../../../gate/vendors.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { featureAt, type PastFeature } from '../../../register/lists.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { readFeatureJson } from '../../../register/views/featureJson.ts';
import { checkKey } from '../../http/input.ts';
import { refused } from '../../http/refused.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { chainOfConsent } from '../parts/chain.ts';
import { chip } from '../parts/chip.ts';
import { featuresCsv, formatLinks } from '../parts/formats.ts';
import { vendorWords } from '../parts/notice.ts';
import { policyChangeOf, policyLead } from '../parts/policy.ts';
import { revisionTextOf } from '../parts/revisionText.ts';
import { AtQuery, askedInstant, pastForm, queryOf } from './query.ts';

const filePath = (key: string, at: string): string => `/log/record/${key}?at=${encodeURIComponent(at)}`;

const answer = (locale: Locale, { status, audience, asOf }: FeatureJson): Html => {
  const { words, say, dateTime, list } = locale;
  const when = html`<time datetime="${asOf}">${dateTime(asOf)}</time>`;
  const text =
    status === 'enabled'
      ? say(words.proof.yes, { when })
      : status === 'audience'
        ? say(words.proof.yesFor, { when, agencies: foreign(list(audience ?? [])) })
        : say(words.proof.no, { when });
  return html`<p class="lead">${chip(mayBeOn(status) ? 'on' : 'no', words.variant[status])} <b>${text}</b></p><p>${words.because[status]}</p>`;
};

const who = (locale: Locale, { approvals }: FeatureJson, nameOf: (body: string) => string): Html => {
  const { words, dateTime, say, number, day } = locale;
  if (approvals.length === 0) return html`<p>${words.proof.notApproved}</p>`;
  return html`<ul class="plain">${approvals.map(
    ({ body, name, holder, at, instrument, fileNumber, meetingDate, yes, of }) => html`
<li><b>${nameOf(body ?? '')}</b>: ${name ?? holder} ${words.rules.shortInstrument[instrument]}${
      yes === undefined || of === undefined
        ? empty
        : html` (${say(words.approvalPath.tally, { yes: number(yes), no: number(of - yes) })})`
    } <small><time datetime="${at}">${dateTime(at)}</time>${fileNumber === undefined || meetingDate === undefined ? empty : html` · ${foreign(fileNumber)} · ${day(meetingDate)}`}</small></li>`,
  )}</ul>`;
};

const revisionOf = (own: PastFeature | undefined, { digest }: FeatureJson) =>
  own?.changes
    .flatMap((view) => view.revisions.map((revision) => ({ view, revision })))
    .find(({ revision }) => revision.digest === digest);

const approvedText = async (deps: SiteDeps, locale: Locale, found: ReturnType<typeof revisionOf>): Promise<Html> => {
  const { words } = locale;
  if (found === undefined) return html`<p>${words.proof.noWords}</p>`;
  const { view, revision } = found;
  const [vendor, { description }, policy] = await Promise.all([
    vendorName(deps.ports, view.key),
    revisionTextOf(deps, view, revision, 'public'),
    policyChangeOf(deps, view, revision),
  ]);
  const text = policy === undefined ? description : '';
  return html`
<p><b>${foreign(revision.notice.title)}</b></p>${policy === undefined ? vendorWords(locale, vendor, revision.notice.summary) : policyLead(locale, policy)}
<p class="fine"><code>${revision.digest}</code></p>${text === '' ? empty : html`<details><summary>${words.change.description}</summary><p class="words">${foreign(text)}</p></details>`}`;
};

const file = (deps: SiteDeps, context: Context, locale: Locale, key: string, at: string): Html => {
  const { words } = locale;
  const vkey = deps.vkey();
  if (vkey === undefined) return html`<h2>${words.proof.file}</h2><p>${words.proof.noLog}</p>`;
  const command = `node aldergate-verify.mjs --file ${key}-${at.replaceAll(':', '')}.json --key '${vkey}' --log ${deps.ports.url}`;
  return html`
<h2>${words.proof.file}</h2><p>${words.proof.fileLead}</p>
<p><a href="${filePath(key, at)}" download>${words.proof.download}</a></p>
<pre class="scroll" tabindex="0"><code>${command}</code></pre><p><a href="${linkIn(context, '/check')}#verifier">${words.check.get}</a></p>
<h3>${words.proof.proves}</h3><p>${words.proof.provesText}</p>
<h3>${words.proof.notProves}</h3><p>${words.proof.notProvesText}</p>`;
};

/**
 * Answers whether a feature was approved on a day, by whom and in what words, with the file that proves it. The same address
 * always gives the same answer.
 */
export const proofPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const key = checkKey(context.req.param('key') ?? '');
  const { format, at } = queryOf(context, { at: AtQuery });
  const { ports } = deps;
  const instant = at === undefined ? ports.clock() : askedInstant(at, ports);
  if (format === 'json') {
    if (deps.vkey() === undefined) throw refused('not-found', { detail: 'this installation publishes no log' });
    return context.redirect(filePath(key, instant), 303);
  }
  const feature = await readFeatureJson(ports, key, { context: {}, at: instant, checkpoint: deps.checkpoint() });
  const chain = await Promise.all(prefixesOf(key).map((prefix) => ifReadable(featureAt(ports, prefix, instant))));
  if (format === 'csv') return featuresCsv([{ ...feature, title: chain.at(-1)?.title ?? null }]);
  const locale = localeFor(context, ports.zone, ports.clock());
  const { words, say } = locale;
  const heads = await headsAt(ports, key, instant);
  const { roster } = await readRules(ports);
  const people = roster?.roster ?? null;
  const own = chain.at(-1);
  const permalink = linkIn(context, `/features/${key}/proof?at=${encodeURIComponent(instant)}`);
  const body = html`
<p class="eyebrow calm"><a href="${linkIn(context, `/features/${key}`)}"><code>${key}</code></a></p><h1>${words.proof.heading}</h1>
<p>${foreign(own?.title ?? key)}</p>${answer(locale, feature)}
<h2>${words.proof.who}</h2>${who(locale, feature, (id) => bodyName(locale, people, id))}
<h2>${words.proof.words}</h2>${await approvedText(deps, locale, revisionOf(own, feature))}
${chainOfConsent(context, locale, { key, heads, titles: chain.map((each) => each?.title ?? null), asOf: instant }, people)}
${file(deps, context, locale, key, instant)}
<h2>${words.past.heading}</h2>${pastForm(context, locale, at)}
<p><a href="${permalink}">${words.proof.permalink}</a></p>${formatLinks(context, locale, [], instant)}`;
  return render(context, locale, { title: String(await say(words.proof.title, { key })), body, here: 'register' });
};
