import * as z from 'zod';
import { object } from '../../domain/kernel/lazyObject.ts';
import { recordsCheck } from '../gate/checkRows.ts';
import { SEQUENCER } from '../log/sequencer/ports.ts';
import { healthOf, readableCheck, reportedCheck, writableCheck } from '../platform/health.ts';
import { apiApp } from '../web/api/app.ts';
import { credentials } from '../web/http/credentials.ts';
import { CitySettings, Lease, OriginSecretName, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { gatePorts } from './runtime/ports.ts';
import { publishedLog } from './runtime/publicLog.ts';
import { openOriginSecret, readKeys } from './runtime/secrets.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...OriginSecretName.shape,
    ...Lease.shape,
    ALDERGATE_ROSTER_SECRET: z.string(),
  })),
);
const [originSecret, [rosterSalt = new Uint8Array()], ports] = await Promise.all([
  openOriginSecret(env.ALDERGATE_ORIGIN_SECRET),
  readKeys(env.ALDERGATE_ROSTER_SECRET),
  gatePorts(env),
]);

const { checkpoint, refresh } = publishedLog(ports.sideStore, Date.now);

/** What reports each minute whether it works. */
const REPORTING = ['projector', 'relay', 'derived', 'notify', 'policy-adoption', SEQUENCER];

const health = healthOf(
  [readableCheck(ports), writableCheck(ports), ports.ledger.check, recordsCheck(ports), reportedCheck(ports, REPORTING)],
  ports.clock,
);

/** Does not hold the key that makes officials' links. */
export const handler = httpHandler(
  apiApp({
    ports,
    logger,
    rosterSalt,
    leaseSeconds: env.ALDERGATE_LEASE_SECONDS,
    checkpoint,
    health,
    authenticate: credentials(ports),
  }),
  originSecret,
  refresh,
);
