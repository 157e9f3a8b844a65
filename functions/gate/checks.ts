import { setTimeout } from 'node:timers/promises';
import { canonical } from '../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { endingWithoutSuccessor } from '../../domain/roster/holders.ts';
import { isValid } from '../../domain/vendors/events.ts';
import { type WalkedFeed, walkFeed } from '../platform/feed/consumers.ts';
import type { Finding, HealthCheck } from '../platform/health.ts';
import { messageOf } from '../platform/logging.ts';
import { commitsIn } from '../platform/store/load.ts';
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

const firstProblem = async (
  store: Store,
  stream: string,
  upTo: number,
  seen: (row: StoredCommit) => void,
): Promise<UnreadableRow | undefined> => {
  let [before, state]: [StoredCommit | undefined, unknown] = [undefined, undefined];
  for await (const { version, commit, problem } of commitsIn(store, [{ stream, from: 1, to: upTo }])) {
    if (commit === undefined) return { stream, version, problem: problem?.message ?? `${stream}@${version} is missing` };
    seen(commit);
    const broken = chainProblem(before, commit);
    const folded: Folded = broken === undefined ? foldedOnto(state, commit) : { ok: false, problem: broken };
    if (!folded.ok) return { stream, version, problem: `${stream}@${version}: ${folded.problem}` };
    [before, state] = [commit, folded.state];
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

/** Finds records that events name and the side store lacks or has altered: secrets of valid keys, addresses of persons in office. */
export const recordsCheck = (ports: GatePorts): HealthCheck => {
  const look = async () => [...(await secretsMissing(ports)), ...(await addressesMissing(ports))];
  return async () => {
    const found = await look();
    if (found.length === 0) return found;
    // A record is written after the commit that names it.
    await setTimeout(BEHIND_MS);
    return look();
  };
};

/** Finds terms of office that end within sixty days without a successor. */
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
