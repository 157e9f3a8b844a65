import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { recordsCheck } from '../gate/checks.ts';
import { copiesCheck } from '../log/health.ts';
import { SEQUENCER } from '../log/sequencer/ports.ts';
import { CachedValue } from '../platform/age.ts';
import { type HealthCheck, healthOf, readableCheck, reportedCheck, writableCheck } from '../platform/health.ts';
import { KeptHeads } from '../platform/store/keptHeads.ts';
import { apiApp } from '../web/api/app.ts';
import { BULK_AGE_ABOVE_LEASE, BULK_MAX_AGE, BulkMaxAge, LEASE_SECONDS, LeaseSeconds, secondsIn } from '../web/api/ofrep/flag.ts';
import { credentials } from '../web/http/tokens.ts';
import { CitySettings, OriginSecretName, publishedLog, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandlerOf } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKey } from './runtime/secrets.ts';
import { closedFindings, staged } from './runtime/stage.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...OriginSecretName.shape,
    ALDERGATE_ROSTER_SECRET: z.string(),
    ALDERGATE_LEASE_SECONDS: LeaseSeconds.default(LEASE_SECONDS),
    ALDERGATE_BULK_MAX_AGE: BulkMaxAge.default(BULK_MAX_AGE),
  })).refine((given) => secondsIn(given.ALDERGATE_BULK_MAX_AGE) <= given.ALDERGATE_LEASE_SECONDS, {
    path: ['ALDERGATE_BULK_MAX_AGE'],
    error: BULK_AGE_ABOVE_LEASE,
  }),
);
const bulkAgeMs = secondsIn(env.ALDERGATE_BULK_MAX_AGE) * 1_000;

const WRITABLE_MS = 60_000;

/** The consumers that report their health each minute. */
const REPORTING = ['projector', 'relay', 'derived', 'notify', 'policy-adoption', SEQUENCER];

const web = staged(
  async () => {
    const kept = new KeptHeads(bulkAgeMs);
    return { ...(await gatePorts(env, (commits) => kept.noticing(commits))), kept };
  },
  async ({ kept, ...ports }, standing) => {
    const rosterSalt = await readKey(env.ALDERGATE_ROSTER_SECRET);
    const { checkpoint, refresh } = publishedLog(ports.sideStore);
    const closed = () => closedFindings(standing());
    // Before the stage opens nothing reports or is compared, and during an import of an archive records are missing.
    const reported: HealthCheck = () => reportedCheck(ports, closed().length > 0 ? [] : REPORTING)();
    const records: HealthCheck = async () => (closed().length > 0 ? closed() : recordsCheck(ports)());
    const history: HealthCheck = async () => {
      const found = await ports.ledger.check();
      return closed().length > 0 ? found.filter(({ code }) => code !== 'not-compared') : found;
    };
    // Anyone can request this: one write per second would cost more than the gate.
    const writable = new CachedValue(writableCheck(ports), WRITABLE_MS).read;
    const checks = [readableCheck(ports), writable, history, records, reported, copiesCheck(ports)];
    const health = healthOf(checks, ports.clock, logger);
    const { ALDERGATE_LEASE_SECONDS: leaseSeconds } = env;
    const authenticate = credentials(ports);
    const heads = { store: ports.ledger.believed(kept.over(ports.commits)), holds: kept.holds };
    const keptHeads = bulkAgeMs === 0 ? undefined : heads;
    const deps = { ports, logger, rosterSalt, leaseSeconds, keptHeads, checkpoint, health, authenticate };
    return { app: apiApp(deps), refresh };
  },
);

/** Has no access to the key that makes officials' links. */
export const handler = await httpHandlerOf(env.ALDERGATE_ORIGIN_SECRET, web);
