import { isDecision } from '../../../domain/feature/decisionToSign.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { changesTouched } from '../../../domain/feature/events.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import { type FeatureState, findChange } from '../../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { type Commit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { EffectiveInstants, type EntryTime } from '../../../domain/log/late.ts';
import type { Place } from '../../../domain/redaction/decide.ts';
import type { RevocationState } from '../../../domain/revocation/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ROSTER_STREAM, type RosterState } from '../../../domain/roster/state.ts';
import { foldStream } from '../../gate/aggregates.ts';
import { namingEvents } from '../../gate/redactions.ts';
import { messageOf } from '../../platform/logging.ts';
import { LogLife } from './handover.ts';
import { LogFault, type LoggedEntry } from './readLog.ts';
import { NamedTexts, type TextCount } from './texts.ts';

interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
  readonly state: unknown;
}

/** A commit that entered the log more than 15 minutes after its time, and from when it counts for past answers. */
export interface LateCommit extends EntryTime {
  readonly index: number;
  readonly from: string;
}

/** Decisions: all, those with a passkey's signature, which the judge verifies, the keys, and the addresses at which they were made. */
export interface SignedCount {
  readonly decisions: number;
  readonly signed: number;
  readonly keys: number;
  readonly gates: readonly string[];
}

const FEATURE_PREFIX = featureStream('');

/** Returns the commit of an entry. Throws LogFault if it is none. */
export const loggedCommit = ({ index, bytes }: LoggedEntry): Commit => {
  try {
    return decodeCommit(bytes);
  } catch (cause) {
    throw new LogFault(`is not a commit: ${messageOf(cause)}`, index, { cause });
  }
};

/** Replays a log through the production `evolve`, and keeps the states and views of its streams. */
export class Replay {
  readonly #streams = new Map<string, StreamEnd>();
  readonly #views = new Map<string, Map<number, ChangeView>>();
  readonly #texts = new NamedTexts();
  readonly life: LogLife;

  /** `origin`: that of the replayed log; without it `life` stays empty. */
  constructor(origin = '') {
    this.life = new LogLife(origin);
  }
  readonly #signed = { decisions: 0, signed: 0, keys: new Set<string>(), gates: new Set<string>() };
  readonly #times = new EffectiveInstants();
  readonly #late: LateCommit[] = [];

  /** Replays an entry. Throws LogFault if it is not a commit, leaves a gap, breaks the hash chain, or cannot be folded. */
  take(entry: LoggedEntry, commit = loggedCommit(entry)): void {
    const { index, bytes } = entry;
    this.#time(index, commit);
    const { stream, version, prev, at } = commit;
    const place = `${stream}@${version}`;
    const end = this.#streams.get(stream);
    if (stream === LOG_STREAM) throw new LogFault("is one of the log's own commits", index);
    if (version !== (end?.version ?? 0) + 1)
      throw new LogFault(`${place} leaves a gap: version ${(end?.version ?? 0) + 1} is not before it`, index);
    if (prev !== (end?.hash ?? null)) throw new LogFault(`${place} does not continue the hash chain of its stream`, index);
    if (end !== undefined && at < end.at) throw new LogFault(`${place} is earlier than the commit before it`, index);
    try {
      const { state, events } = foldStream(stream, end?.state, commit.events);
      this.#streams.set(stream, { version, hash: hashOf(bytes), at, state });
      const ofFeature = stream.startsWith(FEATURE_PREFIX) ? (events as readonly FeatureEvent[]) : [];
      if (ofFeature.length > 0) this.#feature(stream.slice(FEATURE_PREFIX.length), version, ofFeature, state as FeatureState);
      this.#texts.takeParsed(commit, ofFeature.length > 0 ? ofFeature : namingEvents(stream, commit.events));
      this.life.take(commit);
    } catch (cause) {
      const why = messageOf(cause);
      throw new LogFault(`${place} cannot be replayed: ${why}`, index, { cause });
    }
  }

  get late(): readonly LateCommit[] {
    return this.#late;
  }

  get texts(): TextCount {
    return this.#texts.count;
  }

  isHidden(digest: string, places: readonly Place[]): boolean {
    return this.#texts.isHidden(digest, places);
  }

  get passkeys(): SignedCount {
    const { decisions, signed, keys, gates } = this.#signed;
    return { decisions, signed, keys: keys.size, gates: [...gates].sort() };
  }

  get streams(): number {
    return this.#streams.size;
  }

  get keys(): readonly string[] {
    return [...this.#streams.keys()]
      .filter((stream) => stream.startsWith(FEATURE_PREFIX))
      .map((stream) => stream.slice(FEATURE_PREFIX.length))
      .toSorted();
  }

  feature(key: string): FeatureState | null {
    return (this.#streams.get(featureStream(key))?.state as FeatureState | undefined) ?? null;
  }

  get revocations(): RevocationState {
    return (this.#streams.get(REVOCATION_STREAM)?.state as RevocationState | undefined) ?? {};
  }

  change(key: string, n: number): ChangeView | undefined {
    return this.#views.get(key)?.get(n);
  }

  get roster(): Roster | null {
    return (this.#streams.get(ROSTER_STREAM)?.state as RosterState | undefined)?.inForce?.roster ?? null;
  }

  #time(index: number, commit: Commit): void {
    const { stream, version, at } = commit;
    const { from, isLate } = this.#times.take(commit);
    if (isLate) this.#late.push({ index, stream, version, at, from });
  }

  #feature(key: string, version: number, events: readonly FeatureEvent[], state: FeatureState): void {
    for (const { assertion } of events.filter(isDecision)) {
      this.#signed.decisions += 1;
      if (assertion === undefined) continue;
      this.#signed.signed += 1;
      this.#signed.keys.add(assertion.credential);
      this.#signed.gates.add(assertion.gate);
    }
    const views = this.#views.get(key) ?? new Map<number, ChangeView>();
    for (const event of events) {
      for (const n of changesTouched(event)) {
        const view = foldChange(event.type === 'ChangeNotified' ? undefined : views.get(n), event, version);
        if (view !== undefined) views.set(n, view);
      }
    }
    if (views.size > state.changes.length) for (const n of views.keys()) if (findChange(state, n) === undefined) views.delete(n);
    this.#views.set(key, views);
  }
}
