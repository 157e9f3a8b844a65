import type { Compared } from '../rounds.ts';

/** One line of the table: the comparison and the target ratio. */
export interface Result extends Compared {
  readonly name: string;
  readonly peerName: string;
  /** The unit of the figures. */
  readonly unit: string;
  /** The target for the median ratio; null if the measure has none. */
  readonly aim: number | null;
}
