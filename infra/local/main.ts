import { formatVerifierKey } from '../../domain/log/note.ts';
import { logSigner } from '../../functions/log/sequencer/ports.ts';
import { setAsideDamaged } from './databases.ts';
import { describeForOperator } from './errors.ts';
import { type Installation, keysMade, openFolder, openInstallation } from './installation.ts';
import { aborted, endRequested, ignoreOutputErrors } from './loops.ts';
import { assertImported } from './restored.ts';
import { keepLogName } from './sequencing.ts';
import { type LocalServer, startServer } from './server.ts';
import { logOrigin, readSettings } from './settings.ts';

const greet = (installation: Installation): void => {
  const { settings, secrets, firstStart } = installation;
  if (firstStart) console.log(keysMade(settings));
  console.log(`verifier key of the public log: ${formatVerifierKey(logSigner(secrets.logKey, logOrigin(settings)).key)}`);
  console.log(`Aldergate is open at ${settings.url} (listening on ${settings.host}:${settings.port}, data in ${settings.data})`);
};

/**
 * Stops a server and ends the process. Before there is a server, the process ends at once: an interrupted start is as safe as a
 * killed one.
 */
const stop = async (server: LocalServer | undefined): Promise<never> => {
  console.log('stopping: finishing what was begun');
  try {
    await server?.close();
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
};

const run = async (): Promise<void> => {
  ignoreOutputErrors();
  let server: LocalServer | undefined;
  // Before the start, so that a server can be stopped as soon as it answers.
  void aborted(endRequested()).then(() => stop(server));
  const settings = readSettings(process.env);
  // First: a half-written folder fails in many ways, and only this error states what to do.
  assertImported(settings.data);
  openFolder(settings.data);
  const aside = setAsideDamaged(settings.data);
  if (aside !== undefined) console.error(`aldergate: ${aside}`);
  const installation = openInstallation(settings);
  server = await startServer(installation);
  greet(await keepLogName(installation));
};

await run().catch((error: unknown) => {
  const line = describeForOperator(error);
  console.error(line === undefined ? error : `aldergate: ${line}`);
  process.exit(1);
});
