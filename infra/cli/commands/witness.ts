import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { aborted, askedToEnd } from '../../local/lifetime.ts';
import { lockFolder } from '../../local/lock.ts';
import { type Command, optionalOption, requiredOption, trustedLog, WrongUsage } from '../usage.ts';
import { openWitness, witnessServer } from '../witness.ts';

const PORT = 8788;

const portOf = (given: string | undefined): number => {
  const port = Number(given ?? PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new WrongUsage('--port is a number from 0 to 65535');
  return port;
};

export const witnessCommand: Command = {
  usage: 'witness FOLDER --key VKEY[,VKEY…] [--name N] [--port P] [--host H]',
  does: 'a witness for public logs: cosigns a checkpoint only when it continues what it cosigned before (c2sp.org/tlog-witness)',
  takes: { key: 'string', name: 'string', port: 'string', host: 'string' },
  run: async (args, options) => {
    const folder = args[0] ?? 'witness';
    const logs = requiredOption(options, 'key').split(',').map(trustedLog);
    const asked = askedToEnd();
    const port = portOf(optionalOption(options, 'port'));
    const state = openWitness(folder, optionalOption(options, 'name') ?? hostname());
    const lock = lockFolder(join(folder, 'witness.lock'));
    const server = witnessServer(state, logs, (error) => console.error(error));
    try {
      server.listen(port, optionalOption(options, 'host') ?? '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const where = typeof address === 'object' && address !== null ? address.port : port;
      console.error(
        `witness ${formatVerifierKey(state.key)} listens on port ${where} for ${logs.map(({ origin }) => origin).join(', ')}`,
      );
      await aborted(asked);
    } finally {
      server.close();
      server.closeAllConnections();
      lock.release();
    }
    return { json: { ended: true }, text: 'the witness ended' };
  },
};
