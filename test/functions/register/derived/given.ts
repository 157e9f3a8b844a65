import {
  DERIVED_VERSION,
  type DriftCase,
  type KeyAnswer,
  type KeyRecord,
  type SourceRecord,
  type Task,
} from '../../../../domain/derived/record.ts';

/** Records as they are stored, for whoever reads them. */
export const answer = (over: Partial<KeyAnswer> = {}): KeyAnswer => ({
  onFor: 'none',
  variant: 'pending',
  because: 'flock is pending',
  change: 1,
  version: null,
  since: '2026-01-01T00:00:00.000Z',
  ...over,
});

export const keyRecord = (over: Partial<KeyRecord> = {}): KeyRecord => ({
  derivedVersion: DERIVED_VERSION,
  key: 'flock',
  sequence: 3,
  at: '2026-01-02T00:00:00.000Z',
  version: 1,
  answer: answer(),
  own: { variant: 'pending', audience: null },
  offSince: null,
  allowed: [],
  changes: [],
  reports: [],
  cases: [],
  below: 0,
  countsFor: null,
  tasks: [],
  next: null,
  ...over,
});

export const driftCase = (over: Partial<DriftCase> = {}): DriftCase => ({
  kind: 'not-approved',
  since: '2026-01-01T00:00:00.000Z',
  until: null,
  openedAt: '2026-01-01T00:00:00.000Z',
  byEnd: false,
  sequence: 3,
  closedAt: null,
  seen: { on: true, agencies: null, version: null },
  approved: answer(),
  sources: [{ source: 'audit', kind: 'audit', person: null }],
  confirmed: false,
  evidence: [],
  closedBy: null,
  ...over,
});

export const task = (over: Partial<Task> = {}): Task => ({
  key: 'flock',
  kind: 'opt-out',
  vendor: 'flock',
  since: '2026-01-01T00:00:00.000Z',
  by: '2026-02-01T00:00:00.000Z',
  how: null,
  because: 'announced',
  change: 'flock/1',
  digest: `sha256:${'0'.repeat(64)}`,
  agencies: null,
  below: 0,
  urgent: false,
  ...over,
});

export const sourceRecord = (over: Partial<SourceRecord> = {}): SourceRecord => ({
  derivedVersion: DERIVED_VERSION,
  vendor: 'flock',
  source: 'nightly check',
  attested: false,
  sequence: 3,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'city',
  lookedAt: '2026-01-01T00:00:00.000Z',
  expectedFrom: null,
  every: 'P1D',
  silentFrom: '2026-01-02T00:00:00.000Z',
  tasks: [],
  next: '2026-01-02T00:00:00.000Z',
  ...over,
});
