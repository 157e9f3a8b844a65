import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { featureOf, isFeatureStream } from '../../../domain/feature/keys.ts';
import type { RosterEvent } from '../../../domain/roster/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { holdersWithNewAddress, ROSTER_STREAM, type RosterState } from '../../../domain/roster/state.ts';
import { featureAggregate, readRosters, rosterAggregate } from '../../gate/aggregates.ts';
import { isShared } from '../../gate/feature.ts';
import { type MailTrigger, mailsOf } from '../../platform/acts.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { park } from '../../platform/feed/deadLetters.ts';
import { nameAndMessageOf } from '../../platform/logging.ts';
import { eventsOf, readCommit, stateAfter } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { readChange } from '../../register/project.ts';
import { draftsOf, isHeldBack, mailLater, sceneOf } from './asks.ts';
import { proposalDrafts, refusalDrafts, rollbackDrafts } from './confirmDrafts.ts';
import { GIVE_UP_MS, type MailDue, postponeDues, removeDues, takeNotice, tryCommitLater } from './dues.ts';
import { cutOffNews, linkDrafts, type NewsContext, resetDraft, switchedOffNews } from './links.ts';
import { type Draft, type NotifyPorts, post, wasWithin } from './post.ts';

/** `shared`: the commit came from a form for several changes. */
const draftsFor = async (
  ports: NotifyPorts,
  key: string,
  event: FeatureEvent,
  trigger: MailTrigger,
  { roster, shared }: { readonly roster: Roster; readonly shared: boolean },
): Promise<readonly Draft[]> => {
  const reading = await readChange(ports, key, event.change);
  if (reading === undefined) throw new Error(`change ${key}/${event.change} does not exist`);
  if (event.type === 'ChangeRevised' && isHeldBack(reading.view, event.revision)) return [];
  if (trigger === 'rollback') return rollbackDrafts(ports, reading, roster);
  const { drafts, alarms } = draftsOf(await sceneOf(ports, reading, roster), ports.itMail);
  for (const alarm of alarms)
    ports.logger({ level: 'error', event: 'requirement cannot be met', key, n: event.change, ...alarm });
  // Before anyone acts only entries of the inventory are mailed together.
  const isEntry = reading.view.acts.length === 0;
  const waiting = drafts.filter(({ together }) => (shared || isEntry) && together !== undefined);
  if (waiting.length > 0) await mailLater(ports, key, event.change, isEntry ? 'entered' : 'voted');
  return drafts.filter((draft) => !waiting.includes(draft));
};

const onFeature = async (ports: NotifyPorts, commit: StoredCommit): Promise<boolean> => {
  const key = featureOf(commit.stream);
  const { id } = commitOf(commit);
  let areAllTaken = true;
  for (const [index, event] of eventsOf(featureAggregate, commit).entries()) {
    const trigger = mailsOf(event);
    if (trigger === undefined && !('byReplacedLink' in event)) continue;
    const state = await readRosters(ports);
    if (state.inForce === null) {
      ports.logger({ level: 'error', event: 'no roster, no mail is sent', key });
      return areAllTaken;
    }
    const by = { roster: state.inForce.roster, shared: isShared(commit.commandId) };
    const drafts = trigger === undefined ? [] : await draftsFor(ports, key, event, trigger, by);
    areAllTaken = (await post(ports, `${id}-${index}`, [...drafts, ...oldLinkDrafts(ports, key, event, state)])) && areAllTaken;
  }
  return areAllTaken;
};

const newsContext = ({ zone, itMail }: NotifyPorts, { inForce }: RosterState, at: string): NewsContext => ({
  roster: inForce?.roster ?? { bodies: {}, holders: [] },
  at,
  zone,
  itMail,
});

const oldLinkDrafts = (ports: NotifyPorts, key: string, event: FeatureEvent, state: RosterState): readonly Draft[] => {
  if (!('byReplacedLink' in event)) return [];
  // An act that a token can do too names its person under `by`.
  const by = 'by' in event ? event.by : event;
  return 'holder' in by ? switchedOffNews(newsContext(ports, state, event.at), by.holder, key, event.change) : [];
};

/** Returns the state before a commit; undefined for the first. */
const stateBefore = async ({ store }: NotifyPorts, { version }: StoredCommit): Promise<RosterState | undefined> => {
  if (version === 1) return undefined;
  const record = await readCommit(store, ROSTER_STREAM, version - 1);
  return record && stateAfter(store, rosterAggregate, record);
};

