import type { Compared } from '../rounds.ts';

/** One line of the table: what was compared with what, and the ratio that is aimed at. */
export interface Result extends Compared {
  readonly name: string;
  readonly peerName: string;
  /** What the figures count. */
  readonly unit: string;
  /** What the median of the ratios should at least be; null: only told. */
  readonly aim: number | null;
}
