import type { Context } from 'hono';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { readPlace } from '../../../log/sequencer/places.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

/** Where a commit of a feature stands in the public log. `index`: undefined while no published checkpoint holds it. */
export interface LogReference {
  readonly key: string;
  readonly version: number;
  readonly index: number | undefined;
  /** Entries under the newest published checkpoint. */
  readonly size: number;
}

/** Looks a commit up by its place, and by the newest checkpoint that is published. */
export const logReferenceOf = async (
  { ports, checkpoint }: Pick<SiteDeps, 'ports' | 'checkpoint'>,
  key: string,
  version: number,
): Promise<LogReference> => {
  const size = Number(checkpoint?.() ?? 0);
  const place = await readPlace(ports.sideStore, featureStream(key), version);
  return { key, version, index: place !== undefined && place.index < size ? place.index : undefined, size };
};

/** Where anyone gets the proof that a commit is in the log. */
export const proofPath = ({ key, version }: Pick<LogReference, 'key' | 'version'>): string => `/log/proof/${key}/${version}`;

/** The checkpoint that a page rests on, the proof of the commit behind it, and how to check both. Absent ground: the checkpoint alone. */
export const logReferenceLine = (
  context: Context,
  locale: Locale,
  size: number,
  logReference: LogReference | undefined,
): Html => {
  const { words, say, count, number } = locale;
  const { check } = words;
  const newest = size === 0 ? empty : html` ${count(check.newest, size)}`;
  const known = logReference === undefined ? '/check' : `/check?key=${logReference.key}&version=${logReference.version}`;
  const more = html`<a href="${linkIn(context, known)}">${words.checkIt}</a>`;
  if (logReference === undefined) return html`<p class="ground">${newest}${more}</p>`;
  const { index } = logReference;
  return index === undefined
    ? html`<p class="ground">${check.waiting}${newest}${more}</p>`
    : html`<p class="ground">${say(check.logReference, { index: number(index) })}${newest}<a href="${proofPath(logReference)}">${check.proofLink}</a>${more}</p>`;
};
