import { vendorOf } from '../../../domain/feature/keys.ts';
import { vendorStream } from '../../../domain/vendors/keys.ts';
import { vendorAggregate } from '../../gate/aggregates.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import { load } from '../../platform/store/load.ts';

/** The name of the vendor that owns a key; its id when it never gave one, as for what the city itself entered. */
export const vendorName = async ({ store }: GatePorts, key: string): Promise<string> => {
  const vendor = vendorOf(key);
  try {
    return (await load(store, vendorAggregate, vendorStream(vendor))).state.name ?? vendor;
  } catch (error) {
    if (error instanceof CorruptStore) return vendor;
    throw error;
  }
};
