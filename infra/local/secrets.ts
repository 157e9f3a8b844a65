import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import * as z from 'zod';

const Secret = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/** Storage format of `<data>/keys.json`: base64 of 32 bytes each, and the log's Ed25519 private key as PKCS #8. */
const SecretsFile = z.strictObject({ v: z.literal(1), link: Secret, text: Secret, roster: Secret, log: z.string() });

/** What an installation keeps to itself: made once, never in an event, moved only by `export --private`. */
export interface Secrets {
  /** Makes the links of officials. */
  readonly linkKey: Uint8Array;
  /** Salts the texts of officials. */
  readonly textKey: Uint8Array;
  /** Salts the commitments to mail addresses. */
  readonly rosterSalt: Uint8Array;
  /** Ed25519, signs the public log. PEM, PKCS #8. */
  readonly logKey: string;
}

const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

/** Writes the file whole or not at all, and never over another that was made at the same moment. */
const writeOnce = (path: string, text: string): void => {
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
};

const fresh = (): z.infer<typeof SecretsFile> => {
  const secret = () => randomBytes(32).toString('base64');
  const log = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { v: 1, link: secret(), text: secret(), roster: secret(), log };
};

/** The secrets of a data folder, made on the first call; `made` says whether this call did. */
export const openSecrets = (path: string): Secrets & { readonly made: boolean } => {
  const made = !existsSync(path);
  if (made) writeOnce(path, `${JSON.stringify(fresh(), null, 2)}\n`);
  const { link, text, roster, log } = SecretsFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  return { linkKey: bytes(link), textKey: bytes(text), rosterSalt: bytes(roster), logKey: log, made };
};
