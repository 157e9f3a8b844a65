import type { DecisionContext } from '../../domain/feature/commands.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { latest } from '../../domain/kernel/order.ts';
import type { DatedRoster } from '../../domain/roster/holders.ts';
import { ROSTER_STREAM, type RosterVersion } from '../../domain/roster/state.ts';
import type { SetTimeZone } from '../../domain/settings/decide.ts';
import { SETTINGS_STREAM } from '../../domain/settings/events.ts';
import { CachedValue } from '../platform/age.ts';
import { ifReadable, StoreUnavailable } from '../platform/store/errors.ts';
import { commitsAbove, eventsOf, load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { submit } from '../platform/store/submit.ts';
import { featureAggregate, readInForce, rosterAggregate, settingsAggregate } from './aggregates.ts';
import type { GatePorts, Rules } from './ports.ts';

export const readRules = async (ports: Pick<GatePorts, 'store'>): Promise<Rules> => {
  const { policies, rosters } = await readInForce(ports);
  return { policy: policies.inForce, roster: rosters.inForce };
};

/** What came into force stays as it is, so it is read again only when another follows. */
const adopted = new WeakMap<Store, { readonly upTo: number; readonly rosters: readonly DatedRoster[] }>();

const readAdopted = async (store: Store, upTo: number): Promise<readonly DatedRoster[]> => {
  const rosters: DatedRoster[] = [];
  for await (const record of commitsAbove(store, ROSTER_STREAM, 0)) {
    for (const event of eventsOf(rosterAggregate, record))
      if (event.type === 'RosterAdopted') rosters.push({ since: event.at, roster: event.roster });
    if (rosters.length === upTo) break;
  }
  return rosters;
};

/** Returns the rosters up to the one in force, oldest first, to name who acted under them; that one alone if another cannot be read. */
export const rostersUpTo = async (
  { store }: Pick<GatePorts, 'store'>,
  inForce: RosterVersion | null,
): Promise<readonly DatedRoster[]> => {
  if (inForce === null) return [];
  const kept = adopted.get(store);
  if (kept?.upTo === inForce.number) return kept.rosters;
  const rosters = await ifReadable(readAdopted(store, inForce.number));
  if (rosters === undefined) return [inForce];
  adopted.set(store, { upTo: inForce.number, rosters });
  return rosters;
};

/** For a setting in which a read costs little. */
export const directReads = (store: Store): Pick<GatePorts, 'rules' | 'glance'> => ({
  rules: () => readRules({ store }),
  glance: (keys) =>
    Promise.all(keys.map(async (key) => (await ifReadable(load(store, featureAggregate, featureStream(key))))?.state ?? null)),
});

/** Each decision names the version it was made under. */
const RULES_AGE_MS_MAX = 1_000;

/** For a setting in which a read costs something: a command is one read and one write. */
export const cachedRules = (ports: Pick<GatePorts, 'store'>): GatePorts['rules'] =>
  new CachedValue(() => readRules(ports), RULES_AGE_MS_MAX).read;

/** `notBefore`: since when all versions that a command names are in force. */
interface RulesInForce extends Rules {
  readonly zone: string;
  readonly notBefore: string;
  readonly at: (instant: string) => DecisionContext;
}

/** The instant is taken at each try. */
export const rulesInForce = async (ports: GatePorts): Promise<RulesInForce> => {
  const [rules, { zone, since }] = await Promise.all([ports.rules(), zoneVersion(ports)]);
  const notBefore = latest(since, rules.policy?.since, rules.roster?.since);
  return { ...rules, zone, notBefore, at: (at) => ({ at, zone, ...rules }) };
};

/** A restart with another setting binds other processes within a minute. */
const ZONE_AGE_MS_MAX = 60_000;

interface ZoneVersion {
  readonly zone: string;
  readonly since: string;
}

const known = new WeakMap<Store, CachedValue<ZoneVersion>>();

const rememberedFor = (ports: GatePorts): CachedValue<ZoneVersion> => {
  const remembered = known.get(ports.store) ?? new CachedValue(() => readZone(ports), ZONE_AGE_MS_MAX);
  known.set(ports.store, remembered);
  return remembered;
};

const recorded = async (ports: GatePorts): Promise<ZoneVersion> => {
  const { zone } = ports;
  const tzdata = process.versions.tz ?? 'unknown';
  const done = await submit(ports, settingsAggregate, {
    stream: SETTINGS_STREAM,
    commandId: `time-zone/${zone}/${tzdata}/${ports.newId()}`,
    actor: 'operator',
    command: (at): SetTimeZone => ({ type: 'setTimeZone', at, zone, tzdata }),
  });
  if (!done.ok) throw new Error(`the time zone ${zone} cannot be recorded: ${done.rejection.detail}`);
  const version = { zone, since: done.state.timeZone?.since ?? done.at };
  rememberedFor(ports).put(version);
  return version;
};

const readZone = async (ports: GatePorts): Promise<ZoneVersion> => {
  const { state } = await load(ports.store, settingsAggregate, SETTINGS_STREAM);
  return state.timeZone ?? recorded(ports);
};

/** The time zone for decisions: the one in the log, whatever the setting of this process; recorded first if there is none. */
export const zoneVersion = (ports: GatePorts): Promise<ZoneVersion> => rememberedFor(ports).read();

export const zoneInForce = async (ports: GatePorts): Promise<string> => (await zoneVersion(ports)).zone;

/**
 * Records the zone of the setting and this runtime's time zone data, unless they are in force or the clock is behind. Returns the zone in
 * force.
 */
export const recordTimeZone = async (ports: GatePorts): Promise<string> => {
  try {
    return (await recorded(ports)).zone;
  } catch (error) {
    const isBehind = error instanceof StoreUnavailable && error.code === 'clock-behind';
    const { timeZone } = isBehind ? (await load(ports.store, settingsAggregate, SETTINGS_STREAM)).state : { timeZone: null };
    if (timeZone === null) throw error;
    return timeZone.zone;
  }
};
