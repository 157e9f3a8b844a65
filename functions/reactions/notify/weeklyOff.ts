import type { Side } from '../../platform/store/side.ts';

/** Side kind: who switched the weekly mail off, by the id of the holder. */
const OFF = 'weekly-off';

export const isWeeklyOff = async (side: Side, holder: string): Promise<boolean> => (await side.get(OFF, holder)) !== undefined;

export const setWeekly = (side: Side, holder: string, on: boolean, at: string): Promise<void> =>
  on ? side.remove(OFF, holder) : side.put(OFF, holder, { at });
