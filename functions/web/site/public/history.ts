import type { FeatureEvent } from '../../../../domain/feature/events.ts';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { featureAggregate } from '../../../gate/aggregates.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** Most commits shown of a feature's history, the latest. */
const COMMITS_MAX = 100;

const sentence = (locale: Locale, event: FeatureEvent): Html => {
  const { words, say, number, until } = locale;
  const n = event.change;
  switch (event.type) {
    case 'ChangeNotified':
      return say(words.event.ChangeNotified, { title: foreign(event.notice.title) });
    case 'PolicyPinned':
      return say(words.event.PolicyPinned, { n, policy: event.pinned.policy });
    case 'VoteCertified':
      return say(words.event.VoteCertified, { n, yes: number(event.tally.yes), no: number(event.tally.no) });
    case 'SignatureGiven': {
      const text = event.decision === 'approve' ? words.event.SignatureGiven : words.event.SignatureRefused;
      return say(text, { n, requirement: event.requirement });
    }
    case 'RequirementMet':
      return say(words.event.RequirementMet, { n, requirement: event.requirement });
    case 'ChangeVetoed':
      return say(words.event.ChangeVetoed, { n, when: until(event.until) });
    case 'FeatureRemoved':
      return say(words.event.FeatureRemoved, { when: until(event.effectiveAt) });
    default:
      return say(words.event[event.type], { n });
  }
};

/** Renders the history of a feature up to a version of its stream, newest first. Ballots' answers are never shown. */
export const historyOf = async ({ ports }: SiteDeps, locale: Locale, key: string, version: number): Promise<Html> => {
  const after = Math.max(0, version - COMMITS_MAX);
  const commits =
    version === 0 ? [] : await ports.store.history(featureStream(key), { after, upTo: version, limit: COMMITS_MAX });
  const events = commits.flatMap((record) => eventsOf(featureAggregate, record));
  if (events.length === 0) return html`<p>${locale.words.feature.noChanges}</p>`;
  return html`<ol class="plain">${events
    .toReversed()
    .map(
      (event) =>
        html`<li><small><time datetime="${event.at}">${locale.dateTime(event.at)}</time></small><br>${sentence(locale, event)}</li>`,
    )}</ol>`;
};
