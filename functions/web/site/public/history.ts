import type { FeatureEvent } from '../../../../domain/feature/events.ts';
import { featureStream, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { featureAggregate } from '../../../gate/aggregates.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';

/** Most commits shown of a feature's history, the latest. */
const COMMITS_MAX = 100;

/** Returns the sentence that announces a change of a key: by a vendor, or by the city for its own rules. */
export const announcedBy = (key: string) => (key === POLICY_KEY ? 'rulesProposed' : 'ChangeNotified');

/** The names in the sentences: the changes of the feature as they are now, and the bodies of the roster. */
interface Named {
  readonly changes: readonly ChangeView[];
  readonly roster: Roster | null;
}

/** Returns the body that a requirement is for: by the rule that an event pinned, else by the change as it is now. */
const bodyFinder = (key: string, events: readonly FeatureEvent[], { changes, roster }: Named) => {
  const nameOf = (n: number, requirement: string): string => {
    const pinned = events.flatMap((event) =>
      'pinned' in event && event.change === n && event.pinned !== null ? event.pinned.require : [],
    );
    const now = changes.find((view) => view.key === key && view.number === n)?.requirements ?? [];
    const body = [...pinned, ...now].find(({ id }) => id === requirement)?.body;
    return body === undefined ? requirement : bodyName(roster, body);
  };
  return nameOf;
};

const sentence = (locale: Locale, key: string, event: FeatureEvent, nameOf: ReturnType<typeof bodyFinder>): Html => {
  const { words, say, number, until, bodySlots } = locale;
  const n = event.change;
  const slots = 'requirement' in event ? { n, ...bodySlots(nameOf(n, event.requirement)) } : { n };
  switch (event.type) {
    case 'ChangeNotified': {
      return say(words.event[announcedBy(key)], { n, title: foreign(event.notice.title) });
    }
    case 'ChangeRevised':
      return say(words.event.ChangeRevised, { n, revision: event.revision });
    case 'PolicyPinned':
      return say(words.event.PolicyPinned, { n, policy: event.pinned.policy });
    case 'VoteCertified':
      return say(words.event.VoteCertified, { ...slots, yes: number(event.tally.yes), no: number(event.tally.no) });
    case 'SignatureGiven': {
      const { SignatureGiven: approve, SignatureRefused: refuse, SignatureTakenBack: takeBack } = words.event;
      return say({ approve, refuse, 'take-back': takeBack }[event.decision], slots);
    }
    case 'ConfirmationGiven':
      return say(event.decision === 'confirm' ? words.event.ConfirmationGiven : words.event.ConfirmationDisputed, slots);
    case 'ChangeVetoed':
      return say(words.event.ChangeVetoed, { n, when: until(event.until) });
    case 'FeatureRemoved':
      return say(words.event.FeatureRemoved, { when: until(event.effectiveAt) });
    case 'ChangeApproved': {
      const { ChangeApproved, ApprovalWaits, ApprovalOvertaken } = words.event;
      return say({ 'in-force': ChangeApproved, waiting: ApprovalWaits, replaced: ApprovalOvertaken }[event.becomes], slots);
    }
    case 'RollbackConfirmed':
      return say(event.complete ? words.event.RollbackComplete : words.event.RollbackConfirmed, slots);
    default:
      return say(words.event[event.type], slots);
  }
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
  const nameOf = bodyFinder(key, events, named);
  if (events.length === 0) return html`<p>${locale.words.feature.noChanges}</p>`;
  return html`<ol class="plain">${events
    .toReversed()
    .map(
      (event) =>
        html`<li><small><time datetime="${event.at}">${locale.dateTime(event.at)}</time></small><br>${sentence(locale, key, event, nameOf)}</li>`,
    )}</ol>`;
};
