import { object } from '../../domain/kernel/lazyObject.ts';
import { recordTimeZone } from '../gate/settings.ts';
import { policyAdopter } from '../reactions/adoption/policyChange.ts';
import { readGauges } from '../reactions/clock/gauges.ts';
import { runClock } from '../reactions/clock/runClock.ts';
import { chores } from './runtime/consumers.ts';
import { CitySettings, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { measure } from './runtime/metrics.ts';
import { gatePorts } from './runtime/ports.ts';

const ports = await gatePorts(readEnvironment(object(() => ({ ...Tables.shape, ...CitySettings.shape }))));

/** Each measurement reads all that is open, and what it measures changes by the day. */
const GAUGE_MINUTES = 15;

const gauge = async (now: string): Promise<void> => {
  if (new Date(now).getUTCMinutes() % GAUGE_MINUTES !== 0) return;
  const { oldestPendingDays, openDrifts } = await readGauges(ports, now);
  measure({ OldestPendingDays: oldestPendingDays, OpenDrifts: openDrifts });
};

const feed = { ...ports, store: ports.everything };
const adoption = chores(feed, policyAdopter(ports));

/** On a schedule, and behind the rule for approvals of a policy; does the same whatever invoked it. */
export const handler = invoked(async () => {
  const now = ports.clock();
  await recordTimeZone(ports);
  const { ticked, failed } = await runClock(ports, now);
  await adoption({ task: 'sweep' });
  await gauge(now);
  if (failed.length > 0) throw new Error(`${failed.length} streams could not be ticked`);
  return { ticked: ticked.length };
});
