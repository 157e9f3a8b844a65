import type { Context } from 'hono';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { commitAt } from '../../../gate/heads.ts';
import { readChange } from '../../../register/read.ts';
import type { FeatureJson } from '../../../register/views/featureJson.ts';
import type { SiteDeps } from '../deps.ts';
import type { Html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { logReferenceLine, logReferenceOf } from '../parts/logReference.ts';

/** The commit behind an answer: the approval that it rests on, else the last that was known then. */
const decidingCommit = async (
  { ports }: SiteDeps,
  { key, change, approvals, asOf }: FeatureJson,
): Promise<number | undefined> => {
  if (change !== null && approvals.length > 0) {
    const reading = await readChange(ports, key, Number(change.slice(key.length + 1)));
    const approved = reading === undefined || reading === 'unreadable' ? null : reading.view.approved;
    if (approved !== null) return approved.version;
  }
  return (await commitAt(ports, featureStream(key), asOf))?.version;
};

/** Where what is said of a feature can be checked: the commit that decided, and the checkpoint it rests on. */
export const featureLogReference = async (
  deps: SiteDeps,
  context: Context,
  locale: Locale,
  feature: FeatureJson,
): Promise<Html> => {
  const version = await decidingCommit(deps, feature);
  const found = version === undefined ? undefined : await logReferenceOf(deps, feature.key, version);
  return logReferenceLine(context, locale, Number(feature.checkpoint ?? 0), found);
};
