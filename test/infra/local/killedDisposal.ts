import { confirmDisposal, readRedaction } from '../../../functions/gate/redactions.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { readSettings } from '../../../infra/local/settings.ts';

// A process that confirms a disposal as the clerk and is killed after the fact is in the store, before the text is removed.

const { ports } = openInstallation(readSettings(process.env, 'no file'));
const commitment = process.argv[2] ?? '';
const request = (await readRedaction(ports.store, commitment))?.request?.name ?? '';
const killed = {
  ...ports,
  sideStore: {
    ...ports.sideStore,
    erase: async () => {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => undefined);
    },
  },
};
await confirmDisposal(killed, { commitment, request, holder: 'hc', body: 'clerk', seat: 'clerk' });
