import type { GatePorts, Keys } from '../../gate/ports.ts';
import type { Logger } from '../../platform/logging.ts';
import type { WrittenMail } from '../../platform/mail/localMailers.ts';
import type { RegisterPorts } from '../../register/rows.ts';

export interface PagesDeps {
  readonly ports: Pick<GatePorts, 'url' | 'zone' | 'clock' | 'city'>;
  readonly logger: Logger;
}

export interface VerifierFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `bytes`, hex. */
  readonly sha256: string;
}

export type SitePorts = GatePorts & RegisterPorts;

export const NO_OUTBOX: SiteDeps['outbox'] = async () => undefined;

export interface LinkDeps extends PagesDeps {
  readonly ports: SitePorts;
  readonly keys: Pick<Keys, 'linkKey' | 'textKey'>;
  readonly checkpoint: () => string | undefined;
}

export interface SiteDeps extends LinkDeps {
  readonly vkey: () => string | undefined;
  readonly verifier: () => Promise<VerifierFile | undefined>;
  readonly outbox: () => Promise<readonly WrittenMail[] | undefined>;
}
