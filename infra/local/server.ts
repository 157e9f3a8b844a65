import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { getRequestListener, RequestError } from '@hono/node-server';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { SETTINGS_STREAM } from '../../domain/settings/events.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { recordTimeZone } from '../../functions/gate/rules.ts';
import { readLogIndex } from '../../functions/log/sequencer/logIndex.ts';
import type { SequencerPorts } from '../../functions/log/sequencer/ports.ts';
import { faultsIn, type HealthCheck, type HealthProblem } from '../../functions/platform/health.ts';
import { codeOf, jsonLogger, type Logger, messageOf } from '../../functions/platform/logging.ts';
import { listOutbox } from '../../functions/platform/mail/localMailers.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { runClock } from '../../functions/reactions/clock/runClock.ts';
import { mailFollower } from '../../functions/reactions/notify/derivedMails.ts';
import { mailFaults } from '../../functions/reactions/notify/faultMail.ts';
import { followedCheck } from '../../functions/register/derived/followers.ts';
import type { RegisterEntry } from '../../functions/register/documents.ts';
import { type DocSource, feedSource, MemoryIndex } from '../../functions/register/memoryIndex.ts';
import type { RegisterPorts } from '../../functions/register/rows.ts';
import { apiApp } from '../../functions/web/api/app.ts';
import { EventStreams, withStreams } from '../../functions/web/api/ofrep/eventStreams.ts';
import { withShortPath } from '../../functions/web/api/ofrep/nodeListener.ts';
import { openApiDocument } from '../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../functions/web/docs/app.ts';
import { type Answer, problemAnswer } from '../../functions/web/http/problems.ts';
import { errorAnswer, toResponse } from '../../functions/web/http/respond.ts';
import { credentials } from '../../functions/web/http/tokens.ts';
import { logApp } from '../../functions/web/log/app.ts';
import { passkeyApp } from '../../functions/web/passkeys/app.ts';
import { appOf } from '../../functions/web/routes/table.ts';
import { siteApp } from '../../functions/web/site/app.ts';
import { NO_OUTBOX, type SiteDeps } from '../../functions/web/site/deps.ts';
import { servedVerifier } from '../verify/served.ts';
import { consumersOf, STOP_MS } from './consumers.ts';
import { ConsumerThread } from './consumerThread.ts';
import { lockFolder } from './databases.ts';
import { BadSettings, UnusableFolder } from './errors.ts';
import { localHealth, setUpCheck } from './health.ts';
import { type Installation, mailerOf, mailingPorts, outboxFolder } from './installation.ts';
import { endsWithin, runEvery, unlessDiskLow } from './loops.ts';
import { askForRestored, assertImported } from './restored.ts';
import { openSecrets } from './secrets.ts';
import { checkHistory, keepLogName, sequencerPorts } from './sequencing.ts';
import { keysFile, recordRunningServer, type Settings } from './settings.ts';
import { listenOnePerTurn } from './turns.ts';

const LOOPBACK_NAME = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'] as const;

/**
 * Reports whether a request to a loopback address comes from this machine. A request through a local proxy may come from anywhere, and one
 * of a page whose name resolves to this machine (DNS rebinding) has that name as its host.
 */
const isDirect = (headers: Headers): boolean =>
  LOOPBACK_NAME.test(headers.get('host') ?? '') && PASSED_ON.every((name) => !headers.has(name));

/** Time for open connections to finish when the server stops. Together with the consumers' time it stays below ten seconds. */
export const DRAIN_MS = 3_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export interface LocalServer {
  readonly port: number;
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Returns the outbox that the site may show. Its links can decide, so it is served on loopback only, and only if no mail
 * server is set.
 */
const shownOutbox = ({ settings }: Installation): SiteDeps['outbox'] =>
  settings.smtpUrl === undefined && LOOPBACK.has(settings.host) ? () => listOutbox(outboxFolder(settings)) : NO_OUTBOX;

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Returns a listener that converts what arrives to a Request. HTTP/1.0, which load balancers' health checks use, names no host: then the
 * host of `url` is used. An invalid host or address is 400.
 */
export const routed = (answer: Fetch, url: string, logger: Logger): RequestListener => {
  const unreadable = (error: unknown): Answer =>
    error instanceof RequestError
      ? problemAnswer('invalid-request', { detail: error.message })
      : errorAnswer(logger, error, 'before any route');
  const options = { hostname: new URL(url).host, errorHandler: (error: unknown) => toResponse(unreadable(error)) };
  const listener = getRequestListener(answer, options);
  return (request, response) => void listener(request, response);
};

const listen = (server: Server, { port, host }: Settings): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = codeOf(error) === 'EADDRINUSE' ? ' (the demo or another gate may still run)' : '';
      const what = `cannot listen on HOST ${host} and PORT ${port}${taken}: ${messageOf(error)}`;
      reject(new BadSettings(`${what}. Free the port, or set HOST and PORT to others`));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });

