import type { Store } from '../platform/store/port.ts';
import type { Side } from '../platform/store/side.ts';

/** Where officials' texts lie, and where their redactions are facts. */
export interface TextPorts {
  readonly store: Store;
  readonly side: Side;
}
