import { type SetTimeZone, settingsDecider } from '../../domain/settings/decide.ts';
import { SETTINGS_STREAM, SettingsEvent } from '../../domain/settings/events.ts';
import { SETTINGS_STATE_VERSION, SettingsState } from '../../domain/settings/state.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { StoreUnavailable } from '../platform/store/errors.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { submit } from '../platform/store/submit.ts';
import type { GatePorts } from './ports.ts';

/** Stream `settings`. */
export const settingsAggregate = aggregate(settingsDecider, SETTINGS_STATE_VERSION, SettingsState, SettingsEvent);

/** A restart with another setting binds other processes within a minute. */
const ZONE_AGE_MS_MAX = 60_000;

export interface ZoneVersion {
  readonly zone: string;
  readonly since: string;
}

const known = new WeakMap<Store, { readonly zone: Promise<ZoneVersion>; readonly at: number }>();

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
  known.set(ports.store, { zone: Promise.resolve(version), at: performance.now() });
  return version;
};

const readZone = async (ports: GatePorts): Promise<ZoneVersion> => {
  const { state } = await load(ports.store, settingsAggregate, SETTINGS_STREAM);
  return state.timeZone ?? recorded(ports);
};

/** The time zone for decisions: the one in the log, whatever the setting of this process; recorded first if there is none. */
export const zoneVersion = (ports: GatePorts): Promise<ZoneVersion> => {
  const now = performance.now();
  const cached = known.get(ports.store);
  if (cached !== undefined && now - cached.at < ZONE_AGE_MS_MAX) return cached.zone;
  const zone = readZone(ports);
  known.set(ports.store, { zone, at: now });
  zone.catch(() => known.delete(ports.store));
  return zone;
};

export const zoneInForce = async (ports: GatePorts): Promise<string> => (await zoneVersion(ports)).zone;

/**
 * Records the zone of the setting and the version of this runtime's time zone data, unless they are in force or the clock is behind.
 * Returns the zone in force. The owner of the setting calls it.
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
