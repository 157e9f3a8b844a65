import type { Context } from 'hono';
import * as z from 'zod';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { parseVerifierKey } from '../../../../domain/log/verifierKey.ts';
import { listFeatures } from '../../../register/lists.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps, VerifierFile } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type CsvColumns, csv, formatLinks } from '../parts/formats.ts';
import { type LogReference, logReferenceLine, logReferenceOf, proofPath } from '../parts/logReference.ts';
import { VERIFIER_NAME } from '../verifierFile.ts';
import { queryOf } from './query.ts';

/** The centres of the four columns, and of the rows from the notice to the signed root. */
const X = [112, 166, 220, 274] as const;
const Y = { notice: 26, commit: 82, leaf: 138, pair: 194, root: 250, checkpoint: 316 } as const;
/** The column of the highlighted entry. */
const MINE = 1;

const boxes = (y: number): Html =>
  html`${X.map((x, column) => html`<rect class="${column === MINE ? 'mine' : 'box'}" x="${x - 19}" y="${y - 14}" width="38" height="28" rx="4"/>`)}`;

const dots = (y: number): Html =>
  html`${X.map((x, column) => html`<circle class="${column === MINE ? 'mine' : 'box'}" cx="${x}" cy="${y}" r="11"/>`)}`;

const line = (mine: boolean, path: string): Html => html`<path class="${mine ? 'way' : 'line'}" d="${path}"/>`;

const lines = (): Html => {
  const [left, right, middle] = [(X[0] + X[1]) / 2, (X[2] + X[3]) / 2, (X[0] + X[3]) / 2];
  return html`${X.map((x, column) => line(column === MINE, `M${x} ${Y.commit}V${Y.leaf}`))}
${X.map((x, column) => line(column === MINE, `M${x} ${Y.leaf}L${column < 2 ? left : right} ${Y.pair}`))}
${line(true, `M${left} ${Y.pair}L${middle} ${Y.root}`)}${line(false, `M${right} ${Y.pair}L${middle} ${Y.root}`)}
${line(true, `M${X[MINE]} ${Y.notice}V${Y.commit}`)}${line(true, `M${middle} ${Y.root}V${Y.checkpoint}`)}
<circle class="mine" cx="${left}" cy="${Y.pair}" r="11"/><circle class="box" cx="${right}" cy="${Y.pair}" r="11"/><circle class="mine" cx="${middle}" cy="${Y.root}" r="13"/>
<rect class="mine" x="${middle - 58}" y="${Y.checkpoint - 20}" width="116" height="40" rx="6"/>
<path class="line" d="M${middle - 44} ${Y.checkpoint - 6}h56M${middle - 44} ${Y.checkpoint + 6}h40"/>
<circle class="seal" cx="${middle + 34}" cy="${Y.checkpoint}" r="13"/><path class="tick" d="M${middle + 28} ${Y.checkpoint}l4 5l8 -9"/>`;
};

/** Renders how a notice comes under a signed checkpoint. The same is stated in its label and in the steps below. */
const logPicture = ({ words: { check } }: Locale): Html => {
  const label = (y: number, text: string): Html => html`<text x="44" y="${y + 5}">${text}</text>`;
  const { steps } = check;
  const x = X[MINE];
  return html`
<figure class="picture"><svg viewBox="0 0 304 344" role="img" aria-label="${check.pictureAlt}" focusable="false">
${lines()}
<path class="mine" d="M${x - 15} ${Y.notice - 18}h20l10 10v26h-30z"/><path class="line" d="M${x - 8} ${Y.notice - 4}h14M${x - 8} ${Y.notice + 3}h16M${x - 8} ${Y.notice + 10}h11"/>
${boxes(Y.commit)}${dots(Y.leaf)}
${label(Y.notice, steps.notice)}${label(Y.commit, steps.commit)}${label(Y.leaf, steps.leaf)}${label((Y.pair + Y.root) / 2, steps.tree)}${label(Y.checkpoint, steps.checkpoint)}
</svg></figure>`;
};

const query = {
  key: FeatureKey.optional(),
  version: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'is not the version of a stream')
    .transform(Number)
    .optional(),
};

const FORMATS = ['https://c2sp.org/tlog-tiles', 'https://c2sp.org/tlog-checkpoint', 'https://c2sp.org/tlog-proof'];

/** The published facts about this installation's log. */
interface Published {
  readonly url: string;
  readonly vkey: string | undefined;
  readonly origin: string | undefined;
  readonly size: number;
}

/** Returns the commit to show a proof of: the one asked for, else the first of the register. */
const exampleOf = async (
  deps: SiteDeps,
  key: string | undefined,
  version: number | undefined,
): Promise<LogReference | undefined> => {
  if (key !== undefined && version !== undefined) return logReferenceOf(deps, key, version);
  const rows = await listFeatures(deps.ports, { limit: 1, now: deps.ports.clock() });
  const first = rows?.items[0];
  return first === undefined ? undefined : logReferenceOf(deps, first.key, first.version);
};

const command = (text: string): Html => html`<pre class="command" tabindex="0"><code>${text}</code></pre>`;

