import { rotateCommitKey } from '../../local/rotateCommitKey.ts';
import type { Command } from '../usage.ts';
import { alone } from './logLife.ts';

/** Commands for the installation's internal keys. */
export const keysCommands: readonly Command[] = [
  {
    usage: 'keys rotate-commit',
    does: 'a new key for the MACs by which the gate knows its own commits and records, and a new MAC for each. While no server runs',
    run: async (_args, _options, { local }) => {
      const installation = local();
      const renewed = await alone(installation, () => rotateCommitKey(installation.settings));
      const { commits, records } = renewed;
      return { json: renewed, text: `${commits} commits and ${records} records have a MAC by the new key; back up keys.json` };
    },
  },
];
