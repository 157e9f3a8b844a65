import { isDecision } from '../../../domain/feature/decisionToSign.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { type Evaluation, evaluate, type Head, isHolding, resumedAt } from '../../../domain/feature/evaluate.ts';
import { changesTouched, type FeatureEvent } from '../../../domain/feature/events.ts';
import { featureOf, featureStream, isFeatureStream, prefixesOf } from '../../../domain/feature/keys.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { type FeatureState, findChange, shownApproval } from '../../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { type Commit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { EffectiveInstants, type EntryTime } from '../../../domain/log/late.ts';
import { POLICY_STREAM, type PolicyState } from '../../../domain/policy/decide.ts';
import {
  evolveRedaction,
  hidingAt,
  isRedactionStream,
  type Place,
  type RedactionState,
  redactionStream,
} from '../../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { headUnder, type RevocationState } from '../../../domain/revocation/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import type { RosterEvent } from '../../../domain/roster/events.ts';
import type { DatedRoster } from '../../../domain/roster/holders.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { foldStream } from '../../gate/aggregates.ts';
import { isMissing, namedBy, namingEvents, type TextPorts } from '../../gate/redactions.ts';
import { messageOf } from '../../platform/logging.ts';
import { type ApprovalJson, approvalsOf } from '../../register/views/featureJson.ts';
import { LogFault, type LoggedEntry, LogLife } from './readLog.ts';

interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
  readonly state: unknown;
}

/** A commit that entered the log more than 15 minutes after its instant. `from`: since when it counts for past answers. */
export interface LateCommit extends EntryTime {
  readonly index: number;
  readonly from: string;
}

/** Numbers of decisions and of those signed with a passkey, which the judge verifies; their keys, and the origins where they were signed. */
export interface SignedCount {
  readonly decisions: number;
  readonly signed: number;
  readonly keys: number;
  readonly gates: readonly string[];
}

/** Decodes an entry. Throws LogFault. */
export const loggedCommit = ({ index, bytes }: LoggedEntry): Commit => {
  try {
    return decodeCommit(bytes);
  } catch (cause) {
    throw new LogFault(`is not a commit: ${messageOf(cause)}`, index, { cause });
  }
};

/** Replays a log with the production `evolve`, and keeps the states and views of its streams. */
export class Replay {
  readonly #streams = new Map<string, StreamEnd>();
  readonly #views = new Map<string, Map<number, ChangeView>>();
  readonly #holdsSince = new Map<string, string>();
  readonly #rosters: DatedRoster[] = [];
  readonly #texts = new NamedTexts();
  readonly #signed = { decisions: 0, signed: 0, keys: new Set<string>(), gates: new Set<string>() };
  readonly #times = new EffectiveInstants();
  readonly #late: LateCommit[] = [];
  readonly life: LogLife;

  /** Without `origin`, `life` stays empty. */
  constructor(origin = '') {
    this.life = new LogLife(origin);
  }

  /** Takes an entry. Throws LogFault if it is not a commit, leaves a gap, breaks the hash chain, or cannot be folded. */
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
      if (stream === ROSTER_STREAM) this.#adopt(events as readonly RosterEvent[]);
      const ofFeature = isFeatureStream(stream) ? (events as readonly FeatureEvent[]) : [];
      if (ofFeature.length > 0) {
        this.#feature(featureOf(stream), version, ofFeature, state as FeatureState);
        this.#hold(featureOf(stream), end, state as FeatureState, at);
      }
      this.#texts.take(commit);
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
    return [...this.#streams.keys()].filter(isFeatureStream).map(featureOf).toSorted();
  }

