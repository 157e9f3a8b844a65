import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { featureAggregate, rosterAggregate } from '../../gate/aggregates.ts';
import type { CityIdentity } from '../../gate/city.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import { eventsOf, load } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { isFeatureStream } from '../../register/project.ts';
import { readChange } from '../../register/read.ts';
import type { ProjectorPorts } from '../../register/snapshot.ts';
import { draftsFor } from './drafts.ts';
import { linkDrafts } from './linkDrafts.ts';
import { type Occasion, occasionsOf } from './occasions.ts';
import { resetDrafts } from './passkeyDrafts.ts';
import { type PostPorts, post } from './post.ts';
import { rosterDrafts } from './rosterDrafts.ts';

export interface NotifyPorts extends ProjectorPorts, PostPorts {
  readonly zone: string;
  readonly city: CityIdentity;
  /** Receives drift, silence and faults; `undefined` if the city has no such address. */
  readonly itMail: string | undefined;
}

interface Happened {
  readonly key: string;
  /** Names the event: the commit's id and the index in it. */
  readonly event: string;
}

const notifyOf = async (ports: NotifyPorts, { key, event }: Happened, occasion: Occasion, roster: Roster): Promise<void> => {
  const reading = await readChange(ports, key, occasion.n);
  if (reading === 'unreadable') throw new CorruptStore(`feature/${key} cannot be read`);
  if (reading === undefined) throw new Error(`change ${key}/${occasion.n} is not there`);
  const scene = { reading, roster, now: ports.clock(), zone: ports.zone, url: ports.url };
  const { drafts, alarms } = draftsFor(scene, occasion);
  for (const alarm of alarms) ports.log({ level: 'error', event: 'requirement cannot be met', key, n: occasion.n, ...alarm });
  await post(ports, event, drafts);
};

/** A removal ends what stood before it: the change that was approved last by then. */
const standingBefore = async (ports: NotifyPorts, key: string, event: FeatureEvent): Promise<number | null> => {
  if (event.type !== 'FeatureRemoved') return null;
  const reading = await readChange(ports, key, event.change);
  const standing = reading === undefined || reading === 'unreadable' ? null : reading.state.standing;
  return standing !== null && standing < event.change ? standing : null;
};

const onFeature = async (ports: NotifyPorts, commit: StoredCommit): Promise<void> => {
  const key = commit.stream.slice('feature/'.length);
  const { id } = commitOf(commit);
  for (const [index, event] of eventsOf(featureAggregate, commit).entries()) {
    const occasions = occasionsOf(event, await standingBefore(ports, key, event));
    if (occasions.length === 0) continue;
    const { state } = await load(ports.store, rosterAggregate, ROSTER_STREAM);
    if (state.inForce === null) {
      ports.log({ level: 'error', event: 'no roster, nobody is written to', key });
      return;
    }
    for (const occasion of occasions) await notifyOf(ports, { key, event: `${id}-${index}` }, occasion, state.inForce.roster);
  }
};

const onRoster = async (ports: NotifyPorts, commit: StoredCommit): Promise<void> => {
  const { id } = commitOf(commit);
  for (const [index, event] of eventsOf(rosterAggregate, commit).entries()) {
    if (event.type === 'RosterAdopted' || event.type === 'RosterConfirmed') continue;
    const { state } = await load(ports.store, rosterAggregate, ROSTER_STREAM);
    if (event.type === 'LinksCutOff') {
      if (event.reissued) await post(ports, `${id}-${index}`, await linkDrafts(ports, state, event.holder));
      continue;
    }
    if (event.type === 'PasskeysReset') {
      const { roster } = state.inForce ?? {};
      if (roster !== undefined)
        await post(ports, `${id}-${index}`, resetDrafts(roster, event, { zone: ports.zone, now: ports.clock() }));
      continue;
    }
    const drafts = rosterDrafts(state, event.sha256, ports.clock(), ports.zone);
    if (drafts.length === 0) ports.log({ level: 'error', event: 'nobody may confirm the roster', sha256: event.sha256 });
    await post(ports, `${id}-${index}`, drafts);
  }
};

/** Writes to those who must act and to everyone concerned, once for each event; what is no longer open invites nobody. */
export const notifier = (ports: NotifyPorts): Consumer => ({
  name: 'notify',
  wants: (stream) => isFeatureStream(stream) || stream === ROSTER_STREAM,
  handle: (commit) => (commit.stream === ROSTER_STREAM ? onRoster(ports, commit) : onFeature(ports, commit)),
});
