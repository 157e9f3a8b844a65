import type { Compared } from '../rounds.ts';

/** One line of a table: the comparison and the target ratio. */
export interface Result extends Compared {
  readonly name: string;
  readonly peerName: string;
  /** The unit of the figures. */
  readonly unit: string;
  /** The target for the median ratio; null if the measure has none. */
  readonly aim: number | null;
}

/** A table as it is printed and written into the document. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a part measured: comparisons, then other tables. `notes`: what was left out, and why. */
export interface Measured {
  readonly results: readonly Result[];
  readonly tables?: readonly Table[];
  readonly notes?: readonly string[];
}

/** How large a part is: `quick` for a look within seconds, else in full. `features`: the sizes of registers, if not the usual ones. */
export interface Scale {
  readonly quick: boolean;
  readonly features: readonly number[] | undefined;
}
