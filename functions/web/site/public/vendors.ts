import * as z from 'zod';
import { CITY, vendorOf } from '../../../../domain/feature/keys.ts';
import { VendorId } from '../../../../domain/vendors/keys.ts';
import type { SiteDeps } from '../deps.ts';
import { vendorName } from '../vendors.ts';

/** A vendor in an address; a city's own entries are under `aldergate`. */
export const isVendor = (id: string): boolean => id === CITY || VendorId.safeParse(id).success;

/** A vendor as a parameter. */
export const VendorQuery = VendorId.or(z.literal(CITY)).optional();

/** The vendors of some features, by id. */
export const vendorsOf = (rows: readonly { readonly key: string }[]): readonly string[] =>
  [...new Set(rows.map(({ key }) => vendorOf(key)))].sort();

/** What vendors are called, by id. */
export const vendorNames = async ({ ports }: SiteDeps, ids: readonly string[]): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all(ids.map(async (id) => [id, await vendorName(ports, id)] as const)));
