import type { FeatureEvent } from '../../../../domain/feature/events.ts';
import { featureStream } from '../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { featureAggregate } from '../../../gate/aggregates.ts';
import { nameOfEvent, slotsOf } from '../../../platform/acts.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';

const COMMITS_MAX = 100;

interface Named {
  readonly changes: readonly ChangeView[];
  readonly roster: Roster | null;
}

/** Returns the body that a requirement is for: by the rule that an event pinned, else by the change as it is now. */
const bodyFinder = (locale: Locale, key: string, events: readonly FeatureEvent[], { changes, roster }: Named) => {
  const nameOf = (n: number, requirement: string): string => {
    const pinned = events.flatMap((event) =>
      'pinned' in event && event.change === n && event.pinned !== null ? event.pinned.require : [],
    );
    const now = changes.find((view) => view.key === key && view.number === n)?.requirements ?? [];
    const body = [...pinned, ...now].find(({ id }) => id === requirement)?.body;
    return body === undefined ? requirement : bodyName(locale, roster, body);
  };
  return nameOf;
};

const sentence = (locale: Locale, event: FeatureEvent, nameOf: ReturnType<typeof bodyFinder>): Html => {
  const { words, say, bodySlots } = locale;
  const n = event.change;
  const body = 'requirement' in event ? bodySlots(nameOf(n, event.requirement)) : {};
  return say(words.acts.history[nameOfEvent(event)], { n, ...body, ...slotsOf(event, { ...locale, foreign }) });
};

/**
 * Renders the history of a feature up to a version of its stream, newest first, with the bodies that acted. Ballots' answers are
 * never shown.
 */
export const historyOf = async (
  { ports }: SiteDeps,
  locale: Locale,
  { key, version, ...named }: Named & { readonly key: string; readonly version: number },
): Promise<Html> => {
  const after = Math.max(0, version - COMMITS_MAX);
  const commits =
    version === 0 ? [] : await ports.store.history(featureStream(key), { after, upTo: version, limit: COMMITS_MAX });
  const events = commits.flatMap((record) => eventsOf(featureAggregate, record));
  const nameOf = bodyFinder(locale, key, events, named);
  if (events.length === 0) return html`<p>${locale.words.feature.noChanges}</p>`;
  return html`<ol class="plain">${events
    .toReversed()
    .map(
      (event) =>
        html`<li><small><time datetime="${event.at}">${locale.dateTime(event.at)}</time></small><br>${sentence(locale, event, nameOf)}</li>`,
    )}</ol>`;
};
