import type { SideStore } from '../../platform/store/sideStore.ts';

/** Side kind: who switched the weekly mail off, by the id of the holder. */
const OFF = 'weekly-off';

export const isWeeklyOff = async (sideStore: SideStore, holder: string): Promise<boolean> =>
  (await sideStore.get(OFF, holder)) !== undefined;

export const setWeekly = (sideStore: SideStore, holder: string, on: boolean, at: string): Promise<void> =>
  on ? sideStore.remove(OFF, holder) : sideStore.put(OFF, holder, { at });
