import * as z from 'zod';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { CorruptStore, StoreUnavailable } from './store/errors.ts';
import type { Store } from './store/port.ts';
import type { SideStore } from './store/sideStore.ts';
import { isBehind } from './store/submit.ts';

/** Problems that can keep a gate from its work. Wire format: a code is never renamed. */
export const HealthCode = z.enum([
  'store-unreadable',
  'store-not-writable',
  'disk-low',
  'log-conflict',
  'other-keys',
  'judge-failed',
  'clock-behind',
  'consumers-stuck',
]);
export type HealthCode = z.infer<typeof HealthCode>;

/** One problem: since when it is known, and a sentence that names the part concerned. */
export const HealthProblem = z.strictObject({ code: HealthCode, since: Instant, detail: z.string() });
export type HealthProblem = z.infer<typeof HealthProblem>;

/** A problem as a check finds it; `since` is absent if the check only knows that it exists now. */
export type Finding = Omit<HealthProblem, 'since'> & { readonly since?: string };

/** Checks one part of the gate. Throws StoreUnavailable or CorruptStore if the store prevents the check. */
export type HealthCheck = () => Promise<readonly Finding[]>;

/** Serves a cached answer for this long: anyone may ask, and checking costs reads and a small write. */
const FRESH_MS = 1_000;

const looked = async (check: HealthCheck): Promise<readonly Finding[]> => {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof CorruptStore)) throw error;
    return [{ code: 'store-unreadable', detail: 'The store cannot be read.' }];
  }
};

/**
 * Returns a function that lists the present problems, each once, oldest first; an empty list if the gate can do all its work.
 * Checks at most once a second. `since` is when this process first found the problem, unless the check has an earlier instant.
 */
export const healthOf = (checks: readonly HealthCheck[], clock: () => string): (() => Promise<readonly HealthProblem[]>) => {
  let found = new Map<string, HealthProblem>();
  let fresh: { readonly problems: Promise<readonly HealthProblem[]>; readonly until: number } | undefined;
  const look = async (): Promise<readonly HealthProblem[]> => {
    const now = clock();
    const findings = (await Promise.all(checks.map(looked))).flat();
    const next = new Map<string, HealthProblem>();
    for (const { code, detail, since } of findings) {
      const name = `${code} ${detail}`;
      next.set(name, { code, since: since ?? found.get(name)?.since ?? now, detail });
    }
    found = next;
    return [...next.values()].toSorted((a, b) => a.since.localeCompare(b.since));
  };
  return () => {
    if (fresh === undefined || performance.now() >= fresh.until) {
      const problems = look();
      fresh = { problems, until: performance.now() + FRESH_MS };
      problems.catch(() => {
        fresh = undefined;
      });
    }
    return fresh.problems;
  };
};

/** A stream that exists in every gate with at least one decision; reading it costs one read. */
const PROBE_STREAM = 'policy';

/** Finds a store or a side store that cannot be read. */
export const readableCheck =
  ({ store, sideStore }: { readonly store: Store; readonly sideStore: SideStore }): HealthCheck =>
  async () => {
    await Promise.all([store.head(PROBE_STREAM), sideStore.get('token', '-')]);
    return [];
  };

/**
 * Finds a store that accepts no writes, where writing is a request like any other: puts the newest commit of a stream at its
 * own version, which changes nothing.
 */
export const writableCheck =
  ({ store }: { readonly store: Store }): HealthCheck =>
  async () => {
    const head = await store.head(PROBE_STREAM);
    if (head === undefined) return [];
    try {
      await store.append(head);
      return [];
    } catch (error) {
      // An ended log rejects writes on purpose.
      return error instanceof StoreUnavailable ? [{ code: 'store-not-writable', detail: 'The store takes no writes.' }] : [];
    }
  };

/** Finds a clock that is behind what was committed: nothing is approved by it. */
export const clockCheck =
  ({ store, clock }: { readonly store: Store; readonly clock: () => string }): HealthCheck =>
  async () => {
    const [now, newest] = [clock(), await store.newestAt()];
    if (newest === undefined || !isBehind(now, newest)) return [];
    return [{ code: 'clock-behind', detail: `The clock shows ${now}, and the newest commit is of ${newest}.` }];
  };

const REPORTED = 'health';

/**
 * Stores a problem that one function finds, for the functions that report the gate's health. The instant of the first report
 * stays.
 */
export const reportProblem = async (sideStore: SideStore, source: string, problem: HealthProblem): Promise<void> => {
  const known = HealthProblem.safeParse(await sideStore.get(REPORTED, source)).data;
  if (known?.code === problem.code && known.detail === problem.detail) return;
  await sideStore.put(REPORTED, source, problem);
};

/** Removes the problem that {@link reportProblem} stored for a source. */
export const clearProblem = async (sideStore: SideStore, source: string): Promise<void> => {
  if ((await sideStore.get(REPORTED, source)) !== undefined) await sideStore.remove(REPORTED, source);
};

/** Finds problems that other functions reported. */
export const reportedCheck =
  (sideStore: SideStore): HealthCheck =>
  async () =>
    (await sideStore.list(REPORTED)).flatMap(({ value }) => HealthProblem.safeParse(value).data ?? []);
