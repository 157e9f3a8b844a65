import type { GatePorts } from '../../gate/ports.ts';
import type { HealthProblem } from '../../platform/health.ts';
import type { Log } from '../../platform/logging.ts';
import type { ProjectorPorts } from '../../register/snapshot.ts';
import type { Credentials } from '../http/credentials.ts';

/** What the API stands on. */
export interface ApiDeps {
  readonly ports: GatePorts & Pick<ProjectorPorts, 'settled'>;
  readonly log: Log;
  /** The newest published checkpoint of the public log, in one word; undefined while there is none. */
  readonly checkpoint?: () => string | undefined;
  /** Salts the commitments to mail addresses in rosters (see `contactsOf`). */
  readonly rosterSalt: Uint8Array;
  /** What keeps the gate from doing all its work; empty if nothing does. */
  readonly health: () => Promise<readonly HealthProblem[]>;
  /** Tells who calls; absent: API tokens do. The command line on its own machine is the operator and needs none. */
  readonly authenticate?: Credentials;
}
