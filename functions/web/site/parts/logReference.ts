import type { Context } from 'hono';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { readLogTimes } from '../../../gate/heads.ts';
import { readLogIndex } from '../../../log/sequencer/logIndex.ts';
import { commitAt } from '../../../platform/ledger.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { readChange } from '../../../register/read.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import type { LinkDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

/** The position of a feature's commit in the public log. `index`: undefined while no published checkpoint holds it. */
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

export const proofPath = ({ key, version }: Pick<LogReference, 'key' | 'version'>): string => `/log/proof/${key}/${version}`;

/** Renders the checkpoint a page rests on, the proof of the commit behind it, and how to check both. Without a reference: the checkpoint alone. */
export const logReferenceLine = (
  context: Context,
  locale: Locale,
  size: number,
  logReference: LogReference | undefined,
): Html => {
  const { words, say, count, number } = locale;
  const { check } = words;
  const newest = size === 0 ? empty : html` ${count(check, 'newest', size)}`;
  const known = logReference === undefined ? '/check' : `/check?key=${logReference.key}&version=${logReference.version}`;
  const more = html`<a href="${linkIn(context, known)}">${words.checkIt}</a>`;
  if (logReference === undefined) return html`<p class="log-reference">${newest}${more}</p>`;
  const { index } = logReference;
  return index === undefined
    ? html`<p class="log-reference">${check.waiting}${newest}${more}</p>`
    : html`<p class="log-reference">${say(check.logReference, { index: number(index) })}${newest}<a href="${proofPath(logReference)}">${check.proofLink}</a>${more}</p>`;
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

export const featureLogReference = async (
  deps: LinkDeps,
  context: Context,
  locale: Locale,
  feature: FeatureJson,
): Promise<Html> => {
  const version = await decidingCommit(deps, feature);
  const found = version === undefined ? undefined : await logReferenceOf(deps, feature.key, version);
  return logReferenceLine(context, locale, Number(feature.checkpoint ?? 0), found);
};
