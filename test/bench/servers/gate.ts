import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { jsonLogger } from '../../../functions/platform/logging.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { flagEvaluator } from '../../../functions/web/api/ofrep/evaluateFlag.ts';
import { withShortPath } from '../../../functions/web/api/ofrep/nodeListener.ts';
import { credentials } from '../../../functions/web/http/credentials.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { answerWith, say } from '../processes.ts';
import { fillRegister } from '../register.ts';
import { settingsOf } from '../settings.ts';
import { usage } from '../usage.ts';

// The gate as one machine serves it: the same routes on the same store in a folder, without the consumers behind it (mail, read
// model), which do not stand between a request and its answer.

const [data = ''] = process.argv.slice(2);
const installation = openInstallation(settingsOf(data));
const { ports, secrets } = installation;
const logger = jsonLogger(ports.clock, (line) => void process.stderr.write(line));
const { secret, token } = await fillRegister(installation, 0);

const deps = {
  ports,
  logger,
  rosterSalt: secrets.rosterSalt,
  checkpoint: () => undefined,
  health: async () => [],
  authenticate: credentials(ports),
};
const router = getRequestListener(apiApp(deps).fetch);
const server = createServer(
  { keepAliveTimeout: 65_000, requestTimeout: 30_000 },
  withShortPath(flagEvaluator(deps), (request, response) => void router(request, response)),
);
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port, secret, token }));
answerWith(usage);
process.once('disconnect', () => {
  installation.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
