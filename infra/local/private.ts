import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../functions/platform/logging.ts';
import { WEBHOOK_CONSUMER } from '../../functions/reactions/webhooks/deliver.ts';
import { CommandRefused } from './errors.ts';
import type { Installation } from './installation.ts';
import { exportedSecrets, takeExportedSecrets } from './secrets.ts';

/** The kinds of the side store that are neither derived nor public; a moved installation needs them. */
const KINDS = [
  'directory',
  'directory-proposed',
  'vendor',
  'vendor-secret',
  'vendor-form',
  'token',
  'link',
  'text',
  'sent',
  'passkey',
  'passkey-use',
  'passkey-spent',
  // The marks of subscribers come before the subscriptions, so that a subscription never starts from the beginning.
  'mark',
  'dead-letter',
  'subscription',
] as const;

/** Of these kinds only the entries of subscribers are exported: other consumers start where the archive ends. */
const OF_SUBSCRIBERS: readonly string[] = ['mark', 'dead-letter'];

/** Storage format. Secrets, links, addresses and texts of one installation. */
const PrivateFile = z.strictObject({
  v: z.literal(1),
  keys: z.string(),
  sideStore: z.array(z.strictObject({ kind: z.enum(KINDS), id: z.string(), value: z.json() })),
});
type PrivateFile = z.infer<typeof PrivateFile>;

const keysPath = ({ settings }: Installation): string => join(settings.data, 'keys.json');

export const privateText = async (installation: Installation): Promise<string> => {
  const sideStore: PrivateFile['sideStore'] = [];
  for (const kind of KINDS)
    for (const { id, value } of await installation.ports.sideStore.list(
      kind,
      OF_SUBSCRIBERS.includes(kind) ? WEBHOOK_CONSUMER : '',
    ))
      sideStore.push({ kind, id, value: value as z.infer<ReturnType<typeof z.json>> });
  const keys = exportedSecrets(readFileSync(keysPath(installation), 'utf8'));
  return JSON.stringify({ v: 1, keys, sideStore } satisfies PrivateFile);
};

/** Reads the private part of an export; undefined if there is none. Throws CommandRefused for what is none. */
export const readPrivate = (file: string): PrivateFile | undefined => {
  if (!existsSync(file)) return undefined;
  const parsed = PrivateFile.safeParse(jsonIn(file));
  if (!parsed.success) throw new CommandRefused(`${file} is not a private export: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

const jsonIn = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandRefused(`${file} is not a private export: ${messageOf(error)}`);
  }
};

/** Imports a private export. Its keys take effect at the next start. The keys for MACs stay this installation's own. */
export const importPrivate = async (installation: Installation, { sideStore, keys }: PrivateFile): Promise<void> => {
  for (const { kind, id, value } of sideStore) await installation.ports.sideStore.put(kind, id, value);
  takeExportedSecrets(keysPath(installation), keys);
};
