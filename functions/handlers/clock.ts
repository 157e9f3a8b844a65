import * as z from 'zod';
import { hasEnded } from '../gate/heads.ts';
import { recordTimeZone } from '../gate/settings.ts';
import { policyAdopter } from '../reactions/adoption/policyChange.ts';
import { redactor } from '../reactions/adoption/redactText.ts';
import { readGauges } from '../reactions/clock/gauges.ts';
import { runClock } from '../reactions/clock/runClock.ts';
import { chores } from './runtime/consumerHandler.ts';
import { CitySettings, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/log.ts';
import { measure } from './runtime/metrics.ts';
import { gatePorts } from './runtime/ports.ts';

const ports = await gatePorts(readEnvironment(z.object({ ...Tables.shape, ...CitySettings.shape })));

/** A gauge that is read every quarter of an hour says enough of what takes days, and costs the register's reads no oftener. */
const GAUGE_MINUTES = 15;

const gauge = async (now: string): Promise<void> => {
  if (new Date(now).getUTCMinutes() % GAUGE_MINUTES !== 0) return;
  const { oldestPendingDays, openDrifts } = await readGauges(ports, now);
  measure({ OldestPendingDays: oldestPendingDays, OpenDrifts: openDrifts });
};

const adoption = chores(ports, policyAdopter(ports));
const redaction = chores(ports, redactor(ports));

/** In a log that has ended time does nothing any more: every answer is no. */
const tick = async (now: string): ReturnType<typeof runClock> => {
  if (await hasEnded(ports)) return { ticked: [], failed: [] };
  await recordTimeZone(ports);
  return runClock(ports, now);
};

/**
 * The clock as a Lambda on a schedule, and behind the rule for approvals of a policy: records what time has done, brings an approved
 * policy into force, and takes away what a crash left of a redacted text. What triggered it does not matter.
 */
export const handler = invoked(async () => {
  const now = ports.clock();
  const { ticked, failed } = await tick(now);
  await adoption({ task: 'sweep' });
  await redaction({ task: 'sweep' });
  await gauge(now);
  if (failed.length > 0) throw new Error(`${failed.length} features could not be ticked`);
  return { ticked: ticked.length };
});