/** The ledger's doubt until the comparison is done. A gate that listens before answers `false`. */
const NOT_COMPARED = new CorruptStore('the store was not yet compared with the public log', { code: 'not-compared' });

/**
 * Checks an opened folder before anything is answered. If a database is at fault as a whole, the folder is served until the next start
 * without any "yes": nothing is read from it or written to it, and `/readyz` states why.
 */
const checkFolder = async (installation: Installation): Promise<void> => {
  const { ledger, fault, ports, everything } = installation;
  ledger.doubt = fault() ?? NOT_COMPARED;
  if (fault() !== undefined) return;
  await checkHistory(installation);
  // A removed settings stream can be restored only if nothing replaces it.
  const isThere = (await everything.head(SETTINGS_STREAM)) !== undefined;
  if (isThere || (await readLogIndex(ports.sideStore, SETTINGS_STREAM, 1)) === undefined)
    await recordTimeZone({ ...ports, store: everything });
  await askForRestored(installation, true);
};

/**
 * Throws UnusableFolder if a command has replaced the keys since the folder was opened: new rows would be unreadable after the
 * next start.
 */
const assertKeys = ({ secrets, settings }: Installation): void => {
  const { made: _, ...stored } = openSecrets(keysFile(settings));
  if (!isDeepStrictEqual(stored, secrets))
    throw new UnusableFolder('keys.json was replaced while the gate started: start it again');
};

const believed = async ({ ledger }: Installation, { compared }: Running): Promise<void> => {
  await compared;
  if (ledger.doubt === NOT_COMPARED) ledger.doubt = undefined;
};

/** Returns the listener, and the event streams, which end with the server. */
const answering = (
  installation: Installation,
  running: Running,
  logger: Logger,
  mailer: Mailer,
): { readonly listener: RequestListener; readonly streams: EventStreams } => {
  const { linkKey, textKey, rosterSalt } = installation.secrets;
  const { ports, checkpoint, logPorts, health } = running;
  const vkey = (): string => formatVerifierKey(logPorts.signer.key);
  const { leaseSeconds } = installation.settings;
  const streams = new EventStreams({ ports, logger, leaseSeconds, url: ports.url });
  const authenticate = credentials(ports);
  const apiDeps = { ports, logger, rosterSalt, leaseSeconds, streams, checkpoint, health, authenticate };
  const keys = { linkKey, textKey };
  const siteDeps = { ports, keys, logger, checkpoint, vkey, verifier: servedVerifier(), outbox: NO_OUTBOX };
  const docs = docsApp({ ports, logger, document: () => openApiDocument(ports.url) });
  const site = siteApp(siteDeps).route('/', docs);
  const ownSite = siteApp({ ...siteDeps, outbox: shownOutbox(installation) }).route('/', docs);
  const apps = {
    api: apiApp(apiDeps),
    log: logApp({ ports: { ...logPorts, orders: ports.store }, logger, answerBytesMax: Number.POSITIVE_INFINITY }),
    passkeys: passkeyApp({ ...siteDeps, mailer }),
  };
  const answer: Fetch = (request) => {
    const app = appOf(new URL(request.url).pathname);
    if (app === 'site') return (isDirect(request.headers) ? ownSite : site).fetch(request);
    return apps[app].fetch(request);
  };
  const others = withStreams(streams, routed(answer, ports.url, logger));
  return { listener: withShortPath(apiDeps, listenOnePerTurn(others)), streams };
};

/**
 * Starts the gate on one machine: API, site, consumers and clock in one process. `more`: checks for `/readyz`; the demo has none.
 * Throws `FolderInUse` if another server has the folder, `UnusableFolder` if an import into it did not end, and `BadSettings` if it
 * cannot listen on the host and port of the settings.
 */
