import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { WEBHOOK_CONSUMER } from '../../functions/reactions/webhooks/deliver.ts';
import type { House } from './house.ts';
import { Refused } from './refused.ts';
import { withLogKeyOf } from './secrets.ts';

/** The kinds of the side store that are not derived and not public: what a moved installation needs to go on. */
const KINDS = [
  'directory',
  'directory-proposed',
  'vendor',
  'vendor-secret',
  'token',
  'link',
  'link-generation',
  'text',
  'sent',
  'passkey',
  'passkey-first',
  'passkey-use',
  'passkey-spent',
  // How far each subscriber was told, before the subscriber itself: whoever reads the latter goes on from there.
  'mark',
  'dead-letter',
  'subscription',
] as const;

/** Of these kinds only what belongs to subscribers is not derived: all other consumers begin anew where an archive ends. */
const OF_SUBSCRIBERS: readonly string[] = ['mark', 'dead-letter'];

/** Storage format. Secrets, links, addresses and texts of one installation. */
const PrivateFile = z.strictObject({
  v: z.literal(1),
  keys: z.string(),
  side: z.array(z.strictObject({ kind: z.enum(KINDS), id: z.string(), value: z.json() })),
});

const keysPath = ({ settings }: House): string => join(settings.data, 'keys.json');

/** Writes what `export` leaves out, readable by its owner only. */
export const exportPrivate = async (house: House, file: string): Promise<void> => {
  const side: z.infer<typeof PrivateFile>['side'] = [];
  for (const kind of KINDS)
    for (const { id, value } of await house.ports.side.list(kind, OF_SUBSCRIBERS.includes(kind) ? WEBHOOK_CONSUMER : ''))
      side.push({ kind, id, value: value as z.infer<ReturnType<typeof z.json>> });
  writeFileSync(file, JSON.stringify({ v: 1, keys: readFileSync(keysPath(house), 'utf8'), side }), { mode: 0o600 });
  chmodSync(file, 0o600);
};

/** Puts an exported private file in place; the keys take effect with the next start. `keepsLogKey`: a successor signs with its own. */
export const importPrivate = async (house: House, file: string, keepsLogKey = false): Promise<void> => {
  if (!existsSync(file)) throw new Refused(`${file} is missing`);
  const parsed = PrivateFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Refused(`${file} is not a private export: ${z.prettifyError(parsed.error)}`);
  for (const { kind, id, value } of parsed.data.side) await house.ports.side.put(kind, id, value);
  const keys = keepsLogKey ? withLogKeyOf(readFileSync(keysPath(house), 'utf8'), parsed.data.keys) : parsed.data.keys;
  writeFileSync(keysPath(house), keys, { mode: 0o600 });
};
