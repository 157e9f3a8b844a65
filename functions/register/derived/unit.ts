// A unit of work of the fold: log entries, or boundaries of time, with every record that they touch in memory.
import * as z from 'zod';
import { isOwnApprovalInForce, isSameOwnAnswer, UNKNOWN_KEY } from '../../../domain/derived/answer.ts';
import { type ReportedKey, toSeen } from '../../../domain/derived/cases.ts';
import type { DerivedEvent } from '../../../domain/derived/events.ts';
import {
  afterCommit,
  atMoment,
  emptyRecord,
  eventsOfRecord,
  type FoldMoment,
  NOTHING_PUBLISHED,
  withTasks,
} from '../../../domain/derived/fold.ts';
import type { KeyRecord, SourceRecord } from '../../../domain/derived/record.ts';
import {
  eventsOfForgotten,
  eventsOfSource,
  kindOf,
  neverReported,
  type SourcePlace,
  sourceAt,
} from '../../../domain/derived/sources.ts';
import { ABSENT, type Head, headWith, stateIn, UNREADABLE } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { evolve } from '../../../domain/feature/evolve.ts';
import { CITY, featureOf, featureStream, isFeatureStream, prefixesOf, vendorOf } from '../../../domain/feature/keys.ts';
import { initialState } from '../../../domain/feature/state.ts';
import { ascending, latest, partitionPoint } from '../../../domain/kernel/order.ts';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { placeOfObservation } from '../../../domain/observation/decide.ts';
import { ObservationEvent } from '../../../domain/observation/events.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { PolicyEvent } from '../../../domain/policy/events.ts';
import { SOURCE_KINDS } from '../../../domain/policy/schema.ts';
import { headUnder, revocationDecider } from '../../../domain/revocation/decide.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../../domain/revocation/events.ts';
import { SETTINGS_STREAM, SettingsEvent } from '../../../domain/settings/events.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { eventsOf, type LoggedCommit, readCommit, stateAfter } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { eachTurn } from '../../platform/turns.ts';
import { featureFold } from '../project.ts';
import { type Cause, caseId, distinctId, dueId, type ListedCase, type QueuedEvent, sourceId } from './records.ts';

const NamedSources = z.record(
  z.string(),
  strictObject(() => ({ kind: z.enum(SOURCE_KINDS), every: z.string() })),
);

/**
 * The position of the fold. `log`: the version of stream `log`, at which the log has `size` entries; `at`: the instant; `zone`,
 * `sources`: those in force there; `unit`: the units of work up to there.
 */
export const FoldPosition = strictObject(() => ({
  derivedVersion: z.int(),
  log: z.int(),
  size: z.int(),
  at: Instant,
  zone: z.string(),
  sources: NamedSources,
  unit: z.int(),
}));
export type FoldPosition = z.infer<typeof FoldPosition>;

/** The instant at which a key, or a source by its id, is due. */
interface DueMoment {
  readonly instant: string;
  readonly of: string;
}

const byInstant = (one: DueMoment, other: DueMoment): number =>
  ascending(one.instant, other.instant) || ascending(one.of, other.of);

export interface DerivedReads {
  readonly key: (key: string) => Promise<KeyRecord | undefined>;
  readonly beneath: (key: string) => Promise<readonly KeyRecord[]>;
  readonly source: (id: string) => Promise<SourceRecord | undefined>;
  readonly sources: () => Promise<readonly SourceRecord[]>;
  readonly keys: () => Promise<readonly string[]>;
  /** Returns a page of due moments after an id, in order. */
  readonly due: (after: string) => Promise<readonly DueMoment[]>;
}

export const NO_READS: DerivedReads = {
  key: async () => undefined,
  beneath: async () => [],
  source: async () => undefined,
  sources: async () => [],
  keys: async () => [],
  due: async () => [],
};

export interface Touched<T> {
  readonly before: T | undefined;
  readonly now: T | undefined;
}

export interface UnitPorts {
  readonly store: Store;
  readonly reads: DerivedReads;
  readonly unreadable: (commit: Pick<StoredCommit, 'stream' | 'version'>) => void;
}

