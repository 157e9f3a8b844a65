import type { Compared } from '../rounds.ts';

/** One line of the table: what was compared with what, and the ratio that is aimed at. */
export interface Result extends Compared {
  readonly name: string;
  readonly peerName: string;
  /** What the figures count. */
  readonly unit: string;
  /** The least median of the ratios that is aimed at; null if the measure has no aim. */
  readonly aim: number | null;
}
