import * as z from 'zod';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { MailAddress } from './directory.ts';

/** Side kind: where a vendor wants mail about its contracts, by vendor. */
const CONTACT = 'vendor-contact';
const Contact = strictObject(() => ({ email: z.string(), language: z.string() }));

/** Undefined if the city knows of none. */
export const vendorContact = async (sideStore: SideStore, vendor: string): Promise<MailAddress | undefined> =>
  Contact.safeParse(await sideStore.get(CONTACT, vendor)).data;

/** Undefined removes it. */
export const setVendorContact = (sideStore: SideStore, vendor: string, contact: MailAddress | undefined): Promise<void> =>
  contact === undefined ? sideStore.remove(CONTACT, vendor) : sideStore.put(CONTACT, vendor, { ...contact });
