import { localMoment } from '../../../domain/kernel/zone.ts';
import { readRosters } from '../../gate/aggregates.ts';
import type { Store } from '../../platform/store/port.ts';
import { clerksOf, type Recipient } from './draft.ts';
import type { PostPorts } from './post.ts';

export interface DriftPorts extends PostPorts {
  readonly store: Store;
  readonly zone: string;
  /** Undefined if the city has no such address. */
  readonly itMail: string | undefined;
}

/** The clerks in office, and IT. */
export const clerksAndIt = async (
  ports: Pick<DriftPorts, 'store' | 'clock' | 'zone' | 'itMail'>,
): Promise<readonly Recipient[]> => {
  const { inForce } = await readRosters(ports);
  const today = localMoment(ports.clock(), ports.zone);
  const clerks = inForce === null ? [] : clerksOf(inForce.roster, today);
  return [...clerks.map((holder) => ({ holder })), ...(ports.itMail === undefined ? [] : [{ itMail: ports.itMail }])];
};
