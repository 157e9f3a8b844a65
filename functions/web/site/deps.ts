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
  /** Returns the newest published checkpoint of the public log, by its size; undefined before the first. */
  readonly checkpoint: () => string | undefined;
}

/** The ports of the site. */
export interface SiteDeps extends LinkDeps {
  /** Returns the verifier key of the public log, whose name is the log's origin; undefined while it is not known. */
  readonly vkey: () => string | undefined;
  /** Returns what is served at `/aldergate-verify.mjs`; `undefined` if it was not built. */
  readonly verifier: () => Promise<VerifierFile | undefined>;
  /** Returns the mails written to a folder, oldest first; undefined where mail is really sent, or others than this machine can ask. */
  readonly outbox: () => Promise<readonly OutboxMail[] | undefined>;
}