/** Drafts the mails of a roster event from the present state. `before`: the state before its commit. */
const draftsOfRoster = async (
  ports: NotifyPorts,
  event: RosterEvent,
  state: RosterState,
  before: RosterState | undefined,
): Promise<readonly Draft[]> => {
  switch (event.type) {
    case 'ProposalEnded':
    case 'LinksUsed':
      return [];
    case 'RosterAdopted': {
      const moved = holdersWithNewAddress(before?.inForce ?? null, event);
      return (await Promise.all(moved.map((holder) => linkDrafts(ports, state, { holder, at: event.at }, true)))).flat();
    }
    case 'ProposalMade': {
      const drafts = await proposalDrafts(ports, state, event.sha256);
      if (state.proposal?.sha256 === event.sha256 && !drafts.some(({ target }) => target !== undefined))
        ports.logger({ level: 'error', event: 'no one may confirm what is proposed', sha256: event.sha256 });
      return drafts;
    }
    case 'ProposalAnswered':
      return event.decision === 'refuse' ? refusalDrafts(ports, state, event) : [];
    case 'LinksCutOff':
      return [...(await linkDrafts(ports, state, event)), ...cutOffNews(newsContext(ports, state, event.at), event.holder)];
    case 'PasskeysReset':
      return [resetDraft(state.inForce?.roster, event, { zone: ports.zone, now: ports.clock() })];
  }
};

const onRoster = async (ports: NotifyPorts, commit: StoredCommit): Promise<boolean> => {
  const { id } = commitOf(commit);
  let areAllTaken = true;
  for (const [index, event] of eventsOf(rosterAggregate, commit).entries()) {
    const [state, before] = await Promise.all([readRosters(ports), stateBefore(ports, commit)]);
    areAllTaken = (await post(ports, `${id}-${index}`, await draftsOfRoster(ports, event, state, before))) && areAllTaken;
  }
  return areAllTaken;
};

export const NOTIFY: Pick<Consumer, 'name' | 'wants'> = {
  name: 'notify',
  wants: (stream) => isFeatureStream(stream) || stream === ROSTER_STREAM,
};

/** Mails what a commit requires. Resolves with false if some mails were refused. */
const mailCommit = (ports: NotifyPorts, commit: StoredCommit): Promise<boolean> =>
  commit.stream === ROSTER_STREAM ? onRoster(ports, commit) : onFeature(ports, commit);

/**
 * Mails those who must act, once for each event; revisions that follow each other within an hour share their mails
 * (`mailsDue`), and so do votes that one form certifies and entries of the inventory (`mailTogether`). An invitation to something that
 * is no longer open is not sent.
 * What the mail server does not take waits by itself ({@link mailCommits}), and keeps nothing that was committed later.
 */
export const notifier = (ports: NotifyPorts): Consumer => ({
  ...NOTIFY,
  handle: async (commit) => {
    // Not by a later try of the mails of this commit: what it makes due has a mail of its own.
    if (isFeatureStream(commit.stream))
      for (const event of eventsOf(featureAggregate, commit)) await takeNotice(ports, featureOf(commit.stream), event);
    if (!(await mailCommit(ports, commit))) await tryCommitLater(ports, commit);
  },
});

/** Retries refused mails of commits; after some days a commit is parked. */
export const mailCommits = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { store, sideStore, clock, logger } = ports;
  for (const due of dues) {
    const { key: stream, sequence: version, at } = due.about;
    let error = 'the mail server did not take all of it';
    const isOver = async (): Promise<boolean> => {
      const commit = await readCommit(store, stream, version);
      return commit === undefined || mailCommit(ports, commit);
    };
    const areAllTaken = await isOver().catch((cause: unknown) => {
      if (cause instanceof Unavailable) throw cause;
      error = nameAndMessageOf(cause);
      return false;
    });
    if (!areAllTaken && wasWithin(ports, at, GIVE_UP_MS)) await postponeDues(ports, [due]);
    else {
      const place = { consumer: NOTIFY.name, stream, version };
      if (!areAllTaken) {
        await park(sideStore, { ...place, tries: 1, error, at: clock() });
        logger({ level: 'error', event: 'parked', ...place, error });
      }
      await removeDues(sideStore, [due]);
    }
  }
};
