import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { formStream } from '../../domain/access/decide.ts';
import { CITY, vendorOf } from '../../domain/feature/keys.ts';
import type { Check, Rejected } from '../../domain/kernel/decider.ts';
import { object, strictObject } from '../../domain/kernel/zodTypes.ts';
import { parseDuration, plusDuration } from '../../domain/kernel/zone.ts';
import type { VendorCommand, VendorRejection } from '../../domain/vendors/decide.ts';
import { type KnownKey, type VendorKey, vendorStream } from '../../domain/vendors/events.ts';
import { CorruptStore, ifReadable } from '../platform/store/errors.ts';
import { load } from '../platform/store/load.ts';
import { type ListPart, readPart, type SideEntry, type SideStore } from '../platform/store/sideStore.ts';
import { presentInstant, type StoreRejection, type SubmitPorts, submit } from '../platform/store/submit.ts';
import { orderAccess, readAccess, revokeAccess, vendorAggregate } from './aggregates.ts';
import type { MailAddress } from './directory.ts';
import type { GatePorts } from './ports.ts';

/** Side kinds: the existing vendors (a derived list), and the secrets of `v1` keys by key id. */
const VENDOR = 'vendor';
const SECRET = 'vendor-secret';
const SECRET_BYTES = 32;
const StoredSecret = strictObject(() => ({ secret: z.string().startsWith('whsec_') }));

interface IssuedKey {
  readonly id: string;
  readonly scheme: 'v1a' | 'v1';
  readonly secret?: string;
}

export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly KnownKey[];
  /** False if its events cannot be read; then no key of it is known. */
  readonly readable: boolean;
}

export type VendorOutcome =
  | { readonly ok: true; readonly id: string; readonly keys: readonly IssuedKey[] }
  | Rejected<VendorRejection | StoreRejection>;

interface NewKey {
  readonly key: VendorKey;
  readonly issued: IssuedKey;
}

/** Its own Ed25519 key, or a new shared secret, stored before any event names it. */
const newKey = async ({ sideStore }: GatePorts, publicKey: string | undefined): Promise<NewKey> => {
  const id = `k_${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}`;
  if (publicKey !== undefined) return { key: { id, scheme: 'v1a', publicKey }, issued: { id, scheme: 'v1a' } };
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  await sideStore.put(SECRET, id, { secret });
  return { key: { id, scheme: 'v1' }, issued: { id, scheme: 'v1', secret } };
};

const run = async (
  ports: GatePorts,
  id: string,
  { key, issued }: NewKey,
  command: (at: string) => VendorCommand,
): Promise<VendorOutcome> => {
  const done = await submit(ports, vendorAggregate, {
    stream: vendorStream(id),
    commandId: `vendor/${id}/${key.id}`,
    actor: 'operator',
    command,
  });
  if (!done.ok) {
    await ports.sideStore.remove(SECRET, key.id);
    return done;
  }
  await ports.sideStore.put(VENDOR, id, { name: done.state.name });
  return { ok: true, id, keys: [issued] };
};

/** With a public key notices are signed `v1a`; without one `v1`, with a new secret. */
export const addVendor = async (ports: GatePorts, id: string, name: string, publicKey?: string): Promise<VendorOutcome> => {
  const made = await newKey(ports, publicKey);
  return run(ports, id, made, (at) => ({ type: 'addVendor', at, vendor: id, name, key: made.key }));
};

/** The present keys stay valid for a week. */
export const rotateVendor = async (ports: GatePorts, id: string, publicKey?: string): Promise<VendorOutcome> => {
  const made = await newKey(ports, publicKey);
  return run(ports, id, made, (at) => ({ type: 'rotateKey', at, key: made.key }));
};

/** Ends a key at once. Ending it again has no effect; what it signed before stays. */
export const revokeVendorKey = async (
  ports: GatePorts,
  id: string,
  keyId: string,
): Promise<Check<VendorRejection | StoreRejection>> => {
  const done = await submit(ports, vendorAggregate, {
    stream: vendorStream(id),
    commandId: `vendor/${id}/${keyId}/revoke`,
    actor: 'operator',
    command: (at): VendorCommand => ({ type: 'retireKey', at, keyId }),
  });
  if (!done.ok) return done;
  await ports.sideStore.remove(SECRET, keyId);
  return { ok: true };
};

/** The city's name for its own changes; the id of a vendor that cannot be read. */
export const vendorName = async ({ store, city }: Pick<GatePorts, 'store' | 'city'>, key: string): Promise<string> => {
  const vendor = vendorOf(key);
  if (vendor === CITY) return city.name;
  return (await ifReadable(load(store, vendorAggregate, vendorStream(vendor))))?.state.name ?? vendor;
};

export const readVendor = async ({ store }: GatePorts, id: string): Promise<Vendor | undefined> => {
  const { state } = await load(store, vendorAggregate, vendorStream(id));
  return state.vendor === null ? undefined : { id, name: state.name ?? id, keys: state.keys, readable: true };
};

const Listed = object(() => ({ name: z.string().nullable() }));

/** Lists vendors by id; a vendor whose events cannot be read is listed without keys. */
export const vendorsAfter = async (ports: GatePorts, after: string, limit: number): Promise<ListPart<Vendor>> => {
  const listed = await ports.sideStore.list(VENDOR, '', { after, limit: limit + 1 });
  const unreadable = ({ id, value }: SideEntry): Vendor => ({
    id,
    name: Listed.safeParse(value).data?.name ?? id,
    keys: [],
    readable: false,
  });
  return readPart(listed, limit, (entry) => ifReadable(readVendor(ports, entry.id), () => unreadable(entry)));
};

