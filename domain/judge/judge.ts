// The judge: a second statement of the rules, from the log alone. It shares no rule with what decides (domain/feature/decide and the
// others), so that a mistake in one is found by the other, and so that a commit that nobody decided is found by anybody. It is fed
// every commit in the order of the log, the log's own excepted, and says of each whether it may stand. docs/judge.md has the codes.
import type * as z from 'zod';
import { AccessEvent } from '../access/events.ts';
import { FeatureEvent } from '../feature/events.ts';
import { type Commit, decodeCommit } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import { LogbookEvent } from '../log/logbookEvents.ts';
import { ObservationEvent } from '../observation/events.ts';
import { PolicyEvent } from '../policy/events.ts';
import { NoticeReceived } from '../receipt/events.ts';
import { TextRedacted } from '../redaction/events.ts';
import { RosterEvent } from '../roster/events.ts';
import { SettingsEvent } from '../settings/events.ts';
import { VendorEvent } from '../vendors/events.ts';
import { judgeAccess } from './access.ts';
import { City, inForceAt } from './city.ts';
import { judgeFeature } from './feature.ts';
import { judgePolicies } from './policy.ts';
import { Streams } from './record.ts';
import { judgeRosters } from './roster.ts';
import { judgeLogbook, judgeObservation, judgeReceipt, judgeRedaction, judgeSettings, judgeVendor, nameIn } from './streams.ts';
import { must, Objection, type Verdict } from './verdict.ts';

/** Judges a log, commit by commit. One that may not stand leaves no trace, so what follows from it may not stand either. */
export interface Judge {
  /** `bytes`: exactly as logged; `commit`: the same, decoded, where that was done before. Throws CorruptCommit on bytes that are none. */
  readonly next: (bytes: Uint8Array, commit?: Commit) => Verdict;
}

/** What a commit does to what the judge knows, once it may stand. */
type Effect = () => void;

/** Streams with a name after their kind, which may hold one commit only. */
const ENDED_BY_FIRST: readonly string[] = ['receipt', 'redaction'];
const WITHOUT_NAME: readonly string[] = ['settings', 'roster', 'policy'];

/** A judge who has seen nothing yet. */
export const startJudging = (): Judge => {
  const streams = new Streams();
  const city = new City();
  return {
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

/** Follows the rules of the aggregate whose stream it is. */
const mustStand = (streams: Streams, city: City, kind: string, commit: Commit): Effect => {
  switch (kind) {
    case 'feature': {
      const events = parsed(FeatureEvent, commit);
      return inZone(city, commit, (zone) => judgeFeature(city, commit, events, zone));
    }
    case 'roster': {
      const events = parsed(RosterEvent, commit);
      const needsZone = events.some((event) => !('roster' in event && 'by' in event));
      return needsZone && city.zones.length > 0
        ? inZone(city, commit, (zone) => judgeRosters(city, commit, events, zone))
        : judgeRosters(city, commit, events, 'UTC');
    }
    case 'policy':
      return judgePolicies(city, commit, parsed(PolicyEvent, commit));
    case 'access':
      return judgeAccess(city, commit, parsed(AccessEvent, commit));
    case 'settings':
      return judgeSettings(city, commit, parsed(SettingsEvent, commit));
    case 'vendor':
      return judgeVendor(city, commit, parsed(VendorEvent, commit));
    case 'observation':
      return judgeObservation(city, commit, parsed(ObservationEvent, commit));
    case 'receipt':
      return judgeReceipt(city, commit, parsed(NoticeReceived, commit));
    case 'redaction':
      return judgeRedaction(city, commit, parsed(TextRedacted, commit), (key) => streams.versionOf(`feature/${key}`));
    case 'logbook':
      return judgeLogbook(city, commit, parsed(LogbookEvent, commit));
    default:
      return must(false, 'stream', `no aggregate has the stream ${commit.stream}`) as never;
  }
};

/** The events, each of the shape of its type. */
const parsed = <E>(schema: z.ZodType<E>, { events }: Commit): readonly E[] =>
  events.map((event: JsonObject) => {
    const { success, data, error } = schema.safeParse(event);
    must(
      success,
      'schema',
      `${typeof event['type'] === 'string' ? event['type'] : 'event'}: ${error?.issues[0]?.path.join('/') ?? ''} ${error?.issues[0]?.message ?? ''}`,
    );
    return data;
  });

/**
 * Judges in the time zone on record. Where it has just been changed, a commit may have been decided in the one before: it stands if it
 * stands in either.
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