const commands = (
  context: Context,
  locale: Locale,
  published: Published,
  example: LogReference | undefined,
  asked: boolean,
): Html => {
  const { check } = locale.words;
  const { url, vkey = 'VKEY', size } = published;
  const proof = example === undefined ? '/log/proof/KEY/VERSION' : proofPath(example);
  return html`
<h2>${check.commands}</h2><p>${check.commandsLead}</p>
<h3>${check.verify}</h3>${command(`node ${VERIFIER_NAME} ${url} --key '${vkey}'`)}<p>${check.verifyNote}</p>
<h3>${check.proof}</h3>${command(`curl ${url}${proof}`)}<p>${check.proofNote}</p>${asked ? logReferenceLine(context, locale, size, example) : empty}
<h3>${check.witness}</h3>${command(`curl -o checkpoint-${size} ${url}/log/checkpoint`)}<p>${check.witnessNote}</p>
<p>${check.witnessMore}</p>${command(`${CHECKOUT_COMMAND} witness witness --key '${vkey}'`)}`;
};

/** How to run the command line from a checkout of the source code. */
const CHECKOUT_COMMAND = 'node infra/cli/aldergate.js';

/** Renders how to get the verifier: from a checkout, or as one file with its hash, and why from somebody else. */
export const getVerifier = ({ words: { check } }: Locale, verifier: VerifierFile | undefined, heading = 'h2'): Html => {
  const file =
    verifier === undefined
      ? html`<p>${check.notBuilt}</p>`
      : html`<p>${check.oneFile} <a href="/${VERIFIER_NAME}" download>${check.download}</a></p><dl class="facts"><div><dt>${check.fileHash}</dt><dd><code>${verifier.sha256}</code></dd></div></dl><p class="note">${check.elsewhere}</p>`;
  const title = heading === 'h2' ? html`<h2 id="verifier">${check.get}</h2>` : html`<h3 id="verifier">${check.get}</h3>`;
  return html`
${title}<p>${check.getLead}</p><p>${check.checkout}</p>${command(`npm ci && npm run build:verify && cp dist/verify/${VERIFIER_NAME} .`)}${file}`;
};

const facts = ({ words: { check }, number }: Locale, { origin, vkey, size }: Published): Html => {
  const fact = (label: string, value: Html | string): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  if (origin === undefined || vkey === undefined || size === 0) return html`<p class="note">${check.nothing}</p>`;
  return html`
<dl class="facts">${fact(check.origin, html`<code>${origin}</code>`)}${fact(check.size, number(size))}${fact(check.vkey, html`<code>${vkey}</code><br><small>${check.pin}</small>`)}</dl>`;
};

const explanation = ({ words: { check } }: Locale): Html => html`
<h2>${check.what}</h2><p>${check.list}</p><p>${check.root}</p><p>${check.signed}</p>`;

const drawn = (locale: Locale): Html => {
  const { check } = locale.words;
  const { steps } = check;
  const step = (name: string, text: string): Html => html`<li><b>${name}.</b> ${text}</li>`;
  return html`
<h2>${check.picture}</h2>${logPicture(locale)}
<ol>${step(steps.notice, check.stepNotice)}${step(steps.commit, check.stepCommit)}${step(steps.leaf, check.stepLeaf)}${step(steps.tree, check.stepTree)}${step(steps.checkpoint, check.stepCheckpoint)}</ol>`;
};

const COLUMNS: CsvColumns<Published> = {
  url: ({ url }) => `${url}/log`,
  origin: ({ origin }) => origin ?? null,
  vkey: ({ vkey }) => vkey ?? null,
  size: ({ size }) => size,
};

/**
 * Answers with "Check it yourself": what the public log is, in plain words and a picture, and commands filled in for this log.
 */
export const checkPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format, key, version } = queryOf(context, query);
  const vkey = deps.vkey();
  const origin = vkey === undefined ? undefined : parseVerifierKey(vkey).name;
  const published = { url: deps.ports.url, vkey, origin, size: Number(deps.checkpoint() ?? 0) };
  const { url, size } = published;
  if (format === 'json') return json({ url: `${url}/log`, origin: origin ?? null, vkey: vkey ?? null, size });
  if (format === 'csv') return csv(COLUMNS, [published]);
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { check } = locale.words;
  const example = await exampleOf(deps, key, version);
  const asked = key !== undefined && version !== undefined;
  const body = html`
<h1>${check.title}</h1><p class="lead">${check.lead}</p>${explanation(locale)}${drawn(locale)}
<h2>${check.now}</h2>${facts(locale, published)}${getVerifier(locale, await deps.verifier())}${commands(context, locale, published, example, asked)}
<h2>${check.files}</h2><p>${check.filesNote}</p><ul>${FORMATS.map((address) => html`<li><a href="${address}" rel="noopener noreferrer external">${address.slice(8)}</a></li>`)}</ul>
<p><a href="/log/checkpoint"><code>/log/checkpoint</code></a> · <a href="/log/vkey"><code>/log/vkey</code></a> · <a href="${linkIn(context, '/rules')}">${locale.words.nav.rules}</a></p>
${formatLinks(context, locale)}`;
  return render(context, locale, { title: check.title, body });
};
