import { localMoment } from '../../domain/kernel/zone.ts';
import { endingWithoutSuccessor } from '../../domain/roster/holders.ts';
import type { HealthCheck } from '../platform/health.ts';
import { readRosters } from './aggregates.ts';
import type { GatePorts } from './ports.ts';
import { zoneInForce } from './settings.ts';

/** Finds terms of office that end within sixty days and that no other follows. */
export const termsCheck =
  (ports: GatePorts): HealthCheck =>
  async () => {
    const [{ inForce }, zone] = await Promise.all([readRosters(ports), zoneInForce(ports)]);
    if (inForce === null) return [];
    return endingWithoutSuccessor(inForce.roster, localMoment(ports.clock(), zone)).map(({ id, body, seat, to }) => ({
      code: 'term-ends',
      detail: `The term of ${id} in ${body}/${seat} ends ${to}, and the roster names no one after it.`,
    }));
  };
