import * as z from 'zod';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { CorruptStore, StoreUnavailable } from './store/errors.ts';
import type { Store } from './store/port.ts';
import type { SideStore } from './store/sideStore.ts';

/** What can keep a gate from doing its work. Wire format: a code is never renamed. */
export const HealthCode = z.enum([
  'store-unreadable',
  'store-not-writable',
  'disk-low',
  'log-conflict',
  'other-keys',
  'judge-failed',
  'consumers-stuck',
]);
export type HealthCode = z.infer<typeof HealthCode>;

/** One thing that is wrong: since when it is known, and a sentence that names what it concerns. */
export const HealthProblem = z.strictObject({ code: HealthCode, since: Instant, detail: z.string() });
export type HealthProblem = z.infer<typeof HealthProblem>;

/** A problem as a check finds it; `since` is absent if the check knows only that it is there now. */
export type Finding = Omit<HealthProblem, 'since'> & { readonly since?: string };

/** Looks at one part of the gate. Throws StoreUnavailable or CorruptStore if the store keeps it from looking. */
export type HealthCheck = () => Promise<readonly Finding[]>;

/** Answers for that long without looking again: anyone may ask, and looking costs reads and a small write. */
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
 * Returns what is wrong now, each problem once, oldest first; an empty list if the gate can do all its work. Looks at most once a second.
 * `since` is when this process first found the problem, unless the check knows better.
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

/** A stream that exists in every gate that anything was decided in; reading it costs one read. */
const PROBE_STREAM = 'policy';

/** Finds a store or a side store that cannot be read. */
export const readableCheck =
  ({ store, sideStore }: { readonly store: Store; readonly sideStore: SideStore }): HealthCheck =>
  async () => {
    await Promise.all([store.head(PROBE_STREAM), sideStore.get('token', '-')]);
    return [];
  };

/**
 * Finds a store that takes no writes, where writing is a request like any other: puts the newest commit of a stream where it stands
 * already, which changes nothing.
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
      // A log that has ended refuses writes on purpose.
      return error instanceof StoreUnavailable ? [{ code: 'store-not-writable', detail: 'The store takes no writes.' }] : [];
    }
  };

const REPORTED = 'health';

/** Keeps a problem that one function finds for those that answer for the gate's health; the first report's instant stays. */
export const reportProblem = async (sideStore: SideStore, source: string, problem: HealthProblem): Promise<void> => {
  const known = HealthProblem.safeParse(await sideStore.get(REPORTED, source)).data;
  if (known?.code === problem.code && known.detail === problem.detail) return;
  await sideStore.put(REPORTED, source, problem);
};

/** Ends what {@link reportProblem} keeps for a source. */
export const clearProblem = async (sideStore: SideStore, source: string): Promise<void> => {
  if ((await sideStore.get(REPORTED, source)) !== undefined) await sideStore.remove(REPORTED, source);
};

/** Finds what other functions reported. */
export const reportedCheck =
  (sideStore: SideStore): HealthCheck =>
  async () =>
    (await sideStore.list(REPORTED)).flatMap(({ value }) => HealthProblem.safeParse(value).data ?? []);
