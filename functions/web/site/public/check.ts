import type { Context } from 'hono';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { parseVerifierKey } from '../../../../domain/log/note.ts';
import { readLogTimes } from '../../../gate/heads.ts';
import { readLogIndex } from '../../../log/sequencer/logIndex.ts';
import { commitAt } from '../../../platform/ledger.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { listFeatures } from '../../../register/lists.ts';
import { readChange } from '../../../register/project.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import { json } from '../../http/respond.ts';
import type { LinkDeps, SiteDeps, VerifierFile } from '../deps.ts';
import { descriptionItem, empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { localeAt, render } from '../page.ts';
import { csv, formatLinks, queryOf } from '../query.ts';
import { VERIFIER_NAME } from '../verifierFile.ts';

const FORMATS = ['https://c2sp.org/tlog-tiles', 'https://c2sp.org/tlog-checkpoint', 'https://c2sp.org/tlog-proof'];

interface Published {
  readonly url: string;
  readonly vkey: string | undefined;
  readonly origin: string | undefined;
  readonly size: number;
}

/** Returns the address of an existing commit's proof; without any commit, the pattern of such an address. */
const exampleProof = async ({ ports }: SiteDeps): Promise<string> => {
  const rows = await listFeatures(ports, { limit: 1, now: ports.clock() });
  return proofPath(rows?.items[0] ?? { key: 'KEY', version: 'VERSION' });
};

const command = (text: string): Html => html`<pre class="command"><code>${text}</code></pre>`;

const commands = ({ words: { check } }: Locale, { url, vkey = 'VKEY', size }: Published, proof: string): Html => {
  return html`
<h2>${check.commands}</h2><p>${check.commandsLead}</p>
<h3>${check.verify}</h3>${command(`node ${VERIFIER_NAME} ${url} --key '${vkey}'`)}<p>${check.verifyNote}</p>
<h3>${check.proof}</h3>${command(`curl ${url}${proof}`)}<p>${check.proofNote}</p>
<h3>${check.witness}</h3>${command(`curl -o checkpoint-${size} ${url}/log/checkpoint`)}<p>${check.witnessNote}</p>
<p>${check.witnessMore}</p>${command(`${CHECKOUT_COMMAND} witness --key '${vkey}'`)}`;
};

const CHECKOUT_COMMAND = 'node infra/cli/aldergate.js';

const getVerifier = ({ words: { check } }: Locale, verifier: VerifierFile | undefined): Html => {
  const file =
    verifier === undefined
      ? html`<p>${check.notBuilt}</p>`
      : html`<p>${check.oneFile} <a href="/${VERIFIER_NAME}" download>${check.download}</a></p>
<dl class="facts">${descriptionItem(check.fileHash, html`<code>${verifier.sha256}</code>`)}</dl><p class="note">${check.elsewhere}</p>`;
  return html`
<h2 id="verifier">${check.get}</h2><p>${check.getLead}</p><p>${check.checkout}</p>
${command(`npm ci && npm run build:verify && cp dist/verify/${VERIFIER_NAME} .`)}${file}`;
};

const facts = ({ words: { check }, number }: Locale, { origin, vkey, size }: Published): Html => {
  if (origin === undefined || vkey === undefined || size === 0) return html`<p class="note">${check.nothing}</p>`;
  return html`
<dl class="facts">${descriptionItem(check.origin, html`<code>${origin}</code>`)}${descriptionItem(check.size, number(size))}
${descriptionItem(check.vkey, html`<code>${vkey}</code><br><small>${check.pin}</small>`)}</dl>`;
};

const explanation = ({ words: { check } }: Locale): Html => html`
<h2>${check.what}</h2><p>${check.list}</p><p>${check.root}</p><p>${check.signed}</p>`;

export const checkPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format } = queryOf(context, {});
  const vkey = deps.vkey();
  const origin = vkey === undefined ? undefined : parseVerifierKey(vkey).name;
  const published = { url: deps.ports.url, vkey, origin, size: Number(deps.checkpoint() ?? 0) };
  const { url, size } = published;
  const data = { url: `${url}/log`, origin: origin ?? null, vkey: vkey ?? null, size };
  if (format === 'json') return json(data);
  if (format === 'csv') return csv(context, ['url', 'origin', 'vkey', 'size'], [data]);
  const locale = localeAt(deps, context);
  const { check } = locale.words;
  const formats = FORMATS.map(
    (address) => html`<li><a href="${address}" rel="noopener noreferrer external">${address.slice(8)}</a></li>`,
  );
  const body = html`
<h1>${check.title}</h1><p class="lead">${check.lead}</p>${explanation(locale)}
<h2>${check.now}</h2>${facts(locale, published)}${getVerifier(locale, await deps.verifier())}
${commands(locale, published, await exampleProof(deps))}
<h2>${check.files}</h2><p>${check.filesNote}</p><ul>${formats}</ul>
<p><a href="/log/checkpoint"><code>/log/checkpoint</code></a> · <a href="/log/vkey"><code>/log/vkey</code></a> ·
<a href="${locale.href('/rules')}">${locale.words.nav.rules}</a></p>
${formatLinks(context, locale)}`;
  return render(context, locale, { title: check.title, body });
};

/** The position of a feature's commit in the public log. `index`: undefined while no published checkpoint includes it. */
export interface LogReference {
  readonly key: string;
  readonly version: number;
  readonly index: number | undefined;
  readonly size: number;
}

export const logReferenceOf = async (
  { ports, checkpoint }: Pick<LinkDeps, 'ports' | 'checkpoint'>,
  key: string,
  version: number,
): Promise<LogReference> => {
  const size = Number(checkpoint() ?? 0);
  const place = await readLogIndex(ports.sideStore, featureStream(key), version);
  return { key, version, index: place !== undefined && place.index < size ? place.index : undefined, size };
};

const proofPath = ({ key, version }: { readonly key: string; readonly version: number | string }): string =>
  `/log/proof/${key}/${version}`;

export const logReferenceLine = (locale: Locale, size: number, logReference: LogReference | undefined): Html => {
  const { words, say, count, number } = locale;
  const { check } = words;
  const newest = size === 0 ? empty : html` ${count(check, 'newest', size)}`;
  const more = html`<a href="${locale.href('/check')}">${check.title}</a>`;
  if (logReference === undefined) return html`<p class="log-reference">${newest}${more}</p>`;
  const { index } = logReference;
  if (index === undefined) return html`<p class="log-reference">${check.waiting}${newest}${more}</p>`;
  const where = say(check.logReference, { index: number(index) });
  const proof = html`<a href="${proofPath(logReference)}">${check.proofLink}</a>`;
  return html`<p class="log-reference">${where}${newest}${proof}${more}</p>`;
};

const decidingCommit = async (
  { ports }: LinkDeps,
  { key, change, approvals, asOf }: FeatureJson,
): Promise<number | undefined> => {
  if (change !== null && approvals.length > 0) {
    const reading = await ifReadable(readChange(ports, key, Number(change.slice(key.length + 1))));
    const approved = reading?.view.approved ?? null;
    if (approved !== null) return approved.version;
  }
  return (await commitAt(ports.store, featureStream(key), asOf, readLogTimes(ports)))?.version;
};

export const featureLogReference = async (deps: LinkDeps, locale: Locale, feature: FeatureJson): Promise<Html> => {
  const version = await decidingCommit(deps, feature);
  const found = version === undefined ? undefined : await logReferenceOf(deps, feature.key, version);
  return logReferenceLine(locale, Number(feature.checkpoint ?? 0), found);
};
