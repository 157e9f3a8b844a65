import type { Keys } from '../../gate/keys.ts';
import type { GatePorts } from '../../gate/ports.ts';
import type { Log } from '../../platform/logging.ts';
import type { Trial } from './locale.ts';

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
  readonly log: Log;
  /** Tests only: a language that `?lang=` may ask for beside those the site offers, to prove the layout from right to left. */
  readonly trial?: Trial;
}

/** The verifier as one file, as `npm run build:verify` made it. */
export interface VerifierFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `bytes`, hex. */
  readonly sha256: string;
}

/** The ports of the site. */
export interface SiteDeps extends PagesDeps {
  readonly ports: GatePorts & {
    /** Awaited before a list is read, so that it shows what was just committed. Absent: lists may lag. */
    readonly settled?: () => Promise<void>;
  };
  readonly keys: Pick<Keys, 'linkKey' | 'textKey'>;
  /** The newest published checkpoint of the public log, by its size; undefined before the first. */
  readonly checkpoint?: () => string | undefined;
  /** The verifier key of the public log, whose name is the log's origin; undefined while it is not known. */
  readonly vkey?: () => string | undefined;
  /** Served at `/aldergate-verify.mjs`; `undefined` if it was not built. */
  readonly verifier: VerifierFile | undefined;
  /** The mails written to a folder, oldest first. Absent where mail is really sent, or where others than this machine can ask. */
  readonly outbox?: () => Promise<readonly OutboxMail[]>;
}
