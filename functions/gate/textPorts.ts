import type { Store } from '../store/port.ts';
import type { Side } from '../store/side.ts';

/** Where officials' texts lie, and where their redactions are facts. */
export interface TextPorts {
  readonly store: Store;
  readonly side: Side;
}
