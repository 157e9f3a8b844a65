import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { digestOf } from '../../domain/kernel/canonical.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import { WEBHOOK_CONSUMER } from './feed/consumer.ts';
import type { Logger } from './logging.ts';
import { CorruptStore, StoreUnavailable } from './store/errors.ts';
import type { Store } from './store/port.ts';
import type { SideStore } from './store/sideStore.ts';
import { newestAfter } from './store/submit.ts';

/** What can be wrong with a gate. Wire format: a code is never renamed. */
export const HealthCode = z.enum([
  'store-unreadable',
  'unknown-format',
  'schema-changed',
  'file-exchanged',
  'not-compared',
  'restored',
  'store-not-writable',
  'disk-low',
  'log-conflict',
  'other-keys',
  'judge-failed',
  'clock-behind',
  'row-altered',
  'record-altered',
  'not-opened',
  'closed',
  'consumers-stuck',
  'consumers-remade',
  'witnesses-away',
  'term-ends',
  'no-copies',
  'copies-old',
  'no-mail-server',
  'example-address',
  'loopback-url',
  'no-rules',
]);
export type HealthCode = z.infer<typeof HealthCode>;

/** Codes of a gate that is not set up for officials yet. */
export const NOT_SET_UP: readonly HealthCode[] = ['no-mail-server', 'example-address', 'loopback-url', 'no-rules'];
/** Returns what a person has to look at in a gate that is in use. */
export const faultsIn = (found: readonly HealthProblem[]): readonly HealthProblem[] =>
  found.filter(({ code }) => !NOT_SET_UP.includes(code));

const NOTED: readonly HealthCode[] = [
  'consumers-stuck',
  'consumers-remade',
  'witnesses-away',
  'term-ends',
  'no-copies',
  'copies-old',
  ...NOT_SET_UP,
];

/** `detail`: a sentence that names the part concerned. */
export const HealthProblem = strictObject(() => ({ code: HealthCode, since: Instant, detail: z.string() }));
export type HealthProblem = z.infer<typeof HealthProblem>;

/** Returns the answer of `/readyz`: not ready only if answers would be wrong or decisions are impossible. */
export const readinessOf = (found: readonly HealthProblem[]) => {
  const { notes = [], problems } = Object.groupBy(found, ({ code }) => (NOTED.includes(code) ? 'notes' : 'problems'));
  if (problems !== undefined) return { status: 'not-ready', problems } as const;
  return notes.length === 0 ? ({ status: 'ready' } as const) : ({ status: 'ready', notes } as const);
};

/** `since`: absent if the check only finds that the problem exists now. */
export type Finding = Omit<HealthProblem, 'since'> & { readonly since?: string };

/** Throws StoreUnavailable, CorruptStore or a system error if the store prevents the check. */
export type HealthCheck = () => Promise<readonly Finding[]>;

/** How long a result is reused: anyone may ask, and checking costs reads and a small write. */
const FRESH_MS = 1_000;

/** Time after a start during which a store that is not yet compared with the log is not a fault. */
const STARTING_MS = 30_000;

const looked = async (check: HealthCheck): Promise<readonly Finding[]> => {
  try {
    return await check();
  } catch (error) {
    if (error instanceof CorruptStore) return [{ code: error.code, detail: `${error.message}.` }];
    // A system error, such as no file handle left.
    if (!(error instanceof StoreUnavailable || (error instanceof Error && 'syscall' in error))) throw error;
    return [{ code: 'store-unreadable', detail: 'The store cannot be read.' }];
  }
};

/**
 * Returns the present problems, each once, oldest first. `since` is when this process first found it, unless the check states it. Logs
 * faults only when their codes change.
 */
export const healthOf = (
  checks: readonly HealthCheck[],
  clock: () => string,
  logger: Logger,
): (() => Promise<readonly HealthProblem[]>) => {
  let found = new Map<string, HealthProblem>();
  let logged = '';
  let fresh: { readonly problems: Promise<readonly HealthProblem[]>; until: number } | undefined;
  const look = async (): Promise<readonly HealthProblem[]> => {
    const now = clock();
    const findings = (await Promise.all(checks.map(looked))).flat();
    const next = new Map<string, HealthProblem>();
    for (const { code, detail, since } of findings) {
      const name = `${code} ${detail}`;
      next.set(name, { code, since: since ?? found.get(name)?.since ?? now, detail });
    }
    found = next;
    const problems = [...next.values()].toSorted((a, b) => ascending(a.since, b.since));
    const isStart = ({ code, since }: HealthProblem): boolean =>
      code === 'not-compared' && Date.parse(now) - Date.parse(since) < STARTING_MS;
    const faults = faultsIn(problems).filter((problem) => !isStart(problem));
    const codes = [...new Set(faults.map(({ code }) => code))].sort().join();
    if (codes !== logged)
      logger(codes === '' ? { level: 'info', event: 'well again' } : { level: 'error', event: 'not well', found: faults });
    logged = codes;
    return problems;
  };
  return () => {
    if (fresh === undefined || performance.now() >= fresh.until) {
      // Concurrent checks would consume each other's findings.
      const looking = { problems: look(), until: Number.POSITIVE_INFINITY };
      fresh = looking;
      looking.problems.then(
        () => {
          looking.until = performance.now() + FRESH_MS;
        },
        () => {
          fresh = undefined;
        },
      );
    }
    return fresh.problems;
  };
};

