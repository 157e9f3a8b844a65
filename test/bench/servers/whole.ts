import { jsonLogger } from '../../../functions/platform/logging.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { answerWith, say } from '../processes.ts';
import { settingsOf } from '../settings.ts';
import { usage } from '../usage.ts';

// The server of `npm start` in an existing data folder, with everything that follows a commit: the register, mails, the public log, the
// clock. Answers each message with its usage; asked to settle, once everything has followed.

/** What to do before the usage is taken. */
export interface Asked {
  readonly settle: boolean;
}

const [data = ''] = process.argv.slice(2);
const installation = openInstallation(settingsOf(data));
const all = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
const server = await startServer(installation, (entry) => {
  if (entry.level === 'error') all(entry);
});
say({ port: server.port });
answerWith(async ({ settle }: Asked) => {
  if (settle) await server.settle();
  return usage();
});
process.once('disconnect', () => {
  server.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
