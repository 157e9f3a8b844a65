import type { GatePorts, Keys } from '../../gate/ports.ts';
import type { Logger } from '../../platform/logging.ts';
import type { RegisterPorts } from '../../register/rows.ts';

/** A mail of the outbox as shown on loopback. `change`: `key/n`; null for a mail about something else. */
export interface OutboxMail {
  readonly to: string;
  readonly subject: string;
  readonly change: string | null;
  readonly revision: number | null;
  readonly links: readonly string[];
}

/** The ports of every app that serves pages. */
export interface PagesDeps {
  readonly ports: Pick<GatePorts, 'url' | 'zone' | 'clock' | 'city'>;
  readonly logger: Logger;
}

/** The verifier as one file. */
export interface VerifierFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `bytes`, hex. */
  readonly sha256: string;
}

/** The ports of the site. */
export type SitePorts = GatePorts & RegisterPorts;

/** Shows no outbox. */
export const NO_OUTBOX: SiteDeps['outbox'] = async () => undefined;

/** The ports of the pages behind officials' links. */
export interface LinkDeps extends PagesDeps {
  readonly ports: SitePorts;
  readonly keys: Pick<Keys, 'linkKey' | 'textKey'>;
  readonly checkpoint: () => string | undefined;
}

/** The ports of the site. */
export interface SiteDeps extends LinkDeps {
  readonly vkey: () => string | undefined;
  readonly verifier: () => Promise<VerifierFile | undefined>;
  readonly outbox: () => Promise<readonly OutboxMail[] | undefined>;
}
