import type { Context } from 'hono';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { readPlace } from '../../../log/sequencer/places.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import { linkIn } from '../page.ts';
import type { Voice } from '../voice.ts';

/** Where a commit of a feature stands in the public log. `index`: undefined while no published checkpoint holds it. */
export interface Ground {
  readonly key: string;
  readonly version: number;
  readonly index: number | undefined;
  /** Entries under the newest published checkpoint. */
  readonly size: number;
}

/** Looks a commit up by its place, and by the newest checkpoint that is published. */
export const groundOf = async (
  { ports, checkpoint }: Pick<SiteDeps, 'ports' | 'checkpoint'>,
  key: string,
  version: number,
): Promise<Ground> => {
  const size = Number(checkpoint?.() ?? 0);
  const place = await readPlace(ports.side, featureStream(key), version);
  return { key, version, index: place !== undefined && place.index < size ? place.index : undefined, size };
};

/** Where anyone gets the proof that a commit is in the log. */
export const proofPath = ({ key, version }: Pick<Ground, 'key' | 'version'>): string => `/log/proof/${key}/${version}`;

/** The checkpoint that a page rests on, the proof of the commit behind it, and how to check both. Absent ground: the checkpoint alone. */
export const groundLine = (context: Context, voice: Voice, size: number, ground: Ground | undefined): Html => {
  const { words, say, count, number } = voice;
  const { check } = words;
  const newest = size === 0 ? empty : html` ${count(check.newest, size)}`;
  const known = ground === undefined ? '/check' : `/check?key=${ground.key}&version=${ground.version}`;
  const more = html`<a href="${linkIn(context, known)}">${words.checkIt}</a>`;
  if (ground === undefined) return html`<p class="ground">${newest}${more}</p>`;
  const { index } = ground;
  return index === undefined
    ? html`<p class="ground">${check.waiting}${newest}${more}</p>`
    : html`<p class="ground">${say(check.ground, { index: number(index) })}${newest}<a href="${proofPath(ground)}">${check.proofLink}</a>${more}</p>`;
};
