import { isValid } from '../../domain/vendors/keys.ts';
import type { Finding, HealthCheck } from '../platform/health.ts';
import { readRosters } from './aggregates.ts';
import { addressOf } from './directory.ts';
import type { GatePorts } from './ports.ts';
import { listVendors, secretOf } from './vendors.ts';

const missing = (detail: string): Finding => ({ code: 'record-altered', detail });

const secretsMissing = async (ports: GatePorts): Promise<readonly Finding[]> => {
  const now = ports.clock();
  const found: Finding[] = [];
  for (const { id, keys } of await listVendors(ports))
    for (const known of keys)
      if (known.key.scheme === 'v1' && isValid(known, now) && (await secretOf(ports, known.key.id)) === undefined)
        found.push(missing(`The secret of key ${known.key.id} of ${id} is missing or altered: what it signs is refused.`));
  return found;
};

const addressesMissing = async (ports: GatePorts): Promise<readonly Finding[]> => {
  const { inForce } = await readRosters(ports);
  const found: Finding[] = [];
  for (const holder of Object.keys(inForce?.contacts ?? {}))
    if (!(await addressOf(ports, holder)).ok)
      found.push(missing(`The mail address of ${holder} is missing, or not the one the roster committed to: no mail leaves.`));
  return found;
};

/**
 * Finds what the events say is there and the side store does not have as they say: the secret of a vendor's valid key, and the
 * address of each person in office.
 */
export const recordsCheck =
  (ports: GatePorts): HealthCheck =>
  async () => [...(await secretsMissing(ports)), ...(await addressesMissing(ports))];
