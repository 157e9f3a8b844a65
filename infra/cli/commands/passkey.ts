import { argument, type Command } from '../usage.ts';

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
