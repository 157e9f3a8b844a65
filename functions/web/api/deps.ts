import type { GatePorts } from '../../gate/ports.ts';
import type { HealthProblem } from '../../platform/health.ts';
import type { Logger } from '../../platform/logging.ts';
import type { Store } from '../../platform/store/port.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import type { Credentials } from '../http/credentials.ts';

/** The ports of the API. */
export interface ApiDeps {
  readonly ports: GatePorts & RegisterPorts;
  readonly logger: Logger;
  /** For how long a client may hold a "yes" of OFREP, in seconds from the sending of its question. */
  readonly leaseSeconds: number;
  /**
   * The heads of bulk answers where these may be somewhat old, see `KeptHeads`; absent where the store knows by itself what has changed, and
   * where none may be.
   */
  readonly keptHeads?: { readonly store: Store; readonly holds: (streams: readonly string[]) => boolean } | undefined;
  /** Streams by which a client hears that it must ask again; absent where no process serves them. */
  readonly streams?: { readonly urlFor: (token: string) => string } | undefined;
  /** Returns the newest published checkpoint of the public log, by its size; undefined before the first. */
  readonly checkpoint: () => string | undefined;
  /** Salts the commitments to mail addresses in rosters (see `contactsOf`). */
  readonly rosterSalt: Uint8Array;
  /** Returns what is wrong with the gate, notes included; empty if nothing is. */
  readonly health: () => Promise<readonly HealthProblem[]>;
  /** Authenticates the caller: by API token over HTTP; on its own machine the command line is the operator and needs none. */
  readonly authenticate: Credentials;
}
