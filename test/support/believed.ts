import { heldLimits } from '../../functions/log/sequencer/logIndex.ts';
import { Alterations, Ledger } from '../../functions/platform/ledger.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';

/** Returns a store as it is read for answers on AWS: without streams that the sequencer has put on hold. */
export const believed = (store: Store, sideStore: SideStore): Store =>
  new Ledger({ held: () => heldLimits(sideStore) }, new Alterations()).believed(store);
