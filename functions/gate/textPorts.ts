import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

/** Where officials' texts lie, and where their redactions are facts. */
export interface TextPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}
