import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type CopiedKeys, MOVED_KEYS, type MovedKeys, Secret } from '../../functions/log/privatePart.ts';
import { readPlainFile } from '../../functions/platform/files.ts';
import { codeOf, messageOf } from '../../functions/platform/logging.ts';
import type { MacKeys } from '../../functions/platform/store/mac.ts';
import { UnusableFolder } from './errors.ts';
import { fileDraft, syncPath, writeFileAtomically } from './folders.ts';

/** MAC keys: the first makes new MACs; a second, older key is accepted while a rotation replaces its MACs. */
const MacSecrets = z.tuple([Secret], Secret);

/**
 * Storage format of `<data>/keys.json`: base64 of 32 bytes each, and the log's Ed25519 private keys as PKCS #8: the signing key, `next`
 * while a rotation introduces it, `former` while it also signs. `commit` authenticates the rows of commits.
 */
const SecretsFile = z.strictObject({
  v: z.literal(1),
  ...MOVED_KEYS,
  commit: MacSecrets,
  log: z.string(),
});
type SecretsFile = z.infer<typeof SecretsFile>;

/** The secrets of an installation: generated once, never in an event, moved only by an export. */
export interface Secrets {
  readonly linkKey: Uint8Array;
  readonly textKey: Uint8Array;
  readonly rosterSalt: Uint8Array;
  readonly commitKeys: MacKeys;
  /** Ed25519, signs the public log. PEM, PKCS #8. */
  readonly logKey: string;
  /** The previous key, which also signs until `until`, exclusive. */
  readonly formerLogKey: { readonly key: string; readonly until: string } | undefined;
}

const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

const macKeys = ([current, ...older]: z.infer<typeof MacSecrets>): MacKeys => [bytes(current), ...older.map(bytes)];

const textOf = (secrets: SecretsFile): string => `${JSON.stringify(secrets, null, 2)}\n`;

/** Writes the file atomically, unless another process did first. */
const writeOnce = (path: string, secrets: SecretsFile): void => {
  const draft = fileDraft(path, textOf(secrets), 0o600);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncPath(dirname(path));
};

/** Generates an Ed25519 private key: PEM, PKCS #8. */
export const generateLogKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const fresh = (): SecretsFile => {
  const secret = () => randomBytes(32).toString('base64');
  return { v: 1, link: secret(), text: secret(), roster: secret(), commit: [secret()], log: generateLogKey() };
};

const IF_LOST = 'if there is none, see “Other keys” in docs/faults.md';

/** Throws {@link UnusableFolder} if the file is missing, has another format or holds no key. */
export const readSecrets = (path: string): SecretsFile => {
  try {
    const secrets = SecretsFile.parse(JSON.parse(readPlainFile(path).toString()));
    createPrivateKey(secrets.log);
    return secrets;
  } catch (error) {
    const advice = codeOf(error) === undefined ? `; put back its backup (${IF_LOST})` : '';
    throw new UnusableFolder(`${path} cannot be used: ${messageOf(error)}${advice}`);
  }
};

/** The file that marks a data folder whose keys were moved away: if they were put back, two machines would sign the same log. */
const movedMark = (path: string): string => join(dirname(path), 'moved');

/**
 * Returns the secrets of a data folder, generated on the first call. `made`: whether this call did. Throws {@link UnusableFolder}
 * if they were moved away, even if they were put back.
 */
export const openSecrets = (path: string): Secrets & { readonly made: boolean } => {
  if (existsSync(movedMark(path)))
    throw new UnusableFolder(
      `the installation in ${dirname(path)} was moved by \`aldergate export --move\`, and goes on where that file was imported: this folder never starts again. Do not put keys.json back, or two machines sign the same log; it comes back by an import into an empty folder`,
      null,
    );
  const made = !existsSync(path);
  if (made && existsSync(join(dirname(path), 'aldergate.db')))
    throw new UnusableFolder(
      `${path} is missing, and the databases beside it were written with its keys: put back its backup (${IF_LOST})`,
    );
  if (made) writeOnce(path, fresh());
  // A restored copy may be readable by all. A file that is already private may be on a read-only disk.
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const { link, text, roster, commit, log, former } = readSecrets(path);
  return {
    linkKey: bytes(link),
    textKey: bytes(text),
    rosterSalt: bytes(roster),
    commitKeys: macKeys(commit),
    logKey: log,
    formerLogKey: former,
    made,
  };
};

const replace = (path: string, secrets: SecretsFile): void => writeFileAtomically(path, textOf(secrets), 0o600);

/**
 * Returns the next key of the log, which is stored before it is announced. Reuses the key of an interrupted rotation. `untilOf`:
 * when the old key ends.
 */
export const prepareLogKey = (
  path: string,
  untilOf: (next: string) => string,
): { readonly key: string; readonly until: string } => {
  const secrets = readSecrets(path);
  const key = secrets.next?.key ?? generateLogKey();
  const next = { key, until: untilOf(key) };
  if (next.until !== secrets.next?.until) replace(path, { ...secrets, next });
  return next;
};

/** Makes the prepared key the signing key; the previous one also signs until its end. Idempotent. */
export const switchLogKey = (path: string): void => {
  const { next, former: _, ...secrets } = readSecrets(path);
  if (next === undefined) return;
  replace(path, { ...secrets, log: next.key, former: { key: secrets.log, until: next.until } });
};

/**
 * Introduces a new MAC key for commits. The old one is accepted until {@link endCommitKeyRotation}. Resumes an interrupted rotation.
 * Requires that no server runs on the folder.
 */
export const beginCommitKeyRotation = (path: string): void => {
  const secrets = readSecrets(path);
  if (secrets.commit.length === 1) replace(path, { ...secrets, commit: [randomBytes(32).toString('base64'), ...secrets.commit] });
};

export const endCommitKeyRotation = (path: string): void => {
  const secrets = readSecrets(path);
  replace(path, { ...secrets, commit: [secrets.commit[0]] });
};

/** Returns the keys that move with an installation; MAC keys do not, since an import computes every MAC again under its own keys. */
export const movedKeys = (path: string): MovedKeys => {
  const { v: _, commit: __, ...moved } = readSecrets(path);
  return moved;
};

/**
 * Returns the log's private keys among moved keys: the signing key, and after a rotation the previous one, which alone
 * signed the last checkpoint until the next commit. Empty if the log's signing key cannot be exported. Throws {@link
 * UnusableFolder} for an invalid key.
 */
export const movedLogKeys = ({ log, former }: CopiedKeys): readonly string[] => {
  const keys = [log, former?.key].filter((key) => key !== undefined);
  try {
    keys.forEach(createPrivateKey);
  } catch (error) {
    throw new UnusableFolder(`the exported keys cannot be used: ${messageOf(error)}`);
  }
  return keys;
};

/** Stores moved keys in a file, which keeps its own MAC keys, and its own log and link keys if none moved. */
export const storeMovedKeys = (path: string, { log, link, ...keys }: CopiedKeys): void => {
  const { v, commit, log: ownLog, link: ownLink } = readSecrets(path);
  replace(path, { v, commit, log: log ?? ownLog, link: link ?? ownLink, ...keys });
};

/** Removes the keys and marks the folder as moved. */
export const removeKeys = (path: string): void => {
  syncPath(movedMark(path), 'a');
  unlinkSync(path);
  syncPath(dirname(path));
};
