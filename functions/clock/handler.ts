import * as z from 'zod';
import { chores } from '../aws/consumerHandler.ts';
import { City, readEnvironment, Tables } from '../aws/environment.ts';
import { invoked } from '../aws/log.ts';
import { gatePorts } from '../aws/ports.ts';
import { policyAdopter } from '../gate/policyChange.ts';
import { redactor } from '../gate/redactText.ts';
import { runClock } from './runClock.ts';

const ports = gatePorts(readEnvironment(z.object({ ...Tables.shape, ...City.shape })));
const adoption = chores(ports, policyAdopter(ports));
const redaction = chores(ports, redactor(ports));

/**
 * The clock as a Lambda on a schedule, and behind the rule for approvals of a policy: records what time has done, and brings an
 * approved policy into force, takes away what a crash left of a redacted text. What triggered it does not matter.
 */
export const handler = invoked(async () => {
  const { ticked, failed } = await runClock(ports, ports.clock());
  await adoption({ task: 'sweep' });
  await redaction({ task: 'sweep' });
  if (failed.length > 0) throw new Error(`${failed.length} features could not be ticked`);
  return { ticked: ticked.length };
});
