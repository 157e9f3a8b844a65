import * as z from 'zod';
import { argument, type Command, optionalOption } from '../usage.ts';

/** The operator's commands for officials' passkeys. */
export const passkeyCommands: readonly Command[] = [
  {
    usage: 'passkey reset HOLDER',
    does: 'ends every passkey of an official and mails a link to set up a new one; stands in the public log',
    run: async (args, _options, { apiClient }) => {
      const holder = argument(args, 0, 'HOLDER');
      const json = await apiClient().send('DELETE', `/v1/holders/${encodeURIComponent(holder)}/passkeys`);
      return { json, text: `every passkey of ${holder} is ended; a mail takes them a link to set up a new one` };
    },
  },
];

const cutOff = (word: 'reissue' | 'revoke', does: string): Command => ({
  usage: `link ${word} HOLDER`,
  does,
  run: async (args, _options, { apiClient }) => {
    const holder = argument(args, 0, 'HOLDER');
    const json = await apiClient().send('POST', `/v1/holders/${encodeURIComponent(holder)}/links`, {
      reissue: word === 'reissue',
    });
    const { reissued } = z.object({ reissued: z.boolean() }).parse(json);
    const next = reissued
      ? 'new ones are mailed for what waits'
      : word === 'revoke'
        ? 'new changes make new ones'
        : 'the list of officials cannot be read, so no new ones are mailed: reissue them once it can';
    return { json, text: `every link of ${holder} is cut off; ${next}` };
  },
});

const Made = z.object({ vendor: z.string(), id: z.string(), expiresAt: z.string(), url: z.string() });
const Listed = z.object({
  items: z.array(z.object({ id: z.string(), createdAt: z.string(), expiresAt: z.string(), revokedAt: z.string().nullable() })),
});

const formsOf = (vendor: string): string => `/v1/vendors/${encodeURIComponent(vendor)}/forms`;

/** Commands for links: an official's after a lost phone, and forms for vendors that cannot sign. */
export const linkCommands: readonly Command[] = [
  cutOff('reissue', 'cuts off every link of an official and mails new ones for all that waits for them'),
  cutOff('revoke', 'cuts off every link of an official; new changes make new ones'),
  {
    usage: 'vendor form ID [--valid P30D]',
    does: 'a link to a form for a vendor that cannot sign its notices; shown this once',
    takes: { valid: 'string' },
    run: async (args, options, { apiClient }) => {
      const valid = optionalOption(options, 'valid');
      const json = await apiClient().send('POST', formsOf(argument(args, 0, 'ID')), valid === undefined ? {} : { valid });
      const { vendor, id, expiresAt, url } = Made.parse(json);
      return {
        json,
        text: `form ${id} for ${vendor}, until ${expiresAt}\n${url}\nIt is shown this once: send it to the vendor.`,
      };
    },
  },
  {
    usage: 'vendor forms ID [--revoke]',
    does: 'the forms a vendor has by link; with --revoke ends all of them',
    takes: { revoke: 'boolean' },
    run: async (args, options, { apiClient }) => {
      const vendor = argument(args, 0, 'ID');
      if (options['revoke'] === true) {
        const json = await apiClient().send('DELETE', formsOf(vendor));
        return { json, text: `forms of ${vendor} ended: ${z.object({ revoked: z.number() }).parse(json).revoked}` };
      }
      const json = await apiClient().get(formsOf(vendor));
      const lines = Listed.parse(json).items.map(
        ({ id, createdAt, expiresAt, revokedAt }) =>
          `${id}  made ${createdAt}  ${revokedAt === null ? `until ${expiresAt}` : `revoked ${revokedAt}`}`,
      );
      return { json, text: lines.length === 0 ? `no form yet: aldergate vendor form ${vendor}` : lines.join('\n') };
    },
  },
];