export const listVendors = async (ports: GatePorts): Promise<readonly Vendor[]> =>
  (await vendorsAfter(ports, '', Number.POSITIVE_INFINITY)).items;

/** `whsec_…`; undefined if it is not stored here. */
export const secretOf = async ({ sideStore }: GatePorts, keyId: string): Promise<string | undefined> =>
  StoredSecret.safeParse(await sideStore.get(SECRET, keyId)).data?.secret;

/** Side kind: where a vendor wants mail about its contracts, by vendor. */
const CONTACT = 'vendor-contact';
const Contact = strictObject(() => ({ email: z.string(), language: z.string() }));

export const vendorContact = async (sideStore: SideStore, vendor: string): Promise<MailAddress | undefined> =>
  Contact.safeParse(await sideStore.get(CONTACT, vendor)).data;

export const setVendorContact = (sideStore: SideStore, vendor: string, contact: MailAddress | undefined): Promise<void> =>
  contact === undefined ? sideStore.remove(CONTACT, vendor) : sideStore.put(CONTACT, vendor, { ...contact });

/** Side kind: the vendors of existing forms, by the SHA-256 of the token. */
const FORMS = 'vendor-form';
/** No other notice may claim it. */
export const FORM_CHANNEL = 'form';
const RANDOM_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const ID_CHARS = 16;
/** The default validity, and the maximum. */
export const FORM_VALID = 'P30D';
const VALID_MAX = 'P1Y';

/** `id`: names it in lists and in the provenance of what is sent through it. */
export interface VendorForm {
  readonly id: string;
  readonly vendor: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

const idOf = (tokenHash: string): string => tokenHash.slice(0, ID_CHARS);

type FormPorts = SubmitPorts & { readonly sideStore: SideStore };

/** Undefined if none was issued or it is not listed: an unlisted form cannot be revoked. */
const readForm = async (
  { store, sideStore }: Pick<FormPorts, 'store' | 'sideStore'>,
  tokenHash: string,
): Promise<VendorForm | undefined> => {
  const [state, listed] = await Promise.all([readAccess(store, formStream(tokenHash)), sideStore.get(FORMS, tokenHash)]);
  if (state?.kind !== 'form' || listed === undefined) return undefined;
  const { vendor, issuedAt: createdAt, expiresAt, revokedAt } = state;
  return { id: idOf(tokenHash), vendor, createdAt, expiresAt, revokedAt };
};

/** Creates a form link and returns its token, this once. `valid`: an ISO 8601 duration, a year at most; else undefined. */
export const makeVendorForm = async (
  ports: FormPorts,
  vendor: string,
  valid: string,
): Promise<(VendorForm & { readonly token: string }) | undefined> => {
  if (parseDuration(valid) === undefined) return undefined;
  const now = ports.clock();
  const expiresAt = plusDuration(now, valid, 'UTC');
  if (expiresAt <= now || expiresAt > plusDuration(now, VALID_MAX, 'UTC')) return undefined;
  const token = randomBytes(RANDOM_BYTES).toString('base64url');
  const tokenHash = hash('sha256', token);
  await ports.sideStore.put(FORMS, tokenHash, { vendor });
  const done = await orderAccess(ports, formStream(tokenHash), {
    commandId: `form/${tokenHash}`,
    actor: 'operator',
    command: (at) => ({ type: 'issue', at, issued: { kind: 'form', vendor, expiresAt } }),
  });
  if (!done.ok) throw new Error(`a form cannot be recorded: ${done.rejection.detail}`);
  return { id: idOf(tokenHash), vendor, createdAt: done.at, expiresAt, revokedAt: null, token };
};

const ListedForm = object(() => ({ vendor: z.string() }));

/** A vendor's forms by the hashes of their tokens, expired and revoked ones too, in order. */
const formsOf = async ({ sideStore }: FormPorts, vendor: string): Promise<readonly SideEntry[]> =>
  (await sideStore.list(FORMS)).filter(({ value }) => ListedForm.safeParse(value).data?.vendor === vendor);

/** All that can be read, expired and revoked ones too. */
export const formsAfter = async (
  ports: FormPorts,
  vendor: string,
  after: string,
  limit: number,
): Promise<ListPart<VendorForm>> => {
  const listed = (await formsOf(ports, vendor)).filter(({ id }) => id > after);
  return readPart(listed, limit, ({ id }) => ifReadable(readForm(ports, id)));
};

/**
 * Revokes every valid form of a vendor; returns their number. Throws StoreUnavailable as soon as one may not have been recorded, and
 * CorruptStore, once it has revoked the others, if one cannot be read.
 */
export const revokeVendorForms = async (ports: FormPorts, vendor: string): Promise<number> => {
  const now = ports.clock();
  let [revoked, unreadable] = [0, 0];
  for (const { id: sha256 } of await formsOf(ports, vendor)) {
    const form = await ifReadable(readForm(ports, sha256));
    if (form !== undefined && (form.revokedAt !== null || form.expiresAt <= now)) continue;
    const done = await ifReadable(revokeAccess(ports, formStream(sha256), `form/${sha256}/revoke`));
    if (done === undefined) unreadable += 1;
    else if (done) revoked += 1;
  }
  if (unreadable > 0) throw new CorruptStore(`${revoked} forms are revoked; ${unreadable} cannot be read`);
  return revoked;
};

/** Undefined, without distinguishing, if the token is malformed, unknown, expired or revoked. */
export const resolveVendorForm = async (
  ports: Pick<FormPorts, 'store' | 'sideStore' | 'clock'>,
  token: string,
): Promise<VendorForm | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const form = await readForm(ports, hash('sha256', token));
  // What is over stays over for a clock that was put back.
  const present = await presentInstant(ports);
  return form !== undefined && form.revokedAt === null && present < form.expiresAt ? form : undefined;
};
