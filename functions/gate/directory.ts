// Storage format: the side store's `directory` entries by holder, and `directory-proposed` by the digest of a proposed roster.
import * as z from 'zod';
import { object, strictObject } from '../../domain/kernel/zodTypes.ts';
import { contactCommitment, directoryOf, salted } from '../../domain/roster/contacts.ts';
import { type Contacts, contactOf, type RosterFile } from '../../domain/roster/schema.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { policyEvents, readRosters, rosterAggregate } from './aggregates.ts';

const DIRECTORY = 'directory';
const PROPOSED = 'directory-proposed';

/** `salt`: base64; with the address it opens the commitment in the roster's events. */
const Entry = strictObject(() => ({ email: z.string(), language: z.string(), salt: z.base64() }));
type Entry = z.infer<typeof Entry>;
const Entries = z.record(z.string(), Entry);
type DirectoryEntries = z.infer<typeof Entries>;

export interface MailAddress {
  readonly email: string;
  readonly language: string;
}

/** Returns the addresses of a roster file by holder. `secret`: see `salted`. */
export const entriesOf = (file: RosterFile, secret: Uint8Array): DirectoryEntries =>
  Object.fromEntries(
    directoryOf(file).map((contact) => [
      contact.holder,
      {
        email: contact.email,
        language: file.holders.find(({ id }) => id === contact.holder)?.language ?? 'en',
        salt: Buffer.from(salted(contact, secret).salt).toString('base64'),
      },
    ]),
  );

interface DirectoryReads {
  readonly store: Store;
  readonly sideStore: SideStore;
}

export const keepProposed = (sideStore: SideStore, sha256: string, entries: DirectoryEntries): Promise<void> =>
  sideStore.put(PROPOSED, sha256, entries);

export const dropProposed = (sideStore: SideStore, sha256: string): Promise<void> => sideStore.remove(PROPOSED, sha256);

const readProposed = async (sideStore: SideStore, sha256: string): Promise<DirectoryEntries | undefined> =>
  Entries.safeParse(await sideStore.get(PROPOSED, sha256)).data;

/** Puts the addresses of a confirmed roster into use. */
export const applyProposed = async (sideStore: SideStore, sha256: string): Promise<void> => {
  const entries = await readProposed(sideStore, sha256);
  if (entries === undefined) return;
  for (const { id } of await sideStore.list(DIRECTORY)) if (!Object.hasOwn(entries, id)) await sideStore.remove(DIRECTORY, id);
  for (const [holder, entry] of Object.entries(entries)) await sideStore.put(DIRECTORY, holder, entry);
  await dropProposed(sideStore, sha256);
};

/**
 * Puts the addresses of a policy's new holders into use once the roster that follows is in force, and deletes those of persons who left.
 */
export const applyFollowing = async ({ store, sideStore }: DirectoryReads, sha256: string): Promise<void> => {
  const { inForce } = await readRosters({ store });
  if (inForce === null) return;
  const entries = await readProposed(sideStore, sha256);
  for (const [holder, entry] of Object.entries(entries ?? {}))
    if (opens(contactOf(inForce, holder), holder, entry)) await sideStore.put(DIRECTORY, holder, entry);
  for (const { id } of await sideStore.list(DIRECTORY))
    if (contactOf(inForce, id) === undefined) await sideStore.remove(DIRECTORY, id);
  await dropProposed(sideStore, sha256);
};

/** Deletes the addresses of rosters that no longer wait. Those that came with a policy stay while its vote may wait. */
export const forgetProposed = async ({ store, sideStore }: DirectoryReads): Promise<void> => {
  // Read first, since a proposal is in its stream before its addresses are stored.
  const kept = await sideStore.list(PROPOSED);
  const standing = await ifReadable(Promise.all([readRosters({ store }), policyEvents({ store })]));
  if (standing === undefined) return;
  const [{ inForce, proposal }, policies] = standing;
  const wanted = new Set([inForce, proposal, ...policies].map((each) => each?.sha256));
  for (const { id } of kept) if (!wanted.has(id)) await dropProposed(sideStore, id);
};

const Unverified = object(() => ({ email: z.string(), language: z.string() }));

/** Returns a holder's unverified entry: enough to recognise an address, not to send mail to it. */
export const directoryEntry = async (sideStore: SideStore, holder: string): Promise<MailAddress | undefined> =>
  Unverified.safeParse(await sideStore.get(DIRECTORY, holder)).data;

export const directoryHolders = async (sideStore: SideStore): Promise<readonly string[]> =>
  (await sideStore.list(DIRECTORY)).map(({ id }) => id);

/** `altered`: the address differs from the one the roster in force committed to. */
type Addressed =
  | { readonly ok: true; readonly address: MailAddress }
  | { readonly ok: false; readonly problem: 'missing' | 'altered' };

/**
 * Returns a person's address if the roster's events commit to it. The address of a confirmed roster counts before it reaches the directory;
 * while the newest commits cannot be read, earlier ones count.
 */
export const addressOf = async ({ store, sideStore }: DirectoryReads, holder: string): Promise<Addressed> => {
  const { inForce } = await loadReadable(store, rosterAggregate, ROSTER_STREAM);
  const stored = Entry.safeParse(await sideStore.get(DIRECTORY, holder)).data;
  if (inForce !== null) {
    const committed = contactOf(inForce, holder);
    if (opens(committed, holder, stored)) return { ok: true, address: stored };
    const coming = await proposedEntry(sideStore, inForce.sha256, holder);
    if (opens(committed, holder, coming)) return { ok: true, address: coming };
  }
  return { ok: false, problem: stored === undefined ? 'missing' : 'altered' };
};

/** Returns an address under a proposed roster; undefined unless it is the one the proposal committed to. */
export const proposedAddress = async (
  { sideStore }: { readonly sideStore: SideStore },
  proposal: { readonly sha256: string; readonly contacts: Contacts },
  holder: string,
): Promise<string | undefined> => {
  const entry = await proposedEntry(sideStore, proposal.sha256, holder);
  return opens(contactOf(proposal, holder), holder, entry) ? entry.email : undefined;
};

const proposedEntry = async (sideStore: SideStore, sha256: string, holder: string): Promise<Entry | undefined> => {
  const entries = (await readProposed(sideStore, sha256)) ?? {};
  return Object.hasOwn(entries, holder) ? entries[holder] : undefined;
};

const opens = (committed: string | undefined, holder: string, entry: Entry | undefined): entry is Entry => {
  if (entry === undefined || committed === undefined) return false;
  const salt = Buffer.from(entry.salt, 'base64');
  return salt.length === 32 && contactCommitment({ holder, email: entry.email, salt }) === committed;
};
