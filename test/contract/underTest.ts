import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type Commit, hashOf } from '../../domain/kernel/commit.ts';
import { accept, type Decider, nothing, reject } from '../../domain/kernel/decider.ts';
import type { Aggregate } from '../../functions/platform/store/load.ts';
import type { Attachment, CommitPlace, Store, StoredCommit } from '../../functions/platform/store/port.ts';
import { newRecord } from '../../functions/platform/store/record.ts';
import { StreamQueue, type SubmitPorts, type SubmitRequest } from '../../functions/platform/store/submit.ts';

/** The changes that an intruder can make to a stored commit behind the adapter's back. */
export interface Tampering {
  readonly bytes?: Uint8Array;
  readonly state?: string;
  readonly attachmentBytes?: Uint8Array;
  /** Other attachments, each with the digest of its bytes. */
  readonly attachments?: readonly Attachment[];
  /** The MAC of the changed row: the one it had (the default), none, one under a foreign key, or a valid one. */
  readonly mac?: 'as it was' | 'none' | 'of a stranger' | 'valid';
}

export interface StoreUnderTest {
  readonly store: Store;
  /** The store of another process on the same data. */
  readonly other: Store;
  /** The store of an attacker who knows everything except the key. */
  readonly forger: Store;
  readonly tamper: (stream: string, version: number, changes: Tampering) => Promise<void>;
  /** Makes every append to a stream fail before it is stored, until the returned function is called. */
  readonly failAppends: (stream: string) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
}

export const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** Returns a record as `submit` makes it, the next after `previous`. */
export const recordAfter = (
  previous: StoredCommit | undefined,
  {
    attachments = [],
    state = '{}',
    ...changes
  }: Partial<Commit> & { readonly attachments?: readonly Attachment[]; readonly state?: string } = {},
): StoredCommit => {
  const version = (previous?.version ?? 0) + 1;
  const commit: Commit = {
    stream: previous?.stream ?? 'feature/flock',
    version,
    id: `id-${version}`,
    commandId: `command-${version}`,
    at: START,
    actor: 'vendor:flock',
    prev: previous ? hashOf(previous.bytes) : null,
    events: [{ type: 'Entered', v: 1, entry: `entry ${version} – Straße 🚦`, at: START }],
    ...changes,
  };
  return newRecord(commit, { state, stateVersion: 1, attachments });
};

export const attachment = (bytes: Uint8Array, mediaType = 'application/json'): Attachment => ({
  sha256: hashOf(bytes),
  mediaType,
  bytes,
});

/** Returns the fields of a record, with bytes in one class, so that adapters can be compared. */
export const plain = ({ bytes, attachments, ...rest }: StoredCommit) => ({
  ...rest,
  bytes: Buffer.from(bytes).toString('hex'),
  attachments: attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') })),
});

/** Reads to the first page that is `done`. */
export const readFeed = async (
  store: Store,
  cursor: string | undefined,
  limit: number,
): Promise<{ items: StoredCommit[]; next: string }> => {
  const items: StoredCommit[] = [];
  let next = cursor;
  for (;;) {
    const page = await store.feed(next, limit);
    if (page.items.length > limit) throw new Error(`${page.items.length} items where ${limit} were asked for`);
    items.push(...page.items);
    next = page.next;
    if (page.done) return { items, next };
  }
};

export const placeOf = ({ stream, version }: CommitPlace): string => `${stream}@${version}`;

/** The smallest aggregate that shows a store's losses: every entry must be in it exactly once. */
const Entered = z.strictObject({ type: z.literal('Entered'), v: z.literal(1), entry: z.string(), at: z.string() });
const LedgerState = z.strictObject({ entries: z.array(z.string()) });

type LedgerEvent = z.infer<typeof Entered>;
type LedgerState = z.infer<typeof LedgerState>;
interface LedgerCommand {
  readonly entries: readonly string[];
  readonly at: string;
}

const decider: Decider<LedgerCommand, LedgerState, LedgerEvent, 'forbidden'> = {
  initialState: { entries: [] },
  decide: ({ entries, at }, state) => {
    if (entries.includes('forbidden')) return reject('forbidden', 'this entry is never taken');
    const fresh = entries.filter((entry) => !state.entries.includes(entry));
    return fresh.length === 0 ? nothing : accept(...fresh.map((entry): LedgerEvent => ({ type: 'Entered', v: 1, entry, at })));
  },
  evolve: ({ entries }, { entry }) => ({ entries: [...entries, entry] }),
};

export const ledgerOf = (stateVersion: number): Aggregate<LedgerCommand, LedgerState, LedgerEvent, 'forbidden'> => ({
  decider,
  stateVersion,
  parseEvent: (json) => Entered.parse(json),
  parseState: (json) => LedgerState.parse(json),
});
export const ledger = ledgerOf(1);

export const START = '2026-04-01T00:00:00.000Z';

/** With a separate queue, as another process has it. */
export const portsOn = (store: Store, clock: () => string = () => START): SubmitPorts => ({
  store,
  clock,
  newId: randomUUID,
  queue: new StreamQueue(),
});

/** Its default id is that of the first entry. */
export const enter = (
  stream: string,
  entries: readonly string[],
  commandId = `enter ${entries[0]?.slice(0, 40)}`,
): SubmitRequest<LedgerCommand> => ({
  stream,
  commandId,
  actor: 'operator',
  command: (at) => ({ entries, at }),
});
