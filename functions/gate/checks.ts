import { setTimeout } from 'node:timers/promises';
import { canonical } from '../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { endingWithoutSuccessor } from '../../domain/roster/holders.ts';
import { isValid } from '../../domain/vendors/events.ts';
import { type WalkedFeed, walkFeed } from '../platform/feed/consumers.ts';
import type { Finding, HealthCheck } from '../platform/health.ts';
import { messageOf } from '../platform/logging.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import type { Store, StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { chainProblem, commitOf } from '../platform/store/record.ts';
import { foldStream, readRosters, stateVersionOf } from './aggregates.ts';
import { addressOf } from './directory.ts';
import type { GatePorts } from './ports.ts';
import { zoneInForce } from './rules.ts';
import { listVendors, secretOf } from './vendors.ts';

/** `problems`: the first of each affected stream, ordered by stream. */
interface CheckedRows {
  readonly rows: number;
  readonly problems: readonly UnreadableRow[];
}

const PAGE = 200;

type ReadRow = { readonly ok: true; readonly row: StoredCommit } | { readonly ok: false; readonly unreadable: UnreadableRow };

/** Yields the rows of a stream up to the first unreadable one, then its problem. */
async function* rowsOf(store: Store, stream: string, upTo: number): AsyncGenerator<ReadRow> {
  const unreadable = (version: number, problem: string): ReadRow => ({ ok: false, unreadable: { stream, version, problem } });
  let limit = PAGE;
  for (let after = 0; after < upTo; ) {
    try {
      const page = await store.history(stream, { after, upTo, limit });
      if (page.length === 0) {
        yield unreadable(after + 1, `${stream}@${after + 1} is missing`);
        return;
      }
      for (const row of page) yield { ok: true, row };
      after = page.at(-1)?.version ?? upTo;
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      if (limit === 1) {
        yield unreadable(after + 1, error.message);
        return;
      }
      // Read one by one from here on, to identify the row that fails.
      limit = 1;
    }
  }
}

const firstProblem = async (
  store: Store,
  stream: string,
  upTo: number,
  seen: (row: StoredCommit) => void,
): Promise<UnreadableRow | undefined> => {
  let [before, state]: [StoredCommit | undefined, unknown] = [undefined, undefined];
  for await (const read of rowsOf(store, stream, upTo)) {
    if (!read.ok) return read.unreadable;
    const { row } = read;
    seen(row);
    const broken = chainProblem(before, row);
    const folded: Folded = broken === undefined ? foldedOnto(state, row) : { ok: false, problem: broken };
    if (!folded.ok) return { stream, version: row.version, problem: `${stream}@${row.version}: ${folded.problem}` };
    [before, state] = [row, folded.state];
  }
  return undefined;
};

type Folded = { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly problem: string };

const foldedOnto = (before: unknown, row: StoredCommit): Folded => {
  const { stream, state, stateVersion } = row;
  try {
    const folded = foldStream(stream, before, commitOf(row).events);
    // Readers never use a state written by other code: they fold it again.
    return stateVersion === stateVersionOf(stream) && state !== canonical(folded.state as JsonValue)
      ? { ok: false, problem: 'its state is not what its events give' }
      : { ok: true, state: folded.state };
  } catch (error) {
    return { ok: false, problem: `its events cannot be folded: ${messageOf(error)}` };
  }
};

/**
 * Checks every row: a valid MAC, no gap, an unbroken hash chain, and a stored state that is the fold of the events. `seen`: called with
 * each readable row, by stream.
 */
export const checkRows = async (
  store: Store,
  seen: (row: StoredCommit) => void = () => undefined,
  walked?: WalkedFeed,
): Promise<CheckedRows> => {
  const problems: UnreadableRow[] = [];
  let rows = 0;
  const counted = (row: StoredCommit): void => {
    rows += 1;
    seen(row);
  };
  for (const [stream, upTo] of [...(walked ?? (await walkFeed(store))).newest].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const problem = await firstProblem(store, stream, upTo, counted);
    if (problem !== undefined) problems.push(problem);
  }
  return { rows, problems };
};

const BEHIND_MS = 250;

const missing = (detail: string): Finding => ({ code: 'record-altered', detail });

const secretsMissing = async (ports: GatePorts): Promise<readonly Finding[]> => {
  const now = ports.clock();
  const found: Finding[] = [];
  for (const { id, keys } of await listVendors(ports))
    for (const known of keys)
      if (known.key.scheme === 'v1' && isValid(known, now) && (await secretOf(ports, known.key.id)) === undefined)
        found.push(missing(`The secret of key ${known.key.id} of ${id} is missing or altered: what it signs is refused.`));
  return found;
};

const addressesMissing = async (ports: GatePorts): Promise<readonly Finding[]> => {
  const { inForce } = await readRosters(ports);
  const found: Finding[] = [];
  for (const holder of Object.keys(inForce?.contacts ?? {}))
    if (!(await addressOf(ports, holder)).ok)
      found.push(missing(`The mail address of ${holder} is missing, or not the one the roster committed to: no mail leaves.`));
  return found;
};

/** Finds what the side store lacks or has altered of what the events name: secrets of valid keys, addresses of persons in office. */
export const recordsCheck = (ports: GatePorts): HealthCheck => {
  const look = async () => [...(await secretsMissing(ports)), ...(await addressesMissing(ports))];
  return async () => {
    const found = await look();
    if (found.length === 0) return found;
    // A record is written behind the commit that names it.
    await setTimeout(BEHIND_MS);
    return look();
  };
};

/** Finds terms of office that end within sixty days and that no other follows. */
export const termsCheck =
  (ports: GatePorts): HealthCheck =>
  async () => {
    const [{ inForce }, zone] = await Promise.all([readRosters(ports), zoneInForce(ports)]);
    if (inForce === null) return [];
    return endingWithoutSuccessor(inForce.roster, localMoment(ports.clock(), zone)).map(({ id, body, seat, to }) => ({
      code: 'term-ends',
      detail: `The term of ${id} in ${body}/${seat} ends ${to}, and the roster names no one after it.`,
    }));
  };
