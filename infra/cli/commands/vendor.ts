import { allPages } from '../apiClient.ts';
import { type AnswerOf, argument, type Command, optionalOption, requiredOption } from '../usage.ts';

const shown = ({ id, keys }: AnswerOf<'/v1/vendors', 'POST'>): string => {
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
      const body = { id: argument(args, 0, 'ID'), name: requiredOption(options, 'name'), publicKey };
      const json = await apiClient().call('POST', '/v1/vendors', { body });
      return { json, text: shown(json) };
    },
  },
  {
    usage: 'vendor rotate ID [--public-key whpk_…]',
    does: 'gives a vendor a new key; the old one stays valid for a week',
    takes: { 'public-key': 'string' },
    run: async (args, options, { apiClient }) => {
      const params = { id: argument(args, 0, 'ID') };
      const body = { publicKey: optionalOption(options, 'public-key') };
      const json = await apiClient().call('POST', '/v1/vendors/{id}/keys', { params, body });
      return { json, text: shown(json) };
    },
  },
  {
    usage: 'vendor revoke-key ID KEYID',
    does: 'ends a key at once, for example after it leaked; what it signed before stays',
    run: async (args, _options, { apiClient }) => {
      const [id, key] = [argument(args, 0, 'ID'), argument(args, 1, 'KEYID')];
      const json = await apiClient().call('DELETE', '/v1/vendors/{id}/keys/{keyId}', { params: { id, keyId: key } });
      return { json, text: `key ${key} of ${id} is revoked: nothing it signs is taken from now on` };
    },
  },
  {
    usage: 'vendor list',
    does: 'who may post notices, and with which keys',
    run: async (_args, _options, { apiClient }) => {
      const items = await allPages((query) => apiClient().call('GET', '/v1/vendors', { query }));
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
