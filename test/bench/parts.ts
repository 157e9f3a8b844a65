import { aws, coldStarts } from './parts/aws.ts';
import { growth } from './parts/growth.ts';
import { log } from './parts/log.ts';
import { peers } from './parts/peers.ts';
import { clients, publication, server } from './parts/server.ts';
import type { Part } from './table.ts';

/** In the order in which they run. */
export const PARTS: Record<string, Part> = { server, clients, growth, publication, log, peers, 'cold-starts': coldStarts, aws };
