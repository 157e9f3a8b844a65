import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { jsonLogger } from '../../../functions/platform/logging.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { flagEvaluator } from '../../../functions/web/api/ofrep/evaluateFlag.ts';
import { withShortPath } from '../../../functions/web/api/ofrep/nodeListener.ts';
import { credentials } from '../../../functions/web/http/credentials.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { approve, openCity } from '../city.ts';
import { say } from '../processes.ts';
import { VENDOR } from '../vendor.ts';

// The gate as one machine serves it: the same routes on the same store in a folder, without the consumers behind it (mail, read
// model), which do not stand between a request and its answer.

const [data = ''] = process.argv.slice(2);
const settings = {
  data,
  port: 0,
  host: '127.0.0.1',
  url: 'http://127.0.0.1',
  logOrigin: undefined,
  timeZone: 'UTC',
  city: { name: 'City', contact: undefined },
  itMail: undefined,
  noticeLimits: { perHour: 0, bytesPerDay: 0 },
  expectCheckpoint: undefined,
  witnesses: { witnesses: [], quorum: 0 },
  smtpUrl: undefined,
  mailFrom: 'gate@city.example',
};
const installation = openInstallation(settings);
const { ports, secrets } = installation;
const logger = jsonLogger(ports.clock, (line) => void process.stderr.write(line));
await openCity(ports);
const added = await addVendor(ports, VENDOR, 'Bench Cameras');
const secret = added.ok ? added.keys[0]?.secret : undefined;
const { token } = await createToken(ports, { name: 'bench', scopes: ['state:read'] });
for (const key of [VENDOR, `${VENDOR}.lpr`, `${VENDOR}.lpr.search`]) await approve(ports, key);

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
process.once('disconnect', () => {
  installation.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