/** Every gate with a decision has this stream. */
const PROBE_STREAM = 'policy';

export const readableCheck =
  ({ store, sideStore }: { readonly store: Store; readonly sideStore: SideStore }): HealthCheck =>
  async () => {
    await Promise.all([store.head(PROBE_STREAM), sideStore.get('token', '-')]);
    return [];
  };

/** Appends the newest commit of a stream at its own version, which changes nothing. */
export const writableCheck =
  ({ store }: { readonly store: Store }): HealthCheck =>
  async () => {
    const head = await store.head(PROBE_STREAM);
    if (head === undefined) return [];
    try {
      await store.append([head]);
      return [];
    } catch (error) {
      // An ended log rejects writes on purpose.
      return error instanceof StoreUnavailable ? [{ code: 'store-not-writable', detail: 'The store takes no writes.' }] : [];
    }
  };

/** While the clock is behind the newest commit, only acts that switch off or end something are accepted. */
export const clockCheck =
  ({ store, clock }: { readonly store: Store; readonly clock: () => string }): HealthCheck =>
  async () => {
    const now = clock();
    const newest = await newestAfter({ store }, now);
    return newest === undefined
      ? []
      : [{ code: 'clock-behind', detail: `The clock shows ${now}, and the newest commit is of ${newest}.` }];
  };

const REPORTED = 'health';

/** Storage format. What a function found at an instant; a healthy function also reports. */
const Report = strictObject(() => ({ at: Instant, problems: z.array(HealthProblem) }));
type Report = z.infer<typeof Report>;

/** An unchanged report is written again after this time. */
const RENEW_AFTER_MS = 5 * 60_000;
/** Functions run every minute; one that has not reported for this long is not running. */
const SILENT_AFTER_MS = 15 * 60_000;

interface ReportPorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

const ageMs = (clock: () => string, at: string): number => Date.parse(clock()) - Date.parse(at);

/** Stores a function's findings, each with the instant of its first report. */
export const report = async ({ sideStore, clock }: ReportPorts, source: string, findings: readonly Finding[]): Promise<void> => {
  const known = Report.safeParse(await sideStore.get(REPORTED, source)).data;
  const at = clock();
  const problems = findings.map(({ code, detail, since }): HealthProblem => {
    const before = known?.problems.find((one) => one.code === code && one.detail === detail);
    return { code, since: since ?? before?.since ?? at, detail };
  });
  const isKnown = isDeepStrictEqual(known?.problems, problems);
  if (known !== undefined && isKnown && ageMs(clock, known.at) < RENEW_AFTER_MS) return;
  await sideStore.put(REPORTED, source, { at, problems } satisfies Report);
};

const ALTERED = 'altered/';

export const alteredSource = (name: string): string => `${ALTERED}${digestOf(name).slice(-32)}`;

/** Removes reports of alterations, once everything was checked. */
export const clearAltered = async (sideStore: SideStore): Promise<void> => {
  for (const { id } of await sideStore.list(REPORTED, ALTERED)) await sideStore.remove(REPORTED, id);
};

/**
 * Returns what other functions reported, and functions of `sources` that no longer report. Webhook consumers are left out: an unreachable
 * subscriber is not a fault of the gate.
 */
export const reportedCheck =
  ({ sideStore, clock }: ReportPorts, sources: readonly string[]): HealthCheck =>
  async () => {
    const reports = new Map(
      (await sideStore.list(REPORTED)).flatMap(({ id, value }) => {
        const { data } = Report.safeParse(value);
        return data === undefined || id.startsWith(WEBHOOK_CONSUMER) ? [] : [[id, data] as const];
      }),
    );
    const silent = sources.flatMap((source): readonly Finding[] => {
      const known = reports.get(source);
      if (known === undefined) return [{ code: 'not-opened', detail: `${source} has not run yet.` }];
      if (ageMs(clock, known.at) < SILENT_AFTER_MS) return [];
      return [{ code: 'consumers-stuck', since: known.at, detail: `${source} does not run.` }];
    });
    return [...[...reports.values()].flatMap(({ problems }) => problems), ...silent];
  };
