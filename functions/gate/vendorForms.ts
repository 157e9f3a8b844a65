import { hash, randomBytes } from 'node:crypto';
import { formStream } from '../../domain/access/state.ts';
import { parseDuration } from '../../domain/kernel/duration.ts';
import { plusDuration } from '../../domain/kernel/zone.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess } from './access.ts';

/** Side kind: the vendors of the forms there are, by the SHA-256 of the token. */
const LISTED = 'vendor-form';
/** The channel of a notice that came through such a form; nothing else may say it did. */
export const FORM_CHANNEL = 'form';
const RANDOM_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const ID_CHARS = 16;
/** How long a form can be used when nobody says otherwise, and at most. */
export const FORM_VALID = 'P30D';
const VALID_MAX = 'P1Y';

/** A form by link for one vendor, without its token. `id`: names it in lists and in the provenance of what is sent through it. */
export interface VendorForm {
  readonly id: string;
  readonly vendor: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

const idOf = (tokenHash: string): string => tokenHash.slice(0, ID_CHARS);

type FormPorts = SubmitPorts & { readonly sideStore: SideStore };

/** Returns a form as its events have it; undefined if none was issued, or if it is not listed: what cannot be ended does not count. */
const readForm = async (
  { store, sideStore }: Pick<FormPorts, 'store' | 'sideStore'>,
  tokenHash: string,
): Promise<VendorForm | undefined> => {
  const [state, listed] = await Promise.all([readAccess(store, formStream(tokenHash)), sideStore.get(LISTED, tokenHash)]);
  if (state?.kind !== 'form' || listed === undefined) return undefined;
  const { vendor, issuedAt: createdAt, expiresAt, revokedAt } = state;
  return { id: idOf(tokenHash), vendor, createdAt, expiresAt, revokedAt };
};

/**
 * Makes the link of a form for a vendor; its token is returned this once, only the hash is kept. `valid`: an ISO 8601 duration, a year at most.
 * Undefined when the duration cannot be read or is too long.
 */
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
    command: (at) => ({ type: 'issueForm', at, vendor, expiresAt }),
  });
  if (!done.ok) throw new Error(`a form cannot be recorded: ${done.rejection.detail}`);
  return { id: idOf(tokenHash), vendor, createdAt: done.at, expiresAt, revokedAt: null, token };
};

/** Returns the forms ever made for a vendor, with the hashes of their tokens, the expired and revoked ones too. */
const formsOf = async (ports: FormPorts, vendor: string) => {
  const listed = await ports.sideStore.list(LISTED);
  const forms = await Promise.all(
    listed.map(async ({ id: tokenHash }) => ({ tokenHash, form: await readForm(ports, tokenHash) })),
  );
  return forms.flatMap(({ tokenHash, form }) => (form?.vendor === vendor ? [{ tokenHash, form }] : []));
};

/** Returns the forms ever made for a vendor, the expired and revoked ones too. */
export const listVendorForms = async (ports: FormPorts, vendor: string): Promise<readonly VendorForm[]> =>
  (await formsOf(ports, vendor)).map(({ form }) => form);

/** Ends every form of a vendor that could still be used. Returns how many those were. */
export const revokeVendorForms = async (ports: FormPorts, vendor: string): Promise<number> => {
  const now = ports.clock();
  const open = (await formsOf(ports, vendor)).filter(({ form }) => form.revokedAt === null && now < form.expiresAt);
  for (const { tokenHash } of open)
    await orderAccess(ports, formStream(tokenHash), {
      commandId: `form/${tokenHash}/revoke`,
      actor: 'operator',
      command: (at) => ({ type: 'revoke', at }),
    });
  return open.length;
};

/** Returns the form of a token while it can be used; undefined for one that is malformed, unknown, expired or revoked, without saying which. */
export const resolveVendorForm = async (
  ports: Pick<FormPorts, 'store' | 'sideStore' | 'clock'>,
  token: string,
): Promise<VendorForm | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const form = await readForm(ports, hash('sha256', token));
  return form !== undefined && form.revokedAt === null && ports.clock() < form.expiresAt ? form : undefined;
};