const eventsIn = <E>(schema: z.ZodType<E>, commit: StoredCommit): readonly E[] =>
  commitOf(commit).events.map((json) => {
    const event = schema.safeParse(json);
    if (event.success) return event.data;
    throw new CorruptStore(`${commit.stream}@${commit.version}: event is not one of its stream`, { cause: event.error });
  });

const asRecorded = (head: Head, record: KeyRecord | undefined): Head =>
  head.kind === 'state' ? headUnder(record?.recorded ?? {}, head.state) : head;

/** A step takes some tenths of a millisecond. */
const STEPS_PER_TURN = 32;

export class Unit {
  readonly keys = new Map<string, Touched<KeyRecord>>();
  readonly sources = new Map<string, Touched<SourceRecord>>();
  readonly events: Omit<QueuedEvent, 'queued'>[] = [];
  /** Past cases that no longer fit in their record. */
  readonly outlived: ListedCase[] = [];
  #position: FoldPosition;
  readonly #store: Store;
  readonly #reads: DerivedReads;
  readonly #unreadable: UnitPorts['unreadable'];
  readonly #heads = new Map<string, { readonly version: number; readonly head: Head }>();
  readonly #due: DueMoment[] = [];
  #stored: DueMoment[] = [];
  #storedAfter: string | undefined = '';
  #hasAllSources = false;
  readonly #below = new Map<string, number>();
  /** The keys in memory beneath each key. */
  readonly #families = new Map<string, Set<string>>();
  readonly #ordinals = new Map<string, number>();
  readonly #turn = eachTurn(STEPS_PER_TURN);

  /** `unreadable`: called with each unreadable commit; the fold skips it. */
  constructor({ store, reads, unreadable }: UnitPorts, position: FoldPosition) {
    this.#store = store;
    this.#reads = reads;
    this.#unreadable = unreadable;
    this.#position = { ...position, unit: position.unit + 1 };
  }

  get position(): FoldPosition {
    return this.#position;
  }

  /** Folds a log entry, after every boundary of time before it. */
  async entry({ stream, version, commit }: LoggedCommit): Promise<void> {
    await this.#turn();
    const at = latest(this.#position.at, commit?.at);
    await this.timeUpTo(at);
    this.#position = { ...this.#position, size: this.#position.size + 1, at };
    this.#ordinals.clear();
    const isFolded =
      commit !== undefined &&
      (await ifReadable(
        this.#fold(commit).then(() => true),
        () => false,
      ));
    if (!isFolded) this.#unreadable({ stream, version });
  }

  ended(log: number): void {
    this.#position = { ...this.#position, log };
  }

  async timeUpTo(upTo: string): Promise<void> {
    for (;;) {
      const due = await this.#firstDue(upTo);
      if (due === undefined) break;
      this.#position = { ...this.#position, at: latest(this.#position.at, due.instant) };
      this.#ordinals.clear();
      const cause: Cause = { time: due.instant };
      const source = this.sources.get(due.of)?.now;
      if (source !== undefined) this.#source(source, source.lookedAt, cause);
      else await this.#key(due.of, cause);
      await this.#count(cause);
    }
  }

  get #moment(): FoldMoment {
    const { size, at, zone } = this.#position;
    return { sequence: size - 1, at, zone };
  }

  // What is due

