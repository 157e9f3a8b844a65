import { argument, type Command, calling, optionalOption } from '../usage.ts';

export const passkeyCommands: readonly Command[] = [
  calling('DELETE', '/v1/holders/{id}/passkeys', {
    usage: 'passkey reset HOLDER',
    does: 'ends every passkey of an official and mails a link to set up a new one; where the rules ask for passkeys, proposes it to two persons',
    sent: (args) => ({ params: { id: argument(args, 0, 'HOLDER') } }),
    text: ({ holder, waits }) =>
      waits
        ? `two persons of two bodies must confirm that the passkeys of ${holder} are reset; each has a link by mail`
        : `every passkey of ${holder} is ended; a mail takes them a link to set up a new one`,
  }),
];

const cutOff = (word: 'reissue' | 'revoke', does: string): Command =>
  calling('POST', '/v1/holders/{id}/links', {
    usage: `link ${word} HOLDER`,
    does,
    sent: (args) => ({ params: { id: argument(args, 0, 'HOLDER') }, body: { reissue: word === 'reissue' } }),
    text: ({ holder, reissued }) =>
      `every link of ${holder} is cut off; ${reissued ? 'new ones are mailed for what waits' : 'new changes make new ones'}`,
  });

export const linkCommands: readonly Command[] = [
  cutOff('reissue', 'cuts off every link of an official and mails new ones for all that waits for them'),
  cutOff('revoke', 'cuts off every link of an official; new changes make new ones'),
  calling('POST', '/v1/vendors/{id}/forms', {
    usage: 'vendor form ID [--valid P30D]',
    does: 'a link to a form for a vendor that cannot sign its notices; shown this once',
    takes: { valid: 'string' },
    sent: (args, options) => ({ params: { id: argument(args, 0, 'ID') }, body: { valid: optionalOption(options, 'valid') } }),
    text: ({ vendor, id, expiresAt, url }) =>
      `form ${id} for ${vendor}, until ${expiresAt}\n${url}\nIt is shown this once: send it to the vendor.`,
  }),
  {
    usage: 'vendor forms ID [--revoke]',
    does: 'the forms a vendor has by link; with --revoke ends all of them',
    takes: { revoke: 'boolean' },
    run: async (args, options, { apiClient }) => {
      const vendor = argument(args, 0, 'ID');
      const params = { id: vendor };
      if (options['revoke'] === true) {
        const json = await apiClient().call('DELETE', '/v1/vendors/{id}/forms', { params });
        return { json, text: `forms of ${vendor} ended: ${json.revoked}` };
      }
      const json = await apiClient().call('GET', '/v1/vendors/{id}/forms', { params });
      const lines = json.items.map(
        ({ id, createdAt, expiresAt, revokedAt }) =>
          `${id}  made ${createdAt}  ${revokedAt === null ? `until ${expiresAt}` : `revoked ${revokedAt}`}`,
      );
      return { json, text: lines.length === 0 ? `no form yet: aldergate vendor form ${vendor}` : lines.join('\n') };
    },
  },
];
