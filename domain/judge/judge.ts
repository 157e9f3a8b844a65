// The judge: a second statement of the rules, from the log alone. It shares no rule with the deciders (domain/feature/decide and
// the others), so that each finds a mistake in the other, and so that anyone can find a commit that no decider made. It is given
// every commit in log order, except the log's own, and returns whether each may stand. docs/judge.md has the codes.
import type * as z from 'zod';
import { AccessEvent } from '../access/events.ts';
import { DocumentPartKept } from '../documents/events.ts';
import { FeatureEvent } from '../feature/events.ts';
import { BODY_BYTES_MAX, type Commit, decodeCommit, EVENTS_MAX, hashOf } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import { safeParseOnce } from '../kernel/zodTypes.ts';
import { LogKeyAnnounced } from '../log/events.ts';
import { ObservationEvent } from '../observation/events.ts';
import { PolicyEvent } from '../policy/events.ts';
import { NoticeReceived } from '../receipt/events.ts';
import { RedactionEvent } from '../redaction/events.ts';
import { RevocationRecorded } from '../revocation/events.ts';
import { RosterEvent } from '../roster/events.ts';
import { SettingsEvent } from '../settings/events.ts';
import { VendorEvent } from '../vendors/events.ts';
import { judgeAccess } from './access.ts';
import { City, inForceAt, mayPrecedeAll } from './city.ts';
import { judgeFeature } from './feature.ts';
import { judgeDocument } from './notices.ts';
import { KnownPasskeys } from './passkeys.ts';
import { judgePolicies } from './policy.ts';
import { judgeRosters } from './roster.ts';
import {
  judgeLogbook,
  judgeObservation,
  judgeReceipt,
  judgeRedaction,
  judgeRevocation,
  judgeSettings,
  judgeVendor,
  nameIn,
  rememberNamed,
} from './streams.ts';
import { judgeByAnyVersion, must, Objection, type Verdict } from './verdict.ts';

/**
 * Judges a log, commit by commit. A commit that may not stand changes nothing, so commits that depend on it may not stand either.
 */
export interface Judge {
  /**
   * Judges the next commit. `bytes`: exactly as logged; `commit`: the same, decoded, if the caller has it. Throws CorruptCommit
   * on malformed bytes.
   */
  readonly next: (bytes: Uint8Array, commit?: Commit) => Verdict;
  /** The state so far: maps, sets and JSON, to be copied before the next commit. */
  readonly state: JudgeState;
}

/** Everything a judge remembers, from which another can continue ({@link startJudging}). */
export interface JudgeState {
  readonly streams: Streams;
  readonly city: City;
}

type Effect = () => void;

const WITHOUT_NAME: readonly string[] = ['settings', 'roster', 'policy', 'revocation'];

const restored = (known: JudgeState): JudgeState => ({
  streams: Object.assign(new Streams(), known.streams),
  city: Object.assign(new City(), known.city, { passkeys: Object.assign(new KnownPasskeys(), known.city.passkeys) }),
});

/** Returns a judge without any state, or one that continues from `known`, which the caller must trust. */
export const startJudging = (known?: JudgeState): Judge => {
  const { streams, city } = known === undefined ? { streams: new Streams(), city: new City() } : restored(known);
  return {
    state: { streams, city },
    next: (bytes, commit = decodeCommit(bytes)) => {
      try {
        const { kind, rule } = kindOf(commit.stream);
        streams.mustFollow(commit, bytes);
        const effect = inSeats(city, commit, () => rule(city, commit));
        const spend = city.passkeys.spend(commit);
        streams.add(commit, bytes, kind === 'receipt');
        effect();
        spend();
        if (commit.at > (city.newest ?? '')) city.newest = commit.at;
        rememberNamed(city, commit);
        return { ok: true };
      } catch (error) {
        if (error instanceof Objection) return { ok: false, code: error.code, detail: error.message };
        throw error;
      } finally {
        city.bodies = null;
      }
    },
  };
};

const kindOf = (stream: string): { readonly kind: string; readonly rule: StreamRule } => {
  const kind = stream.split('/', 1)[0] ?? '';
  const rule = Object.hasOwn(RULES, kind) ? RULES[kind] : undefined;
  const isNamed = WITHOUT_NAME.includes(kind) === (kind === stream) && nameIn(stream) !== '';
  must(rule !== undefined && isNamed, 'stream', `no aggregate has the stream ${stream}`);
  return { kind, rule };
};

