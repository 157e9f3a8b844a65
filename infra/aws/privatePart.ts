import { setTimeout } from 'node:timers/promises';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { askForEveryone } from '../../functions/gate/renewals.ts';
import { readKeys, readSecret } from '../../functions/handlers/runtime/secrets.ts';
import { draftOf, type FileDraft } from '../../functions/log/archiveFile.ts';
import { ENCRYPTED_SUFFIX, privateLinesIn } from '../../functions/log/privateFile.ts';
import { type CopiedKeys, type MovedKeys, movedKeysOf, privatePart, writePrivatePart } from '../../functions/log/privatePart.ts';
import { encryptedTo } from '../../functions/platform/age.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import type { RecordsOutputs } from './outputs.ts';

type KeySecrets = Pick<RecordsOutputs, 'LinkSecret' | 'TextSecret' | 'RosterSecret'>;

const keysIn = async ({ LinkSecret, TextSecret, RosterSecret }: KeySecrets): Promise<MovedKeys> => {
  const [linkKey, textKey, rosterSalt] = await readKeys(LinkSecret, TextSecret, RosterSecret);
  if (linkKey === undefined || textKey === undefined || rosterSalt === undefined) throw new Error('a key has no secret');
  return movedKeysOf({ linkKey, textKey, rosterSalt });
};

/** Drafts the private part of a stage beside the archive in `file`, encrypted to a recipient of age. */
export const draftPrivate = async (
  file: string,
  recipient: string,
  sideStore: SideStore,
  secrets: KeySecrets,
): Promise<FileDraft> =>
  draftOf(`${file}${ENCRYPTED_SUFFIX}`, await encryptedTo(recipient, privatePart(sideStore, await keysIn(secrets))));

const SEEN = { tries: 30, pauseMs: 1_000 };

/** Puts a value into a secret, and waits until it is what is read: a function reads it once. */
const put = async (client: SecretsManagerClient, SecretId: string, value: string): Promise<void> => {
  if ((await readSecret(SecretId)) === value) return;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
  for (let left = SEEN.tries; (await readSecret(SecretId)) !== value; left -= 1) {
    if (left === 0) throw new Error(`the secret ${SecretId} does not show the value that was put into it: run the import again`);
    await setTimeout(SEEN.pauseMs);
  }
};

/** A private part to import. `keepLinks`: with the key of its links, so that those in earlier mails go on working. */
export interface PrivateImport {
  readonly file: string;
  readonly identity: string | undefined;
  readonly keepLinks: boolean;
}

/**
 * Imports a private part into a stage that is closed: its keys into the secrets, then its records. Without the key of its links everyone is mailed
 * new ones once the stage is open. May be repeated. Returns the number of records in the part.
 */
export const importPrivatePart = async (
  ports: { readonly store: Store; readonly sideStore: SideStore; readonly clock: () => string },
  secrets: KeySecrets,
  { file, identity, keepLinks }: PrivateImport,
  { link, text, roster }: CopiedKeys,
): Promise<number> => {
  const client = new SecretsManagerClient({});
  try {
    await put(client, secrets.TextSecret, text);
    await put(client, secrets.RosterSecret, roster);
    if (keepLinks && link !== undefined) await put(client, secrets.LinkSecret, link);
  } finally {
    client.destroy();
  }
  const { records } = await writePrivatePart(ports.sideStore, privateLinesIn(file, identity), keepLinks ? [] : ['link']);
  if (!keepLinks) await askForEveryone(ports);
  return records;
};
