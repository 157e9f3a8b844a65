import type { Compared } from '../rounds.ts';

/** One line of the table: what was compared with what, and the ratio that is aimed at. */
export interface Result extends Compared {
  readonly name: string;
  readonly peerName: string;
  /** What the figures count. */
  readonly unit: string;
  /** The ratio of the medians of the rounds should be at least this. */
  readonly aim: number;
}
