import * as z from 'zod';
import { allPages } from '../apiClient.ts';
import { argument, type Command, optionalOption, requiredOption } from '../usage.ts';

const Issued = z.object({
  id: z.string(),
  keys: z.array(z.object({ id: z.string(), scheme: z.string(), secret: z.string().optional() })),
});

const Vendors = z.object({
  items: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      readable: z.boolean(),
      keys: z.array(z.looseObject({ id: z.string(), scheme: z.string(), validUntil: z.string().nullable() })),
    }),
  ),
  next: z.string().nullable(),
});

const shown = (json: unknown): string => {
  const { id, keys } = Issued.parse(json);
  const lines = keys.map(
    (key) =>
      `  key ${key.id} (${key.scheme})${key.secret === undefined ? '' : `\n  secret ${key.secret}\n  It is shown this once: hand it to the vendor now.`}`,
  );
  return [`vendor ${id}`, ...lines].join('\n');
};

export const vendorCommands: readonly Command[] = [
  {
    usage: 'vendor add ID --name N [--public-key whpk_…]',
    does: 'lets a vendor post notices; without a key of its own it gets a secret',
    takes: { name: 'string', 'public-key': 'string' },
    run: async (args, options, { apiClient }) => {
      const publicKey = optionalOption(options, 'public-key');
      const json = await apiClient().send('POST', '/v1/vendors', {
        id: argument(args, 0, 'ID'),
        name: requiredOption(options, 'name'),
        ...(publicKey !== undefined && { publicKey }),
      });
      return { json, text: shown(json) };
    },
  },
  {
    usage: 'vendor rotate ID [--public-key whpk_…]',
    does: 'gives a vendor a new key; the old one stays valid for a week',
    takes: { 'public-key': 'string' },
    run: async (args, options, { apiClient }) => {
      const publicKey = optionalOption(options, 'public-key');
      const json = await apiClient().send(
        'POST',
        `/v1/vendors/${encodeURIComponent(argument(args, 0, 'ID'))}/keys`,
        publicKey === undefined ? {} : { publicKey },
      );
      return { json, text: shown(json) };
    },
  },
  {
    usage: 'vendor revoke-key ID KEYID',
    does: 'ends a key at once, for example after it leaked; what it signed before stays',
    run: async (args, _options, { apiClient }) => {
      const [id, key] = [argument(args, 0, 'ID'), argument(args, 1, 'KEYID')];
      const json = await apiClient().send('DELETE', `/v1/vendors/${encodeURIComponent(id)}/keys/${encodeURIComponent(key)}`);
      return { json, text: `key ${key} of ${id} is revoked: nothing it signs is taken from now on` };
    },
  },
  {
    usage: 'vendor list',
    does: 'who may post notices, and with which keys',
    run: async (_args, _options, { apiClient }) => {
      const items = await allPages(apiClient(), '/v1/vendors', Vendors);
      const text = items.map(({ id, name, readable, keys }) =>
        [
          `${id}  ${name}${readable ? '' : '  cannot be read: nothing that it signs is taken'}`,
          ...keys.map((key) => `  ${key.id} (${key.scheme})${key.validUntil === null ? '' : ` until ${key.validUntil}`}`),
        ].join('\n'),
      );
      return {
        json: { items, next: null },
        text: text.length === 0 ? 'no vendor yet: aldergate vendor add ID --name N' : text.join('\n'),
      };
    },
  },
];
