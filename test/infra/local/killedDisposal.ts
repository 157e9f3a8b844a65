import { confirmDisposal, readRedaction } from '../../../functions/gate/redactions.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { readSettings } from '../../../infra/local/settings.ts';

// A process that confirms a disposal as the clerk and is killed after the fact is in the store, before it is in the log.

const { ports } = openInstallation(readSettings(process.env, 'no file'));
const commitment = process.argv[2] ?? '';
const request = (await readRedaction(ports.store, commitment))?.request?.name ?? '';
await confirmDisposal(ports, { commitment, request, holder: 'hc', body: 'clerk', seat: 'clerk' });
process.kill(process.pid, 'SIGKILL');
