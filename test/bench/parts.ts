import { aws, coldStarts } from './parts/aws.ts';
import { clients } from './parts/clients.ts';
import { growth } from './parts/growth.ts';
import { log, publication } from './parts/log.ts';
import { peers } from './parts/peers.ts';
import { server } from './parts/server.ts';
import type { Measured, Scale } from './table.ts';

/** All parts of the benchmarks, by their names, in the order in which they run. */
export const PARTS: Readonly<Record<string, (scale: Scale) => Promise<Measured>>> = {
  server,
  clients,
  growth,
  publication,
  log,
  peers,
  'cold-starts': coldStarts,
  aws,
};
