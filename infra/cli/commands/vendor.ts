import { allPages } from '../apiClient.ts';
import { type AnswerOf, argument, type Command, calling, optionalOption, requiredOption } from '../usage.ts';

const shown = ({ id, keys }: AnswerOf<'/v1/vendors', 'POST'>): string => {
  const lines = keys.map(
    (key) =>
      `  key ${key.id} (${key.scheme})${key.secret === undefined ? '' : `\n  secret ${key.secret}\n  It is shown this once: hand it to the vendor now.`}`,
  );
  return [`vendor ${id}`, ...lines].join('\n');
};

export const vendorCommands: readonly Command[] = [
  calling('POST', '/v1/vendors', {
    usage: 'vendor add ID --name N [--public-key whpk_…]',
    does: 'lets a vendor post notices; without a key of its own it gets a secret',
    takes: { name: 'string', 'public-key': 'string' },
    sent: (args, options) => {
      const publicKey = optionalOption(options, 'public-key');
      return { body: { id: argument(args, 0, 'ID'), name: requiredOption(options, 'name'), publicKey } };
    },
    text: shown,
  }),
  calling('POST', '/v1/vendors/{id}/keys', {
    usage: 'vendor rotate ID [--public-key whpk_…]',
    does: 'gives a vendor a new key; the old one stays valid for a week',
    takes: { 'public-key': 'string' },
    sent: (args, options) => ({
      params: { id: argument(args, 0, 'ID') },
      body: { publicKey: optionalOption(options, 'public-key') },
    }),
    text: shown,
  }),
  calling('DELETE', '/v1/vendors/{id}/keys/{keyId}', {
    usage: 'vendor revoke-key ID KEYID',
    does: 'ends a key at once, for example after it leaked; what it signed before stays',
    sent: (args) => ({ params: { id: argument(args, 0, 'ID'), keyId: argument(args, 1, 'KEYID') } }),
    text: ({ id, key }) => `key ${key} of ${id} is revoked: nothing it signs is taken from now on`,
  }),
  calling('PUT', '/v1/vendors/{id}/contact', {
    usage: 'vendor contact ID [EMAIL] [--language L]',
    does: 'says where a vendor wants mail about the end of its contracts; without an address: nowhere',
    takes: { language: 'string' },
    sent: (args, options) => ({
      params: { id: argument(args, 0, 'ID') },
      body: { email: args[1] ?? null, language: optionalOption(options, 'language') },
    }),
    text: ({ vendor, email }) =>
      email === null ? `${vendor} gets no mail` : `${vendor} gets mail about its contracts at ${email}`,
  }),
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
