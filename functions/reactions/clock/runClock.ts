import { latest } from '../../../domain/kernel/order.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { applyRevocations, orderFeature } from '../../gate/feature.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { endLapsedProposal } from '../../gate/rosters.ts';
import { readRules } from '../../gate/rules.ts';
import type { Logger } from '../../platform/logging.ts';
import { newestAfter } from '../../platform/store/submit.ts';
import type { RegisterDoc } from '../../register/documents.ts';
import { dueFeatures } from '../../register/lists.ts';
import { needsCommit, type RegisterPorts } from '../../register/rows.ts';

/** A stream with more to record needs another run. */
const TICKS_MAX = 20;

type ClockPorts = GatePorts & RegisterPorts & { readonly logger: Logger };

/** `failed`: features, or the roster, which the next run retries. */
interface ClockRun {
  readonly ticked: readonly string[];
  readonly failed: readonly string[];
}

const tick = async (ports: ClockPorts, { key, version, state }: RegisterDoc, now: string, policy: boolean): Promise<boolean> => {
  let [current, at, wrote] = [state, version, false];
  for (let ticks = 0; ticks < TICKS_MAX && needsCommit(current, now, policy); ticks += 1) {
    const done = await orderFeature(
      { ...ports, clock: () => latest(now, ports.clock()) },
      { key, commandId: `clock/${key}@${at}`, actor: 'clock', request: { type: 'tick' } },
    );
    if (!done.ok) throw new Error(`${done.rejection.code}: ${done.rejection.detail}`);
    if (!done.appended && done.version === at) break;
    wrote ||= done.appended;
    current = done.state;
    at = done.version;
  }
  return wrote;
};

/**
 * Brings recorded revocations into the streams of their features, ends a proposal that lapsed, then records in every feature
 * the time events due by `now` (lapses, deadlines, expiries) and binds changes that arrived before the first policy. Answers do not
 * depend on it; mails and the history do. Two concurrent runs write nothing twice. While the clock is behind what was committed, nothing
 * is due.
 */
export const runClock = async (ports: ClockPorts, now: string): Promise<ClockRun> => {
  await applyRevocations(ports);
  if ((await newestAfter(ports, latest(now, ports.clock()))) !== undefined) return { ticked: [], failed: [] };
  const policy = (await readRules(ports)).policy !== null;
  const ticked: string[] = [];
  const failed: string[] = [];
  const attempt = async (key: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed.push(key);
      ports.logger({ level: 'error', event: 'clock could not tick', key, error: String(error) });
    }
  };
  await attempt(ROSTER_STREAM, () => endLapsedProposal(ports, now));
  for (const register of await dueFeatures(ports, now, policy))
    await attempt(register.key, async () => {
      if (await tick(ports, register, now, policy)) ticked.push(register.key);
    });
  return { ticked, failed };
};
