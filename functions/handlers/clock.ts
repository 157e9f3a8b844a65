import { object } from '../../domain/kernel/zodTypes.ts';
import { recordTimeZone } from '../gate/rules.ts';
import { reportOldCopies } from '../log/health.ts';
import { policyAdopter } from '../reactions/adoption/policies.ts';
import { runClock } from '../reactions/clock/runClock.ts';
import { type BusEvent, type Chore, chores, isFirstInInterval } from './runtime/consumers.ts';
import { CitySettings, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { gatePorts } from './runtime/ports.ts';
import { whenOpen } from './runtime/stage.ts';

const ports = await gatePorts(readEnvironment(object(() => ({ ...Tables.shape, ...CitySettings.shape }))));

const adoption = chores({ ...ports, store: ports.everything }, policyAdopter(ports));

/** The age of the copies is checked here, so that it is logged even if the function `copies` does not run. */
const COPIES_EVERY_MINUTES = 60;

const tick = async (event: BusEvent | Chore) => {
  if ('task' in event && event.task === 'replay') return adoption(event);
  const now = ports.clock();
  await recordTimeZone(ports);
  const { ticked, failed } = await runClock(ports, now);
  await adoption({ task: 'sweep' });
  // Last, so that unreadable copies do not delay a decision.
  if ('task' in event && isFirstInInterval(COPIES_EVERY_MINUTES, event)) await reportOldCopies(ports);
  if (failed.length > 0) throw new Error(`${failed.length} streams could not be ticked`);
  return { ticked: ticked.length };
};

/**
 * Invoked by a schedule, by the rule for approvals of a policy, or by a person for `replay`. Does the same whatever invoked it,
 * and checks the copies once an hour.
 */
export const handler = invoked(whenOpen(ports, async () => tick));