  feature(key: string): FeatureState | null {
    return (this.#streams.get(featureStream(key))?.state as FeatureState | undefined) ?? null;
  }

  get revocations(): RevocationState {
    return (this.#streams.get(REVOCATION_STREAM)?.state as RevocationState | undefined) ?? {};
  }

  get policy(): string | undefined {
    return (this.#streams.get(POLICY_STREAM)?.state as PolicyState | undefined)?.inForce?.sha256;
  }

  change(key: string, n: number): ChangeView | undefined {
    return this.#views.get(key)?.get(n);
  }

  /** Returns when the approval in force of a feature last came to hold, apart from beginning on its date; undefined for never. */
  holdsSince(key: string, now: string): string | undefined {
    const end = this.#streams.get(featureStream(key));
    return (end && resumedAt(end.state as FeatureState, end.at, now)) ?? this.#holdsSince.get(key);
  }

  #hold(key: string, end: StreamEnd | undefined, state: FeatureState, at: string): void {
    const before = end?.state as FeatureState | undefined;
    const held = end !== undefined && before !== undefined && isHolding(before, at);
    const since = held ? resumedAt(before, end.at, at) : isHolding(state, at) ? at : undefined;
    if (since !== undefined) this.#holdsSince.set(key, since);
  }

  /** The rosters that came into force, oldest first. */
  get rosters(): readonly DatedRoster[] {
    return this.#rosters;
  }

  #adopt(events: readonly RosterEvent[]): void {
    for (const event of events) if (event.type === 'RosterAdopted') this.#rosters.push({ since: event.at, roster: event.roster });
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

/** `files`: withheld raw notices and documents. */
export interface TextCount {
  readonly commitments: number;
  readonly withheld: number;
  readonly files: number;
}

/** The commitments to officials' texts in a log, and what happened to the texts. */
export class NamedTexts {
  readonly #named = new Map<string, string>();
  readonly #redactions = new Map<string, RedactionState>();

  take({ stream, version, events }: Pick<Commit, 'stream' | 'version' | 'events'>): void {
    if (isRedactionStream(stream)) this.#redact(stream, events);
    for (const { what, commitment } of namingEvents(stream, events).flatMap((event) => namedBy(stream, event)))
      if (what === 'text' && !this.#named.has(commitment)) this.#named.set(commitment, `${stream}@${version}`);
  }

  get count(): TextCount {
    const hidden = [...this.#redactions.values()].flatMap((state) => state.find(({ status }) => status === 'withheld') ?? []);
    const files = hidden.filter(({ what }) => what !== 'text').length;
    return { commitments: this.#named.size, withheld: hidden.length - files, files };
  }

  isHidden(digest: string, places: readonly Place[]): boolean {
    const state = this.#redactions.get(redactionStream(digest)) ?? [];
    if (places.length === 0) return state.some(({ status }) => status === 'withheld');
    return places.every((place) => hidingAt(state, place) !== undefined);
  }

  #redact(stream: string, events: readonly unknown[]): void {
    const parsed = events.map((event) => RedactionEvent.parse(event));
    this.#redactions.set(stream, parsed.reduce(evolveRedaction, this.#redactions.get(stream) ?? []));
  }

  async missing(ports: TextPorts): Promise<readonly { readonly commitment: string; readonly namedBy: string }[]> {
    const missing = [];
    for (const [commitment, namedBy] of this.#named)
      if (await isMissing(ports, commitment)) missing.push({ commitment, namedBy });
    return missing;
  }
}

/** What a log proves about a feature at an instant. */
export interface FeatureStanding {
  readonly key: string;
  readonly title: string | null;
  readonly evaluation: Evaluation;
  readonly audience: readonly string[] | null;
  readonly isOn: boolean;
  /** Since when the present approvals of the key and all its prefixes have been in force and true without a break. */
  readonly since: string | null;
  readonly approvals: readonly ApprovalJson[];
}

const standingView = (replay: Replay, key: string, now: string) => {
  const state = replay.feature(key);
  const n = state === null ? undefined : shownApproval(advanceTo(state, now))?.number;
  const view = n === undefined ? undefined : replay.change(key, n);
  return state === null || view === undefined ? undefined : presentChange({ view, state }, now);
};

const headsIn = (replay: Replay, key: string): readonly Head[] =>
  prefixesOf(key).map((prefix) => headUnder(replay.revocations, replay.feature(prefix)));

/** Returns the answer without a context. */
export const answerAt = (replay: Replay, key: string, now: string): Evaluation => evaluate(key, headsIn(replay, key), {}, now);

/** Evaluates a feature on the replayed log, with the same `evaluate` that answers IT. */
export const standingAt = (replay: Replay, key: string, now: string): FeatureStanding => {
  const prefixes = prefixesOf(key);
  const heads = headsIn(replay, key);
  const { audience } = evaluate(key, heads, {}, now);
  const evaluation = evaluate(key, heads, { agencies: audience ?? [] }, now);
  const view = standingView(replay, key, now);
  const begins = prefixes
    .flatMap((prefix) => [standingView(replay, prefix, now)?.approved?.began, replay.holdsSince(prefix, now)])
    .filter((begin) => begin != null);
  return {
    key,
    title: view?.revisions.at(-1)?.notice.title ?? null,
    evaluation,
    audience: evaluation.audience,
    isOn: evaluation.enabled,
    since: evaluation.enabled ? (begins.toSorted().at(-1) ?? null) : null,
    approvals: evaluation.enabled && view !== undefined ? approvalsOf(view, replay.rosters, now) : [],
  };
};
