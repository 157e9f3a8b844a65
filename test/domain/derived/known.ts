import type { ChangeRecord, DriftCase, KeyAnswer, Report, Task } from '../../../domain/derived/record.ts';
import { type Surroundings, type TaskRecord, tasksOf } from '../../../domain/derived/tasks.ts';

/** A city six hours behind UTC in summer, seven in winter. */
export const ZONE = 'America/Denver';

const DIGESTS = { 1: `sha256:${'1'.repeat(64)}`, 2: `sha256:${'2'.repeat(64)}` } as const;

/** An instant in Denver in the summer of 2026: `at('06-01')` is the beginning of the first of June. */
export const at = (day: string, time = '00:00'): string => new Date(`2026-${day}T${time}:00.000-06:00`).toISOString();

const MINUTE_MS = 60_000;
export const minuteBefore = (instant: string): string => new Date(Date.parse(instant) - MINUTE_MS).toISOString();
export const minuteAfter = (instant: string): string => new Date(Date.parse(instant) + MINUTE_MS).toISOString();

/** Announced on 1 May for 1 June, to opt out of by 15 May. */
export const announced = (over: Partial<ChangeRecord> = {}): ChangeRecord => ({
  n: 1,
  revision: 1,
  digest: DIGESTS[1],
  title: 'FreeForm search',
  kind: 'new-feature',
  version: null,
  optOut: 'yes',
  optOutBy: at('05-15'),
  optOutHow: 'Settings, AI, off.',
  withoutAction: 'unknown',
  effectiveAt: at('06-01'),
  at: at('05-01', '10:00'),
  status: 'pending',
  from: null,
  until: null,
  ended: null,
  maintenance: false,
  announced: true,
  optedOut: null,
  withdrawn: null,
  rolledBack: false,
  contested: null,
  recordable: true,
  ...over,
});

export const revised: Partial<ChangeRecord> = { revision: 2, digest: DIGESTS[2] };

const answerOf = (over: Partial<KeyAnswer>): KeyAnswer => ({
  onFor: 'none',
  variant: 'pending',
  because: 'pending',
  change: 1,
  version: null,
  since: at('05-01', '10:00'),
  ...over,
});

export const on = (over: Partial<KeyAnswer> = {}): KeyAnswer => answerOf({ onFor: 'all', variant: 'enabled', ...over });
export const off = (variant: KeyAnswer['variant'], over: Partial<KeyAnswer> = {}): KeyAnswer => answerOf({ variant, ...over });

export const report = (over: Partial<Report> = {}): Report => ({
  source: 'nightly check',
  kind: 'city',
  named: true,
  attested: false,
  person: null,
  observedAt: '2026-03-03T14:00:00.000Z',
  sequence: 9,
  seen: { on: true, agencies: null, version: null },
  evidence: null,
  note: null,
  exceeds: null,
  closed: false,
  saidAgencies: [],
  saidVersion: [],
  denials: [],
  ...over,
});

export const seen = (isOn: boolean, observedAt: string, over: Partial<Report> & { readonly version?: string } = {}): Report => {
  const { version = null, ...rest } = over;
  const what = { on: isOn, agencies: null, version };
  return report({ source: 'round', person: 'ada', observedAt, seen: what, ...rest });
};

export const openCase = (openedAt: string, over: Partial<DriftCase> = {}): DriftCase => ({
  kind: 'not-approved',
  since: openedAt,
  until: null,
  openedAt,
  byEnd: false,
  sequence: 9,
  closedAt: null,
  seen: { on: true, agencies: null, version: null },
  approved: off('pending'),
  sources: [],
  confirmed: false,
  evidence: [],
  closedBy: null,
  ...over,
});

export const closed = (drift: DriftCase, until: string): DriftCase => ({ ...drift, until, closedAt: until });

interface Given extends Partial<Omit<TaskRecord, 'changes'>>, Partial<Surroundings> {}

export const recordOf = (changes: readonly ChangeRecord[], over: Partial<TaskRecord> = {}): TaskRecord => ({
  key: 'acme.lpr.search',
  answer: off(changes.at(-1)?.status === 'approved' ? 'unknown' : 'pending'),
  offSince: null,
  allowed: [],
  changes: [...changes],
  reports: [],
  cases: [],
  ...over,
});

const LOCAL = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' });

const local = (instant: string) => LOCAL.format(new Date(instant)).slice('2026-'.length);

const line = ({ kind, because, change, by, urgent, below, agencies, except }: Task) =>
  [
    `${kind}${urgent ? '!' : ''} ${because}`,
    ...(change === null ? [] : [change.slice('acme.lpr.search'.length)]),
    ...(by === null ? [] : [`by ${local(by)}`]),
    ...(below === 0 ? [] : [`${below} below`]),
    ...(agencies === null ? [] : [agencies.join(' and ')]),
    ...(except === undefined ? [] : [`but ${except.join(' and ')}`]),
  ].join(' ');

interface Known {
  /** The tasks at an instant, a line each. */
  readonly tasks: (now: string) => readonly string[];
  readonly whole: (now: string) => readonly Task[];
  readonly with: (more: Given) => Known;
}

export const known = (changes: readonly ChangeRecord[], given: Given = {}): Known => {
  const { lostAncestor = null, below = 0, ...over } = given;
  const whole = (now: string) => tasksOf(recordOf(changes, over), { now, zone: ZONE, lostAncestor, below }).tasks;
  return { whole, tasks: (now) => whole(now).map(line), with: (more) => known(changes, { ...given, ...more }) };
};