  #isDue({ of, instant }: DueMoment): boolean {
    return (this.keys.get(of)?.now ?? this.sources.get(of)?.now)?.next === instant;
  }

  /** Inserts in order; most new moments are later than all others. */
  #push(due: DueMoment): void {
    const at = partitionPoint(this.#due, (each) => byInstant(each, due) < 0);
    this.#due.splice(at, 0, due);
  }

  async #firstDue(upTo: string): Promise<DueMoment | undefined> {
    for (;;) {
      // A stored moment may precede the next one in memory, also after one that is no longer due.
      await this.#loadDue(upTo);
      const [first] = this.#due;
      if (first === undefined || first.instant > upTo) return undefined;
      this.#due.shift();
      if (this.#isDue(first)) return first;
    }
  }

  /** Loads stored due moments, with their records, up to the first one in memory. */
  async #loadDue(upTo: string): Promise<void> {
    for (;;) {
      if (this.#stored.length === 0 && this.#storedAfter !== undefined) {
        this.#stored = [...(await this.#reads.due(this.#storedAfter))];
        const last = this.#stored.at(-1);
        this.#storedAfter = last === undefined ? undefined : dueId(last.instant, last.of);
      }
      const [stored] = this.#stored;
      const [first] = this.#due;
      if (stored === undefined || stored.instant > upTo || (first !== undefined && byInstant(first, stored) < 0)) return;
      this.#stored.shift();
      await (stored.of.includes('/') ? this.#loadSource(stored.of) : this.#loadKey(stored.of));
    }
  }

  // Records

  #keep<T extends { readonly next: string | null }>(kept: Map<string, Touched<T>>, id: string, record: T | undefined) {
    const known = kept.get(id);
    if (known !== undefined) return known.now;
    kept.set(id, { before: record, now: record });
    if (record?.next != null) this.#push({ instant: record.next, of: id });
    return record;
  }

  async #loadKey(key: string): Promise<KeyRecord | undefined> {
    const known = this.keys.get(key);
    return known === undefined ? this.#keepKey(key, await this.#reads.key(key)) : known.now;
  }

  #keepKey(key: string, record: KeyRecord | undefined): KeyRecord | undefined {
    for (const prefix of prefixesOf(key)) {
      const family = this.#families.get(prefix) ?? new Set();
      this.#families.set(prefix, family);
      if (prefix !== key) family.add(key);
    }
    return this.#keep(this.keys, key, record);
  }

  async #loadSource(id: string): Promise<SourceRecord | undefined> {
    const known = this.sources.get(id);
    return known === undefined ? this.#keep(this.sources, id, await this.#reads.source(id)) : known.now;
  }

  async #loadSources(): Promise<readonly SourceRecord[]> {
    if (!this.#hasAllSources)
      for (const record of await this.#reads.sources()) this.#keep(this.sources, sourceId(record), record);
    this.#hasAllSources = true;
    return [...this.sources.values()].flatMap(({ now }) => now ?? []).sort((a, b) => ascending(sourceId(a), sourceId(b)));
  }

  async #headOf(key: string): Promise<Head> {
    const version = (await this.#loadKey(key))?.version ?? 0;
    if (version === 0) return ABSENT;
    const known = this.#heads.get(key);
    if (known?.version === version) return known.head;
    return this.#noteHead(key, version, await ifReadable(readCommit(this.#store, featureStream(key), version)));
  }

  /** Derives the state from the previous one if that is known. */
  async #noteCommit(key: string, commit: StoredCommit, events: readonly FeatureEvent[]): Promise<void> {
    const { version } = commit;
    const known = version === 1 ? { version: 0, head: headWith(initialState) } : this.#heads.get(key);
    const before = known?.version === version - 1 ? stateIn(known.head) : null;
    if (before === null) await this.#noteHead(key, version, commit);
    else this.#heads.set(key, { version, head: headWith(events.reduce(evolve, before)) });
  }

  async #noteHead(key: string, version: number, commit: StoredCommit | undefined): Promise<Head> {
    const head =
      commit?.version === version
        ? await ifReadable<Head, Head>(
            stateAfter(this.#store, featureFold, commit).then((state) => ({ kind: 'state', state })),
            () => UNREADABLE,
          )
        : UNREADABLE;
    this.#heads.set(key, { version, head });
    return head;
  }

  // Folding

  async #fold(commit: StoredCommit): Promise<void> {
    const { stream, version } = commit;
    const cause: Cause = { stream, version, commit: commitOf(commit).id };
    const observed = placeOfObservation(stream);
    if (isFeatureStream(stream)) {
      const key = featureOf(stream);
      const known = (await this.#loadKey(key)) ?? emptyRecord(key, this.#moment);
      const events = eventsOf(featureFold, commit);
      await this.#noteCommit(key, commit, events);
      await this.#key(key, cause, afterCommit(known, version, events));
      if (known.version === 0) await this.#expect(async () => [vendorOf(key)], cause);
    } else if (observed !== undefined) await this.#observe(observed, commit, cause);
    else if (stream === POLICY_STREAM) await this.#adopt(commit, cause);
    else if (stream === SETTINGS_STREAM) await this.#move(commit, cause);
    else if (stream === REVOCATION_STREAM) await this.#revoke(commit, cause);
    await this.#count(cause);
  }

  async #observe(place: SourcePlace, commit: StoredCommit, cause: Cause): Promise<void> {
    const { source, attested } = place;
    for (const { observedAt, person, evidence, note, features } of eventsIn(ObservationEvent, commit)) {
      const { kind, named } = kindOf(this.#position.sources, place);
      // Not an observation: for example from a program whose export was empty.
      if (Object.keys(features).length === 0) continue;
      const before = await this.#loadSource(sourceId(place));
      this.#source(before ?? place, observedAt, cause);
      if (named && before?.lookedAt == null) await this.#expect(async () => [], cause);
      for (const [key, value] of Object.entries(features).sort(([one], [other]) => ascending(one, other))) {
        const seen = toSeen(value);
        const report: ReportedKey = { source, attested, kind, named, person, observedAt, seen, evidence, note };
        await this.#key(key, cause, undefined, report);
      }
    }
  }

  async #adopt(commit: StoredCommit, cause: Cause): Promise<void> {
    for (const event of eventsIn(PolicyEvent, commit)) {
      if (event.type !== 'PolicyAdopted') continue;
      this.#position = { ...this.#position, sources: event.policy.observe?.sources ?? {} };
      for (const source of await this.#loadSources()) this.#source(source, source.lookedAt, cause);
      await this.#expect(() => this.#vendors(), cause);
    }
  }

  /**
   * From now on, expects each source that the policy names and that never reported to look at these vendors too. Other sources are not
   * expected where they have not looked.
   */
  async #expect(vendors: () => Promise<readonly string[]>, cause: Cause): Promise<void> {
    const { sources } = this.#position;
    const records = await this.#loadSources();
    const expected = neverReported(sources, records);
    for (const record of records) if (record.lookedAt === null && !expected.includes(record.source)) this.#forget(record, cause);
    if (expected.length === 0) return;
    for (const vendor of await vendors())
      for (const source of vendor === CITY ? [] : expected) {
        const place = { vendor, source, attested: false };
        if (this.sources.get(sourceId(place))?.now === undefined) this.#source(place, null, cause);
      }
  }

  #forget(record: SourceRecord, cause: Cause): void {
    const id = sourceId(record);
    this.sources.set(id, { before: this.sources.get(id)?.before, now: undefined });
    this.#publish(id, eventsOfForgotten(record, this.#moment), cause);
  }

  async #vendors(): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const key of new Set([...(await this.#reads.keys()), ...this.keys.keys()])) {
      const vendor = vendorOf(key);
      if (!found.has(vendor) && ((await this.#loadKey(key))?.version ?? 0) > 0) found.add(vendor);
    }
    return [...found].sort(ascending);
  }

  /** A recorded revocation takes effect at once, although the feature's stream shows it only later. */
  async #revoke(commit: StoredCommit, cause: Cause): Promise<void> {
    for (const event of eventsIn(RevocationRecorded, commit)) {
      const known = (await this.#loadKey(event.key)) ?? emptyRecord(event.key, this.#moment);
      await this.#key(event.key, cause, { ...known, recorded: revocationDecider.evolve(known.recorded ?? {}, event) });
    }
  }

  /** Recomputes everything: days depend on the zone. */
  async #move(commit: StoredCommit, cause: Cause): Promise<void> {
    for (const { zone } of eventsIn(SettingsEvent, commit)) {
      this.#position = { ...this.#position, zone };
      const keys = new Set([...(await this.#reads.keys()), ...this.keys.keys()]);
      for (const key of [...keys].sort(ascending)) if ((await this.#loadKey(key)) !== undefined) await this.#key(key, cause);
      for (const source of await this.#loadSources()) this.#source(source, source.lookedAt, cause);
    }
  }

  #source(known: SourceRecord | SourcePlace, lookedAt: string | null, cause: Cause): void {
    const { vendor, source, attested } = known;
    const id = sourceId(known);
    const record = 'lookedAt' in known ? known : undefined;
    const now = sourceAt(record, { vendor, source, attested }, this.#position.sources, this.#moment, lookedAt);
    this.sources.set(id, { before: this.sources.get(id)?.before, now });
    if (now.next !== null) this.#push({ instant: now.next, of: id });
    this.#publish(id, eventsOfSource(record?.tasks ?? [], now), cause);
  }

  /** Updates a key to the moment, then those beneath it if what they inherit changed. `known`: replaces its record. */
  async #key(key: string, cause: Cause, known?: KeyRecord, report?: ReportedKey): Promise<void> {
    const before = await this.#loadKey(key);
    const now = await this.#bring(key, cause, known ?? before ?? emptyRecord(key, this.#moment), report);
    const gave = before?.own ?? UNKNOWN_KEY;
    if (isSameOwnAnswer(gave, now.own) && (before?.offSince ?? null) === now.offSince) return;
    for (const beneath of await this.#beneath(key)) {
      // A key that is not itself in force is off for its own reason.
      if (isOwnApprovalInForce(beneath.own) || beneath.countsFor !== null) await this.#bring(beneath.key, cause, beneath);
    }
  }

  async #beneath(key: string): Promise<readonly KeyRecord[]> {
    for (const record of await this.#reads.beneath(key)) this.#keepKey(record.key, record);
    const family = [...(this.#families.get(key) ?? [])].sort(ascending);
    return family.flatMap((each) => this.keys.get(each)?.now ?? []);
  }

  async #bring(key: string, cause: Cause, known: KeyRecord, report?: ReportedKey): Promise<KeyRecord> {
    await this.#turn();
    const { before, now: last } = this.keys.get(key) ?? { before: undefined, now: undefined };
    const heads: Head[] = [];
    let lostAncestor: string | null = null;
    for (const prefix of prefixesOf(key)) {
      if (prefix === key) continue;
      const above = await this.#loadKey(prefix);
      heads.push(asRecorded(await this.#headOf(prefix), above));
      if (lostAncestor === null && above?.offSince != null) lostAncestor = prefix;
    }
    heads.push(known.version === 0 ? ABSENT : asRecorded(this.#heads.get(key)?.head ?? (await this.#headOf(key)), known));
    const below = Math.max(0, known.below + (this.#below.get(key) ?? 0));
    this.#below.delete(key);
    const now = withTasks(atMoment(known, heads, this.#moment, report), { lostAncestor, below }, this.#position.zone);
    this.keys.set(key, { before, now });
    if (now.next !== null) this.#push({ instant: now.next, of: key });
    this.#noteCount(last?.countsFor ?? null, now.countsFor);
    this.#outlive(last, now);
    this.#publish(key, eventsOfRecord(last ?? NOTHING_PUBLISHED, now), cause);
    return now;
  }

  #noteCount(before: string | null, now: string | null): void {
    if (before === now) return;
    if (before !== null) this.#below.set(before, (this.#below.get(before) ?? 0) - 1);
    if (now !== null) this.#below.set(now, (this.#below.get(now) ?? 0) + 1);
  }

  /** Updates keys whose tasks stand for those beneath them with the new count of these. */
  async #count(cause: Cause): Promise<void> {
    for (const key of [...this.#below.keys()].sort()) {
      const known = await this.#loadKey(key);
      if (known !== undefined) await this.#bring(key, cause, known);
    }
    this.#below.clear();
  }

  #outlive(before: KeyRecord | undefined, { key, cases }: KeyRecord): void {
    const kept = new Set(cases.map((each) => caseId(key, each)));
    const known = before?.cases.filter(({ until }) => until !== null) ?? [];
    for (const each of known) if (!kept.has(caseId(key, each))) this.outlived.push({ ...each, key });
  }

  #publish(of: string, events: readonly DerivedEvent[], cause: Cause): void {
    const { sequence, at } = this.#moment;
    for (const event of events) {
      const id = distinctId(this.#ordinals, `derived-${sequence}-${at}-${of}-${event.type}`);
      this.events.push({ id, event, cause });
    }
  }
}
