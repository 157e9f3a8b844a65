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

/** The gate is not ready for officials. */
export const NOT_SET_UP: readonly HealthCode[] = ['no-mail-server', 'example-address', 'loopback-url', 'no-rules'];
/** What a person has to look at in a gate that is in use. */
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

/** What `/readyz` answers: not ready only for what makes answers wrong or decisions impossible. */
export const readinessOf = (found: readonly HealthProblem[]) => {
  const { notes = [], problems } = Object.groupBy(found, ({ code }) => (NOTED.includes(code) ? 'notes' : 'problems'));
  if (problems !== undefined) return { status: 'not-ready', problems } as const;
  return notes.length === 0 ? ({ status: 'ready' } as const) : ({ status: 'ready', notes } as const);
};

/** `since` is absent if the check only knows that it exists now. */
export type Finding = Omit<HealthProblem, 'since'> & { readonly since?: string };

/** Throws StoreUnavailable, CorruptStore or an error of the system if the store prevents the check. */
export type HealthCheck = () => Promise<readonly Finding[]>;

/** Anyone may ask, and checking costs reads and a small write. */
const FRESH_MS = 1_000;

/** Until then a store that was not compared with the log yet is no fault, but a start. */
const STARTING_MS = 30_000;

const looked = async (check: HealthCheck): Promise<readonly Finding[]> => {
  try {
    return await check();
  } catch (error) {
    if (error instanceof CorruptStore) return [{ code: error.code, detail: `${error.message}.` }];
    // Of the system, such as one without a file handle left.
    if (!(error instanceof StoreUnavailable || (error instanceof Error && 'syscall' in error))) throw error;
    return [{ code: 'store-unreadable', detail: 'The store cannot be read.' }];
  }
};

/**
 * Lists what is wrong at present, each once, oldest first. `since` is when this process first found it, unless the check knows better. Logs
 * faults when their codes change, however often anyone asks.
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
      // Two looks at once would take from each other what they find.
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

/** Puts the newest commit of a stream at its own version, which changes nothing. */
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

/** Until the clock is not behind what was committed, only what switches off or ends something is taken. */
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

/** Storage format. What a function found at an instant; one that is whole reports that, too. */
const Report = strictObject(() => ({ at: Instant, problems: z.array(HealthProblem) }));
type Report = z.infer<typeof Report>;

/** A report that changes nothing is written again after this time. */
const RENEW_AFTER_MS = 5 * 60_000;
/** Functions run every minute: one that reports nothing for this long does not run. */
const SILENT_AFTER_MS = 15 * 60_000;

interface ReportPorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

const ageMs = (clock: () => string, at: string): number => Date.parse(clock()) - Date.parse(at);

/** With the instant of its first report. */
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

/** Once everything was checked. */
export const clearAltered = async (sideStore: SideStore): Promise<void> => {
  for (const { id } of await sideStore.list(REPORTED, ALTERED)) await sideStore.remove(REPORTED, id);
};

/**
 * Finds what other functions reported, and functions of `sources` that report nothing any more. Webhook consumers are left out: an
 * unreachable subscriber is not a fault of the gate.
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
