import type { GatePorts } from '../gate/ports.ts';
import type { Log } from '../http/log.ts';
import type { ProjectorPorts } from '../projector/snapshot.ts';

/** What the API stands on. */
export interface ApiDeps {
  readonly ports: GatePorts & Pick<ProjectorPorts, 'settled'>;
  readonly log: Log;
  /** The newest published checkpoint of the public log, in one word; undefined while there is none. */
  readonly checkpoint?: () => string | undefined;
}
