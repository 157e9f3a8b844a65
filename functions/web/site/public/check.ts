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

const query = {
  key: FeatureKey.optional(),
  version: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'is not the version of a stream')
    .transform(Number)
    .optional(),
};

const FORMATS = ['https://c2sp.org/tlog-tiles', 'https://c2sp.org/tlog-checkpoint', 'https://c2sp.org/tlog-proof'];

interface Published {
  readonly url: string;
  readonly vkey: string | undefined;
  readonly origin: string | undefined;
  readonly size: number;
}

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

const CHECKOUT_COMMAND = 'node infra/cli/aldergate.js';

/** Renders how to get the verifier: from a checkout, or as one file with its hash, and why from somebody else. */
const getVerifier = ({ words: { check } }: Locale, verifier: VerifierFile | undefined): Html => {
  const file =
    verifier === undefined
      ? html`<p>${check.notBuilt}</p>`
      : html`<p>${check.oneFile} <a href="/${VERIFIER_NAME}" download>${check.download}</a></p><dl class="facts"><div><dt>${check.fileHash}</dt><dd><code>${verifier.sha256}</code></dd></div></dl><p class="note">${check.elsewhere}</p>`;
  return html`
<h2 id="verifier">${check.get}</h2><p>${check.getLead}</p><p>${check.checkout}</p>${command(`npm ci && npm run build:verify && cp dist/verify/${VERIFIER_NAME} .`)}${file}`;
};

const facts = ({ words: { check }, number }: Locale, { origin, vkey, size }: Published): Html => {
  const fact = (label: string, value: Html | string): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  if (origin === undefined || vkey === undefined || size === 0) return html`<p class="note">${check.nothing}</p>`;
  return html`
<dl class="facts">${fact(check.origin, html`<code>${origin}</code>`)}${fact(check.size, number(size))}${fact(check.vkey, html`<code>${vkey}</code><br><small>${check.pin}</small>`)}</dl>`;
};

const explanation = ({ words: { check } }: Locale): Html => html`
<h2>${check.what}</h2><p>${check.list}</p><p>${check.root}</p><p>${check.signed}</p>`;

const COLUMNS: CsvColumns<Published> = {
  url: ({ url }) => `${url}/log`,
  origin: ({ origin }) => origin ?? null,
  vkey: ({ vkey }) => vkey ?? null,
  size: ({ size }) => size,
};

/**
 * Answers with "Check it yourself": what the public log is, in plain words, and commands filled in for this log.
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
<h1>${check.title}</h1><p class="lead">${check.lead}</p>${explanation(locale)}
<h2>${check.now}</h2>${facts(locale, published)}${getVerifier(locale, await deps.verifier())}${commands(context, locale, published, example, asked)}
<h2>${check.files}</h2><p>${check.filesNote}</p><ul>${FORMATS.map((address) => html`<li><a href="${address}" rel="noopener noreferrer external">${address.slice(8)}</a></li>`)}</ul>
<p><a href="/log/checkpoint"><code>/log/checkpoint</code></a> · <a href="/log/vkey"><code>/log/vkey</code></a> · <a href="${linkIn(context, '/rules')}">${locale.words.nav.rules}</a></p>
${formatLinks(context, locale)}`;
  return render(context, locale, { title: check.title, body });
};
