import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { serve, usage } from '../processes.ts';
import { settingsOf } from '../settings.ts';

// The server of `npm start` in an existing data folder, with all that follows a commit: the register, mails, the public log, the clock.

const [data = ''] = process.argv.slice(2);
const installation = openInstallation(settingsOf(data));
const server = await startServer(installation, (entry) => {
  if (entry.level === 'error') process.stderr.write(`${JSON.stringify(entry)}\n`);
});
const answer = async ({ settle }: { readonly settle: boolean }) => {
  if (settle) await server.settle();
  return usage();
};
serve({ port: server.port }, answer, server.close);
