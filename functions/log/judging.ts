import { DocumentPartKept } from '../../domain/documents/events.ts';
import { type EventOf, FeatureEvent, type Provenance } from '../../domain/feature/events.ts';
import { changeId, featureOf, isFeatureStream, vendorOf } from '../../domain/feature/keys.ts';
import { factsOf, Notice } from '../../domain/feature/notice.ts';
import { inForceAt } from '../../domain/judge/city.ts';
import { type Judge, type JudgeState, startJudging } from '../../domain/judge/judge.ts';
import type { JudgeCode } from '../../domain/judge/verdict.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { type Commit, decodeCommit, hashOf } from '../../domain/kernel/commit.ts';
import { type JsonObject, type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { parseOnce, safeParseOnce } from '../../domain/kernel/zodTypes.ts';
import { factsOfReport, ObservationReport, type ReportedFacts } from '../../domain/observation/decide.ts';
import { ObservationEvent, type SignedReport } from '../../domain/observation/events.ts';
import { SETTINGS_STREAM, SettingsEvent } from '../../domain/settings/events.ts';
import { VendorEvent } from '../../domain/vendors/events.ts';
import { isEd25519, signedContent } from '../../domain/vendors/webhookSignature.ts';
import { latestPossible } from '../platform/ledger.ts';
import type { StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';

/** `raw-notice`: the commit's raw message does not match it. */
export type CommitVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: JudgeCode | 'raw-notice'; readonly detail: string };

/** Returns why a commit may not stand, with its place; undefined if it may. */
export const standingProblem = (
  { stream, version }: Pick<Commit, 'stream' | 'version'>,
  verdict: CommitVerdict,
): string | undefined => (verdict.ok ? undefined : `${stream}@${version} may not stand: ${verdict.code}: ${verdict.detail}`);

type RawBytes = (digest: string) => Uint8Array | undefined;

/** Copy it before the next commit. */
export interface CommitJudgeState {
  readonly judge: JudgeState;
  readonly notices: NoticeState;
}

/**
 * Judges the commits of a log in order, also against their raw messages and document parts if available. A refused commit has no effect on
 * later ones.
 */
export class CommitJudge {
  readonly #judge: Judge;
  readonly #notices: NoticeVerifier;

  constructor(known?: CommitJudgeState) {
    this.#judge = startJudging(known?.judge);
    this.#notices = new NoticeVerifier(known?.notices);
  }

  get state(): CommitJudgeState {
    return { judge: this.#judge.state, notices: this.#notices.state };
  }

  /** Without `rawBytes` raw messages are not checked. */
  next(bytes: Uint8Array, rawBytes?: RawBytes, commit: Commit = decodeCommit(bytes)): CommitVerdict {
    const problem = rawBytes === undefined ? undefined : (partProblem(commit, rawBytes) ?? this.#notices.check(commit, rawBytes));
    if (problem !== undefined) return { ok: false, code: 'raw-notice', detail: problem };
    const verdict = this.#judge.next(bytes, commit);
    if (verdict.ok) this.#notices.learn(commit);
    return verdict;
  }

  get notices(): NoticeCount {
    return this.#notices.count;
  }
}

export const attachedBytes =
  (attachments: readonly { readonly sha256: string; readonly bytes: Uint8Array }[]): RawBytes =>
  (digest) =>
    attachments.find(({ sha256 }) => sha256 === digest)?.bytes;

/** Groups commits by instant, five minutes a group. */
const groupsOf = (commits: readonly StoredCommit[]): readonly (readonly StoredCommit[])[] => {
  const groups: StoredCommit[][] = [];
  let end = '';
  for (const commit of commits.toSorted((one, other) => ascending(one.at, other.at))) {
    if (commit.at > end) {
      groups.push([]);
      end = latestPossible(commit.at);
    }
    groups.at(-1)?.push(commit);
  }
  return groups;
};

interface Refusal {
  readonly commit: StoredCommit;
  /** A code. */
  readonly problem: string;
}

/**
 * Takes commits by instant, each after what it names. Returns those that may not stand. A commit that depends on one that another clock
 * dated slightly later is tried again after its group, rather than after hours of others, so that it does not enter the log late. It is
 * tried again only if the group made progress: otherwise thousands that may never stand would be judged thousands of times.
 */
export const takeInOrder = (
  commits: readonly StoredCommit[],
  take: (commit: StoredCommit) => { readonly ok: true } | { readonly ok: false; readonly code: string; readonly detail: string },
): readonly Refusal[] => {
  let left: Refusal[] = [];
  let held = new Map<string, number>();
  const tryAll = (waiting: readonly StoredCommit[]): boolean => {
    const before = left.length;
    for (const commit of waiting) {
      if ((held.get(commit.stream) ?? commit.version) < commit.version) {
        left.push({ commit, problem: 'order: an earlier version waits' });
        continue;
      }
      const verdict = take(commit);
      if (verdict.ok) continue;
      left.push({ commit, problem: `${verdict.code}: ${verdict.detail}` });
      held.set(commit.stream, commit.version);
    }
    return left.length - before < waiting.length;
  };
  for (const group of groupsOf(commits))
    for (let waiting = group; tryAll(waiting) && left.length > 0; ) {
      waiting = left.map(({ commit }) => commit);
      [left, held] = [[], new Map()];
    }
  return left;
};

/** Judges commits that are not in the log yet, by instant, each after what it names. Returns those that may not stand. */
export const judgeOutside = (judge: CommitJudge, commits: readonly StoredCommit[]): readonly UnreadableRow[] =>
  takeInOrder(commits, (commit) => judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit))).map(
    ({ commit: { stream, version }, problem }) => ({
      stream,
      version,
      problem: `${stream}@${version} may not stand: ${problem}`,
    }),
  );

export const documentPartOf = ({ events }: Pick<Commit, 'events'>): DocumentPartKept | undefined =>
  DocumentPartKept.safeParse(events[0]).data;

export const documentCompleted = (commit: Pick<Commit, 'events'>): string | undefined => {
  const part = documentPartOf(commit);
  return part !== undefined && part.part === part.of ? part.sha256 : undefined;
};

export const partProblem = (commit: Commit, bytesOf: (digest: string) => Uint8Array | undefined): string | undefined => {
  const part = documentPartOf(commit);
  if (part === undefined) return undefined;
  const bytes = bytesOf(part.partSha256);
  if (bytes === undefined) return `part ${part.part} of the document ${part.sha256} is missing`;
  return hashOf(bytes) === part.partSha256 ? undefined : `part ${part.part} of the document ${part.sha256} is another`;
};

type Wording = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;
type NoticeEvent = Wording | EventOf<'ChangeWithdrawn'>;

type Attestation = ObservationEvent & { readonly signed: SignedReport };

const OBSERVATIONS = 'observation/';
const VENDORS = 'vendor/';
const NOTICES: ReadonlySet<string> = new Set<NoticeEvent['type']>(['ChangeNotified', 'ChangeRevised', 'ChangeWithdrawn']);

const isNotice = (json: JsonObject): boolean => typeof json['type'] === 'string' && NOTICES.has(json['type']);

/** Returns a vendor's attestation. */
const attestationIn = (json: JsonObject): Attestation | undefined => {
  const event = safeParseOnce(ObservationEvent, json).data;
  return event?.signed === undefined ? undefined : { ...event, signed: event.signed };
};

/** Returns the digests of notices, revisions, withdrawals and attestations. */
export const noticeDigests = ({ stream, events }: Pick<Commit, 'stream' | 'events'>): readonly string[] => {
  if (stream.startsWith(OBSERVATIONS)) return events.flatMap((json) => attestationIn(json)?.signed.digest ?? []);
  if (!isFeatureStream(stream)) return [];
  return events.flatMap((json) => (isNotice(json) && typeof json['digest'] === 'string' ? [json['digest']] : []));
};

interface ZoneVersion {
  readonly number: number;
  readonly since: string;
  readonly zone: string;
}

/** Numbers of notices by authentication: a vendor's public signature, a shared secret, or the city. */
export interface NoticeCount {
  readonly signed: number;
  readonly bySecret: number;
  readonly enteredByCity: number;
}

/** The time zones, oldest first, and the public keys by vendor and key id. */
interface NoticeState {
  readonly zones: readonly ZoneVersion[];
  readonly keys: ReadonlyMap<string, string>;
  readonly count: NoticeCount;
}
const NO_NOTICES: NoticeState = { zones: [], keys: new Map(), count: { signed: 0, bySecret: 0, enteredByCity: 0 } };

/**
 * Checks raw messages in log order: the bytes have the digest, the event has the facts of the bytes, and a `v1a` signature is of the vendor's
 * key. A `v1` signature can be checked only with the shared secret.
 */
export class NoticeVerifier {
  readonly #zones: ZoneVersion[];
  readonly #keys: Map<string, string>;
  readonly #count: { signed: number; bySecret: number; enteredByCity: number };

  constructor({ zones, keys, count }: NoticeState = NO_NOTICES) {
    this.#zones = [...zones];
    this.#keys = new Map(keys);
    this.#count = { ...count };
  }

  get state(): NoticeState {
    return { zones: this.#zones, keys: this.#keys, count: this.#count };
  }

  get count(): NoticeCount {
    return { ...this.#count };
  }

  /** Returns why the raw messages of a commit do not match it. */
  check(commit: Commit, bytesOf: (digest: string) => Uint8Array | undefined): string | undefined {
    if (commit.stream.startsWith(OBSERVATIONS)) return this.#checkAttestations(commit, bytesOf);
    if (!isFeatureStream(commit.stream)) return undefined;
    const key = featureOf(commit.stream);
    for (const json of commit.events) {
      if (!isNotice(json)) continue;
      // The judge refuses an event of another shape.
      const event = safeParseOnce(FeatureEvent, json).data as NoticeEvent | undefined;
      if (event === undefined) continue;
      const bytes = bytesOf(event.digest);
      if (bytes === undefined) return `the raw message ${event.digest} is missing`;
      const problem = this.#problemOf(key, event, bytes);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #checkAttestations({ stream, events }: Commit, bytesOf: (digest: string) => Uint8Array | undefined): string | undefined {
    const vendor = stream.split('/', 2)[1] ?? '';
    for (const json of events) {
      const event = attestationIn(json);
      if (event === undefined) continue;
      const bytes = bytesOf(event.signed.digest);
      if (bytes === undefined) return `the raw message ${event.signed.digest} is missing`;
      if (hashOf(bytes) !== event.signed.digest) return `the raw message is not that of ${event.signed.digest}`;
      const problem = reportProblem(vendor, event, bytes) ?? this.#signatureProblem(vendor, event.signed, bytes);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  learn({ stream, events }: Commit): void {
    if (stream === SETTINGS_STREAM)
      for (const json of events) {
        const { zone, at: since } = SettingsEvent.parse(json);
        this.#zones.push({ number: this.#zones.length + 1, since, zone });
      }
    if (stream.startsWith(VENDORS)) {
      const vendor = stream.slice(VENDORS.length);
      for (const json of events) {
        const event = VendorEvent.parse(json);
        if (event.type === 'KeyAdded' && event.key.scheme === 'v1a')
          this.#keys.set(`${vendor} ${event.key.id}`, event.key.publicKey);
      }
    }
    if (stream.startsWith(OBSERVATIONS))
      for (const json of events) {
        const attested = attestationIn(json);
        if (attested !== undefined) this.#tally(attested.signed.scheme);
      }
    if (!isFeatureStream(stream)) return;
    for (const json of events) if (isNotice(json)) this.#tally((parseOnce(FeatureEvent, json) as NoticeEvent).provenance.scheme);
  }

  #tally(scheme: Provenance['scheme']): void {
    if (scheme === 'v1a') this.#count.signed += 1;
    else if (scheme === 'v1') this.#count.bySecret += 1;
    else this.#count.enteredByCity += 1;
  }

  #problemOf(key: string, event: NoticeEvent, bytes: Uint8Array): string | undefined {
    if (hashOf(bytes) !== event.digest) return `the raw message is not that of ${event.digest}`;
    const parsed = parseStrict(bytes);
    if (!parsed.ok) return `the raw message is not JSON: ${parsed.pointer} ${parsed.detail}`;
    const content =
      event.type === 'ChangeWithdrawn'
        ? withdrawalProblem(key, event, parsed.value)
        : this.#factsProblem(key, event, parsed.value);
    return content ?? this.#signatureProblem(vendorOf(key), event.provenance, bytes);
  }

  #factsProblem(key: string, event: Wording, value: JsonValue): string | undefined {
    const notice = Notice.safeParse(value);
    if (!notice.success) return 'the raw message is not a notice';
    if (notice.data.feature !== key) return `the raw message is about ${notice.data.feature}`;
    const wanted = canonical(event.notice as unknown as JsonValue);
    const isStated = ({ zone }: ZoneVersion): boolean => canonical(factsOf(notice.data, zone) as unknown as JsonValue) === wanted;
    const zones = inForceAt(this.#zones, event.at);
    // The judge refuses an event before any time zone.
    return zones.length === 0 || zones.some(isStated) ? undefined : 'the event states other facts than the raw message';
  }

  #signatureProblem(
    vendor: string,
    { scheme, message, key: keyId }: Pick<Provenance, 'scheme' | 'message' | 'key'>,
    bytes: Uint8Array,
  ): string | undefined {
    if (scheme !== 'v1a') return undefined;
    const publicKey = this.#keys.get(`${vendor} ${keyId ?? ''}`);
    if (publicKey === undefined) return `${vendor} has no key ${keyId ?? ''}`;
    if (message?.signature == null) return 'the signature is missing';
    return isEd25519(publicKey, signedContent(message, bytes), Buffer.from(message.signature, 'base64'))
      ? undefined
      : `the signature is not of the key ${keyId ?? ''}`;
  }
}

const withdrawalProblem = (key: string, { change }: EventOf<'ChangeWithdrawn'>, value: JsonValue): string | undefined => {
  const named = typeof value === 'object' && value !== null ? (value as { readonly withdraw?: unknown }).withdraw : undefined;
  return named === changeId(key, change) ? undefined : 'the raw message withdraws another change';
};

const reportProblem = (
  vendor: string,
  { source, observedAt, features, evidence, note }: Attestation,
  bytes: Uint8Array,
): string | undefined => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) return `the raw message is not JSON: ${parsed.pointer} ${parsed.detail}`;
  const posted = ObservationReport.safeParse(parsed.value);
  if (!posted.success) return 'the raw message is not a report';
  if (posted.data.vendor !== vendor) return `the raw message is about ${posted.data.vendor}`;
  const facts = factsOfReport(posted.data);
  const stated: ReportedFacts = { source, observedAt, features, evidence, note };
  return canonical(facts) === canonical(stated) ? undefined : 'the event states other facts than the raw message';
};
