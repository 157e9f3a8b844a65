import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { formStream } from '../../domain/access/state.ts';
import { parseDuration } from '../../domain/kernel/duration.ts';
import { object } from '../../domain/kernel/lazyObject.ts';
import { plusDuration } from '../../domain/kernel/zone.ts';
import { CorruptStore, ifReadable } from '../platform/store/errors.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess } from './access.ts';

/** Side kind: the vendors of existing forms, by the SHA-256 of the token. */
const LISTED = 'vendor-form';
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
  const [state, listed] = await Promise.all([readAccess(store, formStream(tokenHash)), sideStore.get(LISTED, tokenHash)]);
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
  await ports.sideStore.put(LISTED, tokenHash, { vendor });
  const done = await orderAccess(ports, formStream(tokenHash), {
    commandId: `form/${tokenHash}`,
    actor: 'operator',
    command: (at) => ({ type: 'issue', at, issued: { kind: 'form', vendor, expiresAt } }),
  });
  if (!done.ok) throw new Error(`a form cannot be recorded: ${done.rejection.detail}`);
  return { id: idOf(tokenHash), vendor, createdAt: done.at, expiresAt, revokedAt: null, token };
};

const Listed = object(() => ({ vendor: z.string() }));

/** By the hashes of their tokens, expired and revoked ones too; undefined for one that cannot be read, which opens nothing. */
const formsOf = async (ports: FormPorts, vendor: string): Promise<ReadonlyMap<string, VendorForm | undefined>> => {
  const listed = (await ports.sideStore.list(LISTED)).filter(({ value }) => Listed.safeParse(value).data?.vendor === vendor);
  return new Map(await Promise.all(listed.map(async ({ id }) => [id, await ifReadable(readForm(ports, id))] as const)));
};

/** All that can be read, expired and revoked ones too. */
export const listVendorForms = async (ports: FormPorts, vendor: string): Promise<readonly VendorForm[]> =>
  [...(await formsOf(ports, vendor)).values()].filter((form) => form !== undefined);

const revocation = (sha256: string) => ({
  commandId: `form/${sha256}/revoke`,
  actor: 'operator',
  command: (at: string) => ({ type: 'revoke', at }) as const,
});

/**
 * Revokes every form of a vendor that is still valid; returns their number. Throws CorruptStore, once it has revoked the others, if one
 * cannot be read.
 */
export const revokeVendorForms = async (ports: FormPorts, vendor: string): Promise<number> => {
  const now = ports.clock();
  const revocable = [...(await formsOf(ports, vendor))].filter(
    ([, form]) => form === undefined || (form.revokedAt === null && form.expiresAt > now),
  );
  let [revoked, unreadable] = [0, 0];
  for (const [sha256] of revocable) {
    const done = await ifReadable(orderAccess(ports, formStream(sha256), revocation(sha256)));
    if (done === undefined) unreadable += 1;
    else if (done.ok) revoked += 1;
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
  return form !== undefined && form.revokedAt === null && ports.clock() < form.expiresAt ? form : undefined;
};
