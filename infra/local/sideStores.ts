import { join } from 'node:path';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import type { SideKind } from '../../functions/platform/store/sideKinds.ts';
import type { RecordGuard, RecordMacs, SideStore } from '../../functions/platform/store/sideStore.ts';
import type { DatabaseCheck } from '../../functions/platform/store/sqlite/databaseCheck.ts';
import { openSqliteSideStore, type SqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { FOLLOWER_KINDS } from '../../functions/register/derived/followers.ts';
import { DERIVED_KINDS } from '../../functions/register/derived/records.ts';

export const SIDE_FILES = { records: 'side.db', consumers: 'consumers.db' } as const;

/**
 * The kinds of records that what follows a commit writes, many at a time: how far each consumer is, the mails that were sent, the documents
 * of the register, what is derived from the log, and its index. Every other kind is written by requests and commands, one at a time.
 */
export const OF_CONSUMERS: ReadonlySet<SideKind> = new Set<SideKind>([
  'change',
  'dead-letter',
  ...DERIVED_KINDS,
  ...FOLLOWER_KINDS.writes,
  'drift-mailed',
  'feed-cursor',
  'log-applied',
  'log-compared',
  'log-held',
  'log-place',
  'log-witness',
  'mark',
  'register',
  'register-edition',
  'sent',
  'trouble',
  'weekly-mailed',
]);

const openConsumers = (path: string, guard: RecordGuard): SqliteSideStore => {
  try {
    // A mark that is lost is a repeat, and everything else is made again.
    return openSqliteSideStore(path, guard, 'NORMAL');
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    throw new CorruptStore(`${error.message}. It is set aside and made again when the server is started`, { cause: error });
  }
};

export interface SideStores extends SideStore, RecordMacs {
  readonly checks: readonly DatabaseCheck[];
}

/**
 * Opens the side store of a data folder. Consumers' records have a file of their own, so that a request that writes a record (a text, a
 * passkey, a token) does not wait, with its thread, for the lock that a batch of theirs holds.
 */
export const openSideStores = (data: string, guard: RecordGuard): SideStores => {
  const records = openSqliteSideStore(join(data, SIDE_FILES.records), guard);
  const consumers = openConsumers(join(data, SIDE_FILES.consumers), guard);
  const of = (kind: SideKind): SideStore => (OF_CONSUMERS.has(kind) ? consumers : records);
  return {
    checks: [records.check, consumers.check],
    get: (kind, id) => of(kind).get(kind, id),
    put: (kind, ...rest) => of(kind).put(kind, ...rest),
    putIfAbsent: (kind, ...rest) => of(kind).putIfAbsent(kind, ...rest),
    remove: (kind, ...rest) => of(kind).remove(kind, ...rest),
    list: (kind, ...rest) => of(kind).list(kind, ...rest),
    altered: async () => [...(await records.altered()), ...(await consumers.altered())],
    renewMacs: async () => (await records.renewMacs()) + (await consumers.renewMacs()),
    close: async () => {
      await records.close();
      await consumers.close();
    },
  };
};
