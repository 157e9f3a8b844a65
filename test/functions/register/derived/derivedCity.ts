import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  DERIVED_VERSION,
  type DriftCase,
  type KeyAnswer,
  type KeyRecord,
  type SourceRecord,
  type Task,
} from '../../../../domain/derived/record.ts';
import { type JsonValue, jsonOf } from '../../../../domain/kernel/json.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { observationStream } from '../../../../domain/observation/decide.ts';
import type { ObservationEvent } from '../../../../domain/observation/events.ts';
import { observationAggregate } from '../../../../functions/gate/aggregates.ts';
import { logSigner, type SequencerPorts, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { submit } from '../../../../functions/platform/store/submit.ts';
import { type DerivedPorts, derivedFollower, refoldDerived } from '../../../../functions/register/derived/follow.ts';
import { caseId, DERIVED, type QueuedEvent, sourceId, taskIds } from '../../../../functions/register/derived/records.ts';
import { off, openCase, recordOf } from '../../../domain/derived/known.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { permitted } from '../../../support/permitted.ts';
import { acceptAll, ORIGIN, PRIVATE_KEY } from '../../log/sequencer/ports.ts';
import { type Gate, openGate } from '../../openGate.ts';

export type Report = Partial<Omit<ObservationEvent, 'type' | 'v' | 'at' | 'features'>> & {
  readonly vendor?: string;
  readonly features: ObservationEvent['features'];
};

export interface DerivedCity {
  readonly gate: Gate;
  readonly ports: DerivedPorts;
  /** Records a report; the source looked now. */
  readonly report: (report: Report) => Promise<void>;
  /** Takes everything into the log. */
  readonly log: () => Promise<void>;
  readonly follow: () => Promise<void>;
  /** Lets the time of the gate come to an instant, and what time alone changes. */
  readonly until: (instant: string) => Promise<void>;
  readonly events: () => Promise<readonly QueuedEvent[]>;
}

export const queuedIn = async (sideStore: SideStore): Promise<readonly QueuedEvent[]> =>
  (await sideStore.list(DERIVED.event)).map(({ value }) => value as unknown as QueuedEvent);

/** Everything that is stored and derived, except the queue and the progress of its readers. */
export const derivedIn = async (sideStore: SideStore): Promise<Readonly<Record<string, JsonValue>>> => {
  const found: Record<string, JsonValue> = {};
  for (const kind of [DERIVED.key, DERIVED.source, DERIVED.due, DERIVED.task, DERIVED.case, DERIVED.figures])
    for (const { id, value } of await sideStore.list(kind)) found[`${kind}/${id}`] = value;
  return found;
};

/** Checks that the same follows from the log alone. */
export const holdsAnew = async ({ ports }: DerivedCity): Promise<void> => {
  const before = await derivedIn(ports.sideStore);
  expect((await refoldDerived(ports)).differing).toEqual([]);
  expect(await derivedIn(ports.sideStore)).toStrictEqual(before);
};

const LATER_MS = 11_000;

/** The noon of a day of March 2026. */
export const dayAt = (day: string): string => `2026-03-${day}T12:00:00.000Z`;

export const after = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

export const openDerived = async (options: Parameters<typeof openGate>[0] = {}): Promise<DerivedCity> => {
  const gate = await openGate({ honest: false, ...options });
  const sequencing: SequencerPorts = {
    ...gate.ports,
    ...SOLE_WRITER,
    judge: acceptAll(),
    signer: logSigner(PRIVATE_KEY, ORIGIN),
    blobs: folderBlobs(folderOfTest('derived')),
  };
  const { store, sideStore, clock, logger } = gate.ports;
  const ports: DerivedPorts = { store, sideStore, clock, logger };
  const follower = derivedFollower(permitted('derived', ports));
  const log = async () => void (await sequence(sequencing));
  const follow = async () => {
    const head = await store.head(LOG_STREAM);
    if (head !== undefined) await follower.consumer.handle(head);
  };
  return {
    gate,
    ports,
    log,
    follow,
    report: async ({ vendor = 'acme', source = 'audit', attested = false, ...report }) => {
      const base = { observedAt: clock(), person: null, evidence: null, note: null };
      const done = await submit(gate.ports, observationAggregate, {
        stream: observationStream(vendor, source, attested),
        commandId: randomUUID(),
        actor: 'token:test',
        command: (at) => ({ type: 'recordObservation' as const, vendor, at, source, attested, ...base, ...report }),
      });
      if (!done.ok) throw new Error(`refused: ${JSON.stringify(done.rejection)}`);
    },
    until: async (instant) => {
      gate.at(instant);
      await log();
      await follow();
      await follower.tick(after(instant, LATER_MS));
    },
    events: () => queuedIn(sideStore),
  };
};

/** What is published, as far as it is of interest to a reader. */
export const said = ({ event }: QueuedEvent): string => {
  switch (event.type) {
    case 'AnswerChanged':
      return `${event.at} ${event.key}: ${event.variant} for ${String(event.onFor)}`;
    case 'DriftOpened':
      return `${event.at} ${event.key}: ${event.kind} by ${event.source} since ${event.since}`;
    case 'DriftClosed':
      return `${event.at} ${event.key}: closed ${event.since} to ${event.until}`;
    case 'TaskOpened':
    case 'TaskClosed':
      return `${event.at} ${event.task.key}: ${event.type} ${event.task.kind} ${event.task.because}`;
  }
};

const NEW_YEAR = '2026-01-01T00:00:00.000Z';

export const answer = (over: Partial<KeyAnswer> = {}): KeyAnswer =>
  off('pending', { because: 'flock is pending', since: NEW_YEAR, ...over });

export const keyRecord = (over: Partial<KeyRecord> = {}): KeyRecord => ({
  ...recordOf([], { key: 'flock', answer: answer() }),
  derivedVersion: DERIVED_VERSION,
  sequence: 3,
  at: '2026-01-02T00:00:00.000Z',
  version: 1,
  own: { variant: 'pending', audience: null },
  below: 0,
  countsFor: null,
  tasks: [],
  next: null,
  ...over,
});

export const driftCase = (over: Partial<DriftCase> = {}): DriftCase =>
  openCase(NEW_YEAR, {
    sequence: 3,
    approved: answer(),
    sources: [{ source: 'audit', kind: 'audit', person: null }],
    ...over,
  });

export const task = (over: Partial<Task> = {}): Task => ({
  key: 'flock',
  kind: 'opt-out',
  vendor: 'flock',
  since: NEW_YEAR,
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
  at: NEW_YEAR,
  kind: 'city',
  lookedAt: NEW_YEAR,
  expectedFrom: null,
  every: 'P1D',
  silentFrom: '2026-01-02T00:00:00.000Z',
  tasks: [],
  next: '2026-01-02T00:00:00.000Z',
  ...over,
});

export const putKeyRecord = (sideStore: SideStore, record: KeyRecord): Promise<void> =>
  sideStore.put(DERIVED.key, record.key, jsonOf(record));

export const putSourceRecord = (sideStore: SideStore, record: SourceRecord): Promise<void> =>
  sideStore.put(DERIVED.source, sourceId(record), jsonOf(record));

export const putTask = async (sideStore: SideStore, task: Task): Promise<void> => {
  await Promise.all(taskIds(task).map((id) => sideStore.put(DERIVED.task, id, jsonOf(task))));
};

export const putCase = (sideStore: SideStore, key: string, drift: DriftCase): Promise<void> =>
  sideStore.put(DERIVED.case, caseId(key, drift), jsonOf({ ...drift, key }));
