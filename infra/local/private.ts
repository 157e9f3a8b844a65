import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { WEBHOOK_CONSUMER } from '../../functions/reactions/webhooks/deliver.ts';
import { CommandRefused } from './errors.ts';
import type { Installation } from './installation.ts';
import { exportedSecrets, withExportedSecrets } from './secrets.ts';

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

const keysPath = ({ settings }: Installation): string => join(settings.data, 'keys.json');

/** Writes the private part of an export, readable by its owner only. */
export const exportPrivate = async (installation: Installation, file: string): Promise<void> => {
  const sideStore: z.infer<typeof PrivateFile>['sideStore'] = [];
  for (const kind of KINDS)
    for (const { id, value } of await installation.ports.sideStore.list(
      kind,
      OF_SUBSCRIBERS.includes(kind) ? WEBHOOK_CONSUMER : '',
    ))
      sideStore.push({ kind, id, value: value as z.infer<ReturnType<typeof z.json>> });
  writeFileSync(file, JSON.stringify({ v: 1, keys: exportedSecrets(readFileSync(keysPath(installation), 'utf8')), sideStore }), {
    mode: 0o600,
  });
  chmodSync(file, 0o600);
};

/** Imports a private export. Its keys take effect at the next start. The keys for MACs stay this installation's own. */
export const importPrivate = async (installation: Installation, file: string): Promise<void> => {
  if (!existsSync(file)) throw new CommandRefused(`${file} is missing`);
  const parsed = PrivateFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new CommandRefused(`${file} is not a private export: ${z.prettifyError(parsed.error)}`);
  for (const { kind, id, value } of parsed.data.sideStore) await installation.ports.sideStore.put(kind, id, value);
  const keys = withExportedSecrets(readFileSync(keysPath(installation), 'utf8'), parsed.data.keys);
  writeFileSync(keysPath(installation), keys, { mode: 0o600 });
};