type StreamRule = (city: City, commit: Commit) => Effect;

const by =
  <E>(schema: z.ZodType<E>, judge: (city: City, commit: Commit, events: readonly E[]) => Effect): StreamRule =>
  (city, commit) =>
    judge(city, commit, parsed(schema, commit));

/** Returns the rule of a stream that counts in local days. `first`: the zone before one is on record; without it none may be missing. */
const zoned =
  <E>(schema: z.ZodType<E>, judge: (city: City, commit: Commit, events: readonly E[], zone: string) => Effect, first?: 'UTC') =>
  (city: City, commit: Commit): Effect => {
    const events = parsed(schema, commit);
    if (first !== undefined && city.zones.length === 0) return judge(city, commit, events, first);
    return inZone(city, commit, (zone) => judge(city, commit, events, zone));
  };

const RULES: Readonly<Record<string, StreamRule>> = {
  feature: zoned(FeatureEvent, judgeFeature),
  roster: zoned(RosterEvent, judgeRosters, 'UTC'),
  redaction: by(RedactionEvent, judgeRedaction),
  policy: zoned(PolicyEvent, judgePolicies, 'UTC'),
  access: by(AccessEvent, judgeAccess),
  revocation: by(RevocationRecorded, judgeRevocation),
  settings: by(SettingsEvent, judgeSettings),
  vendor: by(VendorEvent, judgeVendor),
  observation: by(ObservationEvent, judgeObservation),
  receipt: by(NoticeReceived, judgeReceipt),
  document: by(DocumentPartKept, judgeDocument),
  logbook: by(LogKeyAnnounced, judgeLogbook),
};

const parsed = <E>(schema: z.ZodType<E>, { events }: Commit): readonly E[] =>
  events.map((event: JsonObject) => {
    const { success, data, error } = safeParseOnce(schema, event);
    const type = typeof event['type'] === 'string' ? event['type'] : 'event';
    const { path = [], message = '' } = error?.issues[0] ?? {};
    must(success, 'schema', `${type}: ${path.join('/')} ${message}`);
    return data;
  });

/**
 * Judges in the recorded time zone. Just after a change of zone a commit may have been decided in the previous one: it stands if it
 * stands in either.
 */
const inZone = (city: City, { at }: Commit, judge: (zone: string) => Effect): Effect => {
  const zones = inForceAt(city.zones, at);
  must(zones.length > 0, 'no-zone', 'no time zone was on record');
  return judgeByAnyVersion(zones, ({ zone }) => judge(zone));
};

/**
 * Judges by the seats of the policy in force. Just after an adoption a commit may have been decided by the previous policy's seats: it
 * stands if it stands under either.
 */
const inSeats = (city: City, { at }: Commit, judge: () => Effect): Effect => {
  const seats = inForceAt(city.policies, at).map(({ bodies }) => bodies);
  return judgeByAnyVersion(mayPrecedeAll(city.policies, at) ? [...seats, null] : seats, (bodies) => {
    city.bodies = bodies;
    return judge();
  });
};

interface StreamEnd {
  readonly version: number;
  readonly hash: string;
  readonly at: string;
}

/** The end of each stream. A stream that only ever has one commit (a receipt) is kept by its name alone. */
class Streams {
  readonly ends = new Map<string, StreamEnd>();
  readonly complete = new Set<string>();

  versionOf(stream: string): number {
    return this.complete.has(stream) ? 1 : (this.ends.get(stream)?.version ?? 0);
  }

  mustFollow({ stream, version, prev, at, events }: Commit, bytes: Uint8Array): void {
    const end = this.ends.get(stream);
    must(version === this.versionOf(stream) + 1, 'version', `version ${version} comes after version ${this.versionOf(stream)}`);
    must(prev === (end?.hash ?? null), 'previous', 'the commit before it has another hash');
    must(end === undefined || end.at <= at, 'instant', 'the commit is earlier than the one before it');
    must(bytes.length <= BODY_BYTES_MAX, 'size', `the commit has ${bytes.length} bytes`);
    must(events.length <= EVENTS_MAX, 'size', `the commit has ${events.length} events`);
  }

  add({ stream, version, at }: Commit, bytes: Uint8Array, complete: boolean): void {
    if (complete) this.complete.add(stream);
    else this.ends.set(stream, { version, hash: hashOf(bytes), at });
  }
}
