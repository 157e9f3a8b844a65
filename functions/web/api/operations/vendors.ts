import { cutOffLinksOf, resetPasskeysOf } from '../../../gate/rosters.ts';
import { endToken, tokensAfter } from '../../../gate/tokens.ts';
import {
  addVendor,
  FORM_VALID,
  formsAfter,
  makeVendorForm,
  readVendor,
  revokeVendorForms,
  revokeVendorKey,
  rotateVendor,
  setVendorContact,
  type Vendor,
  type VendorForm,
  type VendorOutcome,
  vendorsAfter,
} from '../../../gate/vendors.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { decodeCursor, encodeCursor } from '../../../register/lists.ts';
import { badField, requirePage } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/problems.ts';
import { createToken } from '../../http/tokens.ts';
import { type ApiDeps, handling } from '../bind.ts';

const pageOf = <Item>(items: readonly Item[], next: string | null) => ({
  items,
  next: next === null ? null : encodeCursor(next),
});

const issued = (outcome: VendorOutcome) => {
  if (!outcome.ok) throw refusedBy(outcome.rejection);
  return { body: { id: outcome.id, keys: outcome.keys } };
};

const knownVendor = async ({ ports }: ApiDeps, id: string): Promise<string> => {
  const vendor = await readVendor(ports, id);
  if (vendor === undefined) throw refused('no-such-vendor', { detail: 'there is no vendor of this id' });
  return vendor.id;
};

/** Works even if the vendor's events cannot be read: its forms have their own stream. */
const vendorOnRecord = (deps: ApiDeps, id: string): Promise<string> => ifReadable(knownVendor(deps, id), () => id);

const vendorJson = ({ id, name, readable, keys }: Vendor) => ({
  id,
  name,
  readable,
  keys: keys.map(({ key, validFrom, validUntil }) => ({ ...key, validFrom, validUntil })),
});

const formRecord = ({ id, createdAt, expiresAt, revokedAt }: VendorForm) => ({ id, createdAt, expiresAt, revokedAt });

/** A vendor's mail address is not an event, so that it can be deleted. */
export const vendorHandlers = handling((deps) => ({
  '/v1/vendors': {
    GET: async ({ query: { cursor, limit } }) => {
      const { items, next } = await vendorsAfter(deps.ports, requirePage(decodeCursor(cursor)), limit);
      return { body: pageOf(items.map(vendorJson), next) };
    },
    POST: async ({ body: { id, name, publicKey, contact } }) => {
      const answer = issued(await addVendor(deps.ports, id, name, publicKey));
      if (contact !== undefined) await setVendorContact(deps.ports.sideStore, id, { email: contact, language: 'en' });
      return answer;
    },
  },
  '/v1/vendors/{id}/keys': {
    POST: async ({ params, body }) => issued(await rotateVendor(deps.ports, params.id, body.publicKey)),
  },
  '/v1/vendors/{id}/keys/{keyId}': {
    DELETE: async ({ params: { id, keyId } }) => {
      const done = await revokeVendorKey(deps.ports, id, keyId);
      if (!done.ok) throw refusedBy(done.rejection);
      return { body: { id, key: keyId, revoked: true } };
    },
  },
  '/v1/vendors/{id}/contact': {
    PUT: async ({ params, body: { email, language = 'en' } }) => {
      const vendor = await knownVendor(deps, params.id);
      await setVendorContact(deps.ports.sideStore, vendor, email === null ? undefined : { email, language });
      return { body: { vendor, email } };
    },
  },
}));

export const formHandlers = handling((deps) => {
  const { ports, logger } = deps;
  return {
    '/v1/vendors/{id}/forms': {
      GET: async ({ params, query: { cursor, limit } }) => {
        const after = requirePage(decodeCursor(cursor));
        const { items, next } = await formsAfter(ports, await knownVendor(deps, params.id), after, limit);
        return { body: pageOf(items.map(formRecord), next) };
      },
      POST: async ({ params, body: { valid = FORM_VALID } }) => {
        const vendor = await knownVendor(deps, params.id);
        const made = await makeVendorForm(ports, vendor, valid);
        if (made === undefined)
          throw badField('/valid', 'is not a duration of more than nothing and at most a year, such as P30D');
        logger({ level: 'info', event: 'vendor form made', vendor, form: made.id, expiresAt: made.expiresAt });
        return { body: { vendor, ...formRecord(made), url: `${ports.url}/n/${made.token}` } };
      },
      DELETE: async ({ params }) => {
        const vendor = await vendorOnRecord(deps, params.id);
        const revoked = await revokeVendorForms(ports, vendor);
        logger({ level: 'info', event: 'vendor forms revoked', vendor, revoked });
        return { body: { vendor, revoked } };
      },
    },
  };
});

/** Serves what an operator does for an official who lost a phone or a passkey (recorded in the public log), and API tokens. */
export const accessHandlers = handling(({ ports, logger }) => ({
  '/v1/holders/{id}/links': {
    POST: async ({ params: { id: holder }, body: { reissue: reissued } }) => {
      const done = await cutOffLinksOf(ports, { holder, by: null, reissued });
      if (!done.ok) throw refusedBy(done.rejection);
      return { body: { holder, reissued } };
    },
  },
  '/v1/holders/{id}/passkeys': {
    DELETE: async ({ params: { id: holder } }) => {
      const done = await resetPasskeysOf(ports, { holder, by: null });
      if (!done.ok) throw refusedBy(done.rejection);
      const { resets, waits } = done;
      logger({ level: 'warn', event: 'passkeys reset or proposed by the operator', holder, resets, waits });
      return { body: { holder, resets, waits } };
    },
  },
  '/v1/tokens': {
    GET: async ({ query: { cursor, limit } }) => {
      const { items, next } = await tokensAfter(ports, requirePage(decodeCursor(cursor)), limit);
      return { body: pageOf(items, next) };
    },
    POST: async ({ body }) => ({ body: await createToken(ports, body) }),
  },
  '/v1/tokens/{id}': {
    DELETE: async ({ params: { id } }) => {
      if (!(await endToken(ports, id))) throw refused('not-found', { detail: 'there is no token of this id' });
      return { body: { id, revoked: true } };
    },
  },
}));
