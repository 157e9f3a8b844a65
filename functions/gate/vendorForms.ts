// Storage format: the side store's `vendor-form` entries, named by the SHA-256 of the token.
import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { parseDuration } from '../../domain/kernel/duration.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { plusDuration } from '../../domain/kernel/zone.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

const KIND = 'vendor-form';
/** The channel of a notice that came through such a form; nothing else may say it did. */
export const FORM_CHANNEL = 'form';
const RANDOM_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const ID_CHARS = 16;
/** How long a form can be used when nobody says otherwise, and at most. */
export const FORM_VALID = 'P30D';
const VALID_MAX = 'P1Y';

const StoredForm = z.strictObject({
  vendor: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
});

/** A form by link for one vendor, without its token. `id`: names it in lists and in the provenance of what is sent through it. */
export interface VendorForm {
  readonly id: string;
  readonly vendor: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

const idOf = (tokenHash: string): string => tokenHash.slice(0, ID_CHARS);

const formOf = (tokenHash: string, value: unknown): VendorForm | undefined => {
  const { success, data } = StoredForm.safeParse(value);
  return success ? { id: idOf(tokenHash), ...data } : undefined;
};

/**
 * Makes the link of a form for a vendor; the token is shown this once, kept is its hash. `valid`: an ISO 8601 duration, a year at
 * most. Undefined when the duration cannot be read or is too long.
 */
export const makeVendorForm = async (
  sideStore: SideStore,
  vendor: string,
  valid: string,
  now: string,
): Promise<(VendorForm & { readonly token: string }) | undefined> => {
  if (parseDuration(valid) === undefined) return undefined;
  const expiresAt = plusDuration(now, valid, 'UTC');
  if (expiresAt <= now || expiresAt > plusDuration(now, VALID_MAX, 'UTC')) return undefined;
  const token = randomBytes(RANDOM_BYTES).toString('base64url');
  const tokenHash = hash('sha256', token);
  const stored = { vendor, createdAt: now, expiresAt, revokedAt: null };
  await sideStore.put(KIND, tokenHash, stored);
  return { id: idOf(tokenHash), ...stored, token };
};

/** The forms ever made for a vendor, the expired and revoked ones too. */
export const listVendorForms = async (sideStore: SideStore, vendor: string): Promise<readonly VendorForm[]> =>
  (await sideStore.list(KIND)).flatMap(({ id, value }) => formOf(id, value) ?? []).filter((form) => form.vendor === vendor);

/** Ends every form of a vendor that could still be used; how many those were. */
export const revokeVendorForms = async (sideStore: SideStore, vendor: string, now: string): Promise<number> => {
  let ended = 0;
  for (const { id, value } of await sideStore.list(KIND)) {
    const { success, data } = StoredForm.safeParse(value);
    if (!success || data.vendor !== vendor || data.revokedAt !== null || data.expiresAt <= now) continue;
    await sideStore.put(KIND, id, { ...data, revokedAt: now });
    ended += 1;
  }
  return ended;
};

/** The form of a token while it can be used; undefined for one that is malformed, unknown, expired or revoked, without saying which. */
export const resolveVendorForm = async (sideStore: SideStore, token: string, now: string): Promise<VendorForm | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const tokenHash = hash('sha256', token);
  const form = formOf(tokenHash, await sideStore.get(KIND, tokenHash));
  return form !== undefined && form.revokedAt === null && now < form.expiresAt ? form : undefined;
};
