import { jsonLogger } from '../../../functions/platform/logging.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { answerWith, say, usage } from '../processes.ts';
import { settingsOf } from '../settings.ts';

// The server of `npm start` in an existing data folder, with everything that follows a commit: the register, mails, the public log,
// the clock.

const [data = ''] = process.argv.slice(2);
const installation = openInstallation(settingsOf(data));
const all = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
const server = await startServer(installation, (entry) => {
  if (entry.level === 'error') all(entry);
});
say({ port: server.port });
answerWith(async ({ settle }: { readonly settle: boolean }) => {
  if (settle) await server.settle();
  return usage();
});
process.once('disconnect', () => {
  server.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
