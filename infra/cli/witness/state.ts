// Storage format of a witness: its key (PEM, PKCS #8), and for each log the newest checkpoint it cosigned, as it was sent.
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CosignBytes } from '../../../domain/log/cosignature.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { type VerifierKey, verifierKey } from '../../../domain/log/verifierKey.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';

/** The key of a witness, and the checkpoints it must remember. */
export interface WitnessState {
  readonly key: VerifierKey;
  readonly sign: CosignBytes;
  readonly latest: (log: TrustedLog) => Promise<SignedCheckpoint | undefined>;
  /** Durable once it resolves; `false` if another checkpoint than `known` is stored. */
  readonly advance: (log: TrustedLog, known: SignedCheckpoint | undefined, next: SignedCheckpoint) => Promise<boolean>;
}

const KEY_FILE = 'witness.key';

/** Makes the key once, readable by its owner only. */
const openKey = (folder: string): KeyObject => {
  const path = join(folder, KEY_FILE);
  if (!existsSync(path)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeFileSync(path, pem, { flag: 'wx', mode: 0o600, flush: true });
  }
  return createPrivateKey(readFileSync(path));
};

const pathOf = ({ origin }: TrustedLog): string => `${hash('sha256', origin)}.checkpoint`;

/** Opens a witness's folder, and makes it and its key on the first call. `name` is the name of its key. */
export const openWitness = (folder: string, name: string): WitnessState => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const privateKey = openKey(folder);
  const blobs = folderBlobs(folder);
  const raw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    key: verifierKey(name, 4, new Uint8Array(raw)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    latest: async (log) => {
      const bytes = await blobs.get(pathOf(log));
      return bytes === undefined ? undefined : SignedCheckpoint.open(bytes, log);
    },
    advance: (log, known, next) => blobs.replace(pathOf(log), next.bytes, known?.bytes),
  };
};