export const startServer = async (
  installation: Installation,
  logger: Logger = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line)),
  more: readonly HealthCheck[] = [setUpCheck(installation)],
): Promise<LocalServer> => {
  const lock = lockFolder(join(installation.settings.data, 'server.lock'));
  try {
    // Under the lock, which an import also takes.
    assertImported(installation.settings.data);
    assertKeys(installation);
    installation.disk.hold();
    installation.ledger.alterations.announce = (_name, { code, detail }) =>
      logger({ level: 'error', event: 'altered behind the gate’s back', code, detail });
    await checkFolder(installation);
    const mailer = mailerOf(installation);
    const running = startRunning(await keepLogName(installation), mailer, logger, more);
    const { listener, streams } = answering(installation, running, logger, mailer);
    const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 30_000 }, listener);
    const port = await running.ready
      .then(() => endsWithin(COMPARED_MS, believed(installation, running)))
      .then(() => listen(server, installation.settings))
      .catch(async (error: unknown) => {
        await running.stop();
        throw error;
      });
    const forgetRunning = recordRunningServer(installation.settings, installation.secrets);
    return {
      port,
      settle: running.settle,
      close: async () => {
        forgetRunning();
        streams.close();
        await stop(server);
        await running.stop();
        await installation.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/**
 * Interval of the clock, which records lapses and expiries, and of refilling the disk reserve. Mails and the history depend on it, answers
 * do not.
 */
const CLOCK_EVERY_MS = 2_000;
/** Interval of the search for faults, which are mailed to the clerks and IT. */
const FAULTS_EVERY_MS = 30_000;

/**
 * How long the first answer waits for the comparison of the store with the log, which takes a second for 10,000 features; after that
 * it is `false`.
 */
const COMPARED_MS = 5_000;

interface Running {
  readonly ports: GatePorts & RegisterPorts;
  readonly logPorts: SequencerPorts;
  readonly checkpoint: () => string | undefined;
  readonly health: () => Promise<readonly HealthProblem[]>;
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Resolves once everything runs. Rejects if it cannot be started. */
  readonly ready: Promise<void>;
  readonly compared: Promise<void>;
}

/** Marks the stored documents as unreadable, so that the index reads them again: no list may count what no answer confirms. */
const unreadAtFirst = (source: DocSource): DocSource => ({
  ...source,
  load: async () => {
    const { entries, cursor } = await source.load();
    const unread = async function* (): AsyncGenerator<RegisterEntry> {
      for await (const { key, doc } of entries) yield { key, doc: doc && { ...doc, unreadable: true } };
    };
    return { entries: unread(), cursor };
  },
});

/**
 * Starts the background work: on this thread the clock, whose ticks are commands like any other; on a separate one everything
 * that follows a commit, so that an answer never waits for it. `mailer`: for this thread's mails; closed when it stops. `more`: checks
 * besides those of every gate.
 */
const startRunning = (installation: Installation, mailer: Mailer, logger: Logger, more: readonly HealthCheck[]): Running => {
  const { disk, restored } = installation;
  const source = feedSource(installation.ports);
  const register = new MemoryIndex(installation.ports, logger, restored.isThere ? unreadAtFirst(source) : source);
  const ports = { ...installation.ports, register };
  const logPorts = sequencerPorts(installation, logger);
  const thread = new ConsumerThread(installation, logger);
  // A folder held back later, because of a witness, asks at its next start, which first consults that witness.
  let isHeld = restored.isThere;
  const clock = async (): Promise<void> => {
    await runClock({ ...ports, logger }, ports.clock());
    if (isHeld) await askForRestored(installation, false);
    isHeld &&= restored.isThere;
  };
  const writing = { ...mailingPorts(installation, logger, mailer), register };
  const health = localHealth({
    installation,
    logPorts,
    consumers: consumersOf(writing),
    logger,
    more: [thread.check, followedCheck(ports, mailFollower(writing).name), ...more],
  });
  // Work left from before the start is not a fault; it is done now.
  const caughtUp = thread.compared.then(() => thread.settle()).catch(() => undefined);
  const lookForFaults = async (): Promise<void> => {
    await endsWithin(COMPARED_MS, caughtUp);
    await mailFaults(writing, faultsIn(await health()));
  };
  const loops = [
    runEvery(CLOCK_EVERY_MS, logger, 'clock failed', unlessDiskLow(installation, clock)),
    runEvery(FAULTS_EVERY_MS, logger, 'faults not mailed', async () => (disk.isBelow() ? undefined : lookForFaults())),
    runEvery(CLOCK_EVERY_MS, logger, 'reserve failed', async () => disk.hold()),
  ];
  return {
    ready: thread.ready,
    compared: thread.compared,
    ports,
    logPorts,
    checkpoint: thread.checkpoint,
    health,
    settle: async () => {
      await clock();
      await thread.settle();
      await lookForFaults();
    },
    stop: async () => {
      const finish = async (): Promise<void> => void (await Promise.all(loops.map((loop) => loop.stop())));
      // A mail that hangs is sent again after the next start.
      await Promise.all([endsWithin(STOP_MS, finish()), thread.stop()]);
      await mailer.close();
    },
  };
};
