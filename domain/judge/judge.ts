// The judge: a second statement of the rules, from the log alone. It shares no rule with the deciders (domain/feature/decide and
// the others), so that each finds a mistake in the other, and so that anyone can find a commit that no decider made. It is given
// every commit in log order, except the log's own, and returns whether each may stand. docs/judge.md has the codes.
import type * as z from 'zod';
import { AccessEvent } from '../access/events.ts';
import { DocumentPartKept } from '../documents/events.ts';
import { EndingRecorded } from '../ending/events.ts';
import { FeatureEvent } from '../feature/events.ts';
import { type Commit, decodeCommit } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import { safeParseOnce } from '../kernel/parseOnce.ts';
import { LogbookEvent } from '../log/logbookEvents.ts';
import { ObservationEvent } from '../observation/events.ts';
import { PolicyEvent } from '../policy/events.ts';
import { NoticeReceived } from '../receipt/events.ts';
import { RedactionEvent } from '../redaction/events.ts';
import { RevocationRecorded } from '../revocation/events.ts';
import { RosterEvent } from '../roster/events.ts';
import { SettingsEvent } from '../settings/events.ts';
import { VendorEvent } from '../vendors/events.ts';
import { judgeAccess, judgeEnding } from './access.ts';
import { City, inForceAt } from './city.ts';
import { judgeDocument } from './documents.ts';
import { judgeFeature } from './feature.ts';
import { KnownPasskeys } from './passkeys.ts';
import { judgePolicies } from './policy.ts';
import { Streams } from './record.ts';
import { judgeRedaction } from './redaction.ts';
import { judgeRevocation } from './revocation.ts';
import { judgeRosters } from './roster.ts';
import { judgeLogbook, judgeObservation, judgeReceipt, judgeSettings, judgeVendor, nameIn } from './streams.ts';
import { must, Objection, type Verdict } from './verdict.ts';

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

/** Raise whenever a rule or the shape of the state changes: a state of another version is not continued. */
export const JUDGE_STATE_VERSION = 6;

/** All that a judge has learned, from which another can continue ({@link startJudging}). Its content is the judge's own. */
export interface JudgeState {
  readonly streams: Streams;
  readonly city: City;
}

/** A commit's effect on the judge's state, applied once the commit may stand. */
type Effect = () => void;

/** Kinds of streams with a name after their kind, which can hold only one commit. */
const ENDED_BY_FIRST: readonly string[] = ['receipt'];
const WITHOUT_NAME: readonly string[] = ['settings', 'roster', 'policy', 'revocation', 'ending'];

const restored = (known: JudgeState): JudgeState => ({
  streams: Object.assign(new Streams(), known.streams),
  city: Object.assign(new City(), known.city, { passkeys: Object.assign(new KnownPasskeys(), known.city.passkeys) }),
});

/**
 * Returns a judge without any state, or one that continues where another stopped. `known`: its state, also as copied by a structured
 * clone, which its holder vouches for.
 */
export const startJudging = (known?: JudgeState): Judge => {
  const { streams, city } = known === undefined ? { streams: new Streams(), city: new City() } : restored(known);
  return {
    state: { streams, city },
    next: (bytes, commit = decodeCommit(bytes)) => {
      try {
        const kind = kindOf(commit.stream);
        streams.mustFollow(commit, bytes);
        const effect = mustStand(streams, city, kind, commit);
        streams.add(commit, bytes, ENDED_BY_FIRST.includes(kind));
        effect();
        return { ok: true };
      } catch (error) {
        if (error instanceof Objection) return { ok: false, code: error.code, detail: error.message };
        throw error;
      }
    },
  };
};

const kindOf = (stream: string): string => {
  const kind = stream.split('/', 1)[0] ?? '';
  must(
    WITHOUT_NAME.includes(kind) === (kind === stream) && nameIn(stream) !== '',
    'stream',
    `no aggregate has the stream ${stream}`,
  );
  return kind;
};

/** Applies the rules of the stream's aggregate. */
const mustStand = (streams: Streams, city: City, kind: string, commit: Commit): Effect => {
  switch (kind) {
    case 'feature': {
      const events = parsed(FeatureEvent, commit);
      return inZone(city, commit, (zone) => judgeFeature(city, commit, events, zone));
    }
    case 'roster': {
      const events = parsed(RosterEvent, commit);
      return city.zones.length > 0
        ? inZone(city, commit, (zone) => judgeRosters(city, commit, events, zone))
        : judgeRosters(city, commit, events, 'UTC');
    }
    case 'policy':
      return judgePolicies(city, commit, parsed(PolicyEvent, commit));
    case 'access':
      return judgeAccess(city, commit, parsed(AccessEvent, commit));
    case 'revocation':
      return judgeRevocation(city, commit, parsed(RevocationRecorded, commit));
    case 'ending':
      return judgeEnding(city, commit, parsed(EndingRecorded, commit));
    case 'settings':
      return judgeSettings(city, commit, parsed(SettingsEvent, commit));
    case 'vendor':
      return judgeVendor(city, commit, parsed(VendorEvent, commit));
    case 'observation':
      return judgeObservation(city, commit, parsed(ObservationEvent, commit));
    case 'receipt':
      return judgeReceipt(city, commit, parsed(NoticeReceived, commit));
    case 'redaction': {
      const events = parsed(RedactionEvent, commit);
      const versionOf = (stream: string): number => streams.versionOf(stream);
      return inZone(city, commit, (zone) => judgeRedaction(city, commit, events, { zone, versionOf }));
    }
    case 'document':
      return judgeDocument(city, commit, parsed(DocumentPartKept, commit));
    case 'logbook':
      return judgeLogbook(city, commit, parsed(LogbookEvent, commit));
    default:
      return must(false, 'stream', `no aggregate has the stream ${commit.stream}`) as never;
  }
};

/** Parses the events, each with the schema of its type. */
const parsed = <E>(schema: z.ZodType<E>, { events }: Commit): readonly E[] =>
  events.map((event: JsonObject) => {
    const { success, data, error } = safeParseOnce(schema, event);
    must(
      success,
      'schema',
      `${typeof event['type'] === 'string' ? event['type'] : 'event'}: ${error?.issues[0]?.path.join('/') ?? ''} ${error?.issues[0]?.message ?? ''}`,
    );
    return data;
  });

/**
 * Judges in the recorded time zone. Just after a change of zone a commit may have been decided in the previous one: it stands if
 * it stands in either.
 */
const inZone = (city: City, { at }: Commit, judge: (zone: string) => Effect): Effect => {
  const [zone, before] = inForceAt(city.zones, at);
  must(zone !== undefined, 'no-zone', 'no time zone was on record');
  if (before === undefined) return judge(zone.zone);
  try {
    return judge(zone.zone);
  } catch (error) {
    if (!(error instanceof Objection)) throw error;
    return judge(before.zone);
  }
};
