import { appends } from './measures/appends.ts';
import { aws } from './measures/aws.ts';
import { coldStarts } from './measures/coldStarts.ts';
import { decisions } from './measures/decisions.ts';
import { growth } from './measures/growth/growth.ts';
import { judging } from './measures/judging.ts';
import { log } from './measures/log.ts';
import { overHttp } from './measures/overHttp.ts';
import { peers } from './measures/peers.ts';
import { publication } from './measures/publication.ts';
import type { Measured, Scale } from './measures/result.ts';
import { wholeServer } from './measures/wholeServer.ts';

/** A part of the benchmarks, run by its name. `quick`: it is part of the quick look. */
export interface Part {
  readonly quick: boolean;
  readonly measure: (scale: Scale) => Promise<Measured>;
}

/** All parts, in the order in which they run. */
export const PARTS: Readonly<Record<string, Part>> = {
  server: { quick: true, measure: wholeServer },
  requests: { quick: true, measure: overHttp },
  growth: { quick: true, measure: growth },
  decisions: { quick: false, measure: async () => ({ results: await decisions() }) },
  appends: { quick: true, measure: async () => ({ results: await appends() }) },
  peers: { quick: false, measure: peers },
  aws: { quick: true, measure: aws },
  'cold-starts': { quick: false, measure: async () => ({ results: await coldStarts() }) },
  log: { quick: false, measure: async () => ({ results: await log() }) },
  publication: { quick: false, measure: publication },
  judging: { quick: false, measure: async () => ({ results: await judging() }) },
};
