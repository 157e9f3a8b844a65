import * as z from 'zod';
import { CITY, vendorOf } from '../../../domain/feature/keys.ts';
import { VendorId, vendorStream } from '../../../domain/vendors/keys.ts';
import { vendorAggregate } from '../../gate/aggregates.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { load } from '../../platform/store/load.ts';
import type { SiteDeps } from './deps.ts';

/** Returns the name of the vendor that owns a key; its id if it has no name, the city's for the city's own keys. */
export const vendorName = async ({ store, city }: GatePorts, key: string): Promise<string> => {
  const vendor = vendorOf(key);
  if (vendor === CITY) return city.name;
  return (await ifReadable(load(store, vendorAggregate, vendorStream(vendor))))?.state.name ?? vendor;
};

/** Reports whether an id is a vendor's, or the city's own `aldergate`. */
export const isVendor = (id: string): boolean => id === CITY || VendorId.safeParse(id).success;

/** A vendor as a query parameter. */
export const VendorQuery = VendorId.or(z.literal(CITY)).optional();

/** Reads the names of vendors, by id. */
export const vendorNames = async ({ ports }: SiteDeps, ids: readonly string[]): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all(ids.map(async (id) => [id, await vendorName(ports, id)] as const)));
