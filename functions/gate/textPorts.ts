import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

/** The ports for officials' texts: where they are stored, and where their redactions are recorded. */
export interface TextPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}
