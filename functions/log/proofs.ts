import { credentialStream, formStream, passkeysStream, publicKeyStream, tokenStream } from '../../domain/access/decide.ts';
import { documentStream } from '../../domain/documents/decide.ts';
import { evaluate } from '../../domain/feature/evaluate.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { digestOf } from '../../domain/kernel/canonical.ts';
import { decodeCommit } from '../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../domain/kernel/json.ts';
import type { SignedCheckpoint } from '../../domain/log/checkpoint.ts';
import { fail, LogError, leafHash } from '../../domain/log/encoding.ts';
import { isLogbookStream } from '../../domain/log/events.ts';
import { countsFrom, type LogTimes } from '../../domain/log/late.ts';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { formatTlogProof, inclusionNodes, inclusionProof, verifyInclusion } from '../../domain/log/proof.ts';
import { decodeBundle, TILE_WIDTH } from '../../domain/log/tile.ts';
import { headsAt, readLogTimes } from '../gate/heads.ts';
import { readHiding } from '../gate/redactions.ts';
import { readToken } from '../gate/tokens.ts';
import type { Blobs } from '../platform/blobs/port.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { commitsAbove, readCommit } from '../platform/store/load.ts';
import type { Store, StoredCommit } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { loggedStreams, readLogIndex } from './sequencer/logIndex.ts';
import type { LogSigner } from './sequencer/ports.ts';
import { logFilePath, readFile, readHashes, readPublished } from './sequencer/publicFiles.ts';
import { endsAtInstant, formatRecord, type ProvenCommit, type RecordStream, rulesOf, streamsOf } from './verify/recordFile.ts';

export interface InclusionPorts {
  /**
   * The store in which redaction orders are read. It refuses what the sequencer holds, since an order whose commit was removed must not count
   * as never given. Absent: `store`.
   */
  readonly orders?: Store;
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
}

/** Converts faults of the public files into CorruptStore, which the operator can repair. */
const fromFiles = <T>(proving: Promise<T>): Promise<T> =>
  proving.catch((error: unknown) => {
    if (!(error instanceof LogError)) throw error;
    const message = `the files of the public log are not what was signed: ${error.message}. \`aldergate fsck\` names the first that differs`;
    throw new CorruptStore(message, { cause: error });
  });

/** Returns a c2sp.org/tlog-proof; undefined while the commit is not in the tree. Throws LogError if the public files do not contain it. */
const proofUnder = async (
  { sideStore, blobs }: { readonly sideStore: SideStore; readonly blobs: Pick<Blobs, 'get'> },
  checkpoint: SignedCheckpoint,
  { stream, version, bytes }: Pick<StoredCommit, 'stream' | 'version' | 'bytes'>,
): Promise<Uint8Array | undefined> => {
  const { index } = (await readLogIndex(sideStore, stream, version)) ?? {};
  const { size } = checkpoint;
  if (index === undefined || index >= size) return undefined;
  const hashes = inclusionProof(index, size, await readHashes(blobs, inclusionNodes(index, size), size));
  verifyInclusion(checkpoint, index, leafHash(bytes), hashes);
  return formatTlogProof({ index, hashes, checkpoint: checkpoint.bytes });
};

/** Returns the proof that a commit is in the published log; undefined while it is not. Rejects with CorruptStore if a file is damaged. */
export const inclusionProofFor = async (
  ports: InclusionPorts,
  stream: string,
  version: number,
): Promise<Uint8Array | undefined> => {
  const checkpoint = await readPublished(ports.blobs, ports.signer);
  const commit = await readCommit(ports.store, stream, version);
  return checkpoint === undefined || commit === undefined ? undefined : fromFiles(proofUnder(ports, checkpoint, commit));
};

/** `too-long`: the evidence that a commit is late is too far back in the log. */
type NoRecord = { readonly ok: false; readonly because: 'unpublished' | 'waiting' | 'too-long' };

const none = (because: NoRecord['because']): NoRecord => ({ ok: false, because });

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Caches files: those of one checkpoint never change, and the proofs of a history share most of them. */
const readOnce = (blobs: Blobs): Pick<Blobs, 'get'> => {
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    get: (path) => {
      const found = known.get(path) ?? blobs.get(path);
      known.set(path, found);
      return found;
    },
  };
};

interface Building {
  readonly ports: InclusionPorts;
  readonly blobs: Pick<Blobs, 'get'>;
  readonly checkpoint: SignedCheckpoint;
  readonly times: LogTimes;
  /** Named by the commits taken so far. */
  readonly named: Readonly<Record<'holders' | 'actors' | 'documents', Set<string>>>;
}

const provenCommit = async (
  { ports: { sideStore }, blobs, checkpoint }: Building,
  commit: Pick<StoredCommit, 'stream' | 'version' | 'bytes'>,
): Promise<ProvenCommit | undefined> => {
  const proof = await proofUnder({ sideStore, blobs }, checkpoint, commit);
  return proof && { commit: decoder.decode(commit.bytes), proof: decoder.decode(proof) };
};

const holderIn = (value: JsonValue | undefined): readonly string[] =>
  typeof value === 'object' && value !== null && 'holder' in value && typeof value['holder'] === 'string'
    ? [value['holder']]
    : [];

/** Returns a stream's commits with proofs; with `at`, those that count by then and the next one. Undefined if one is not in the log yet. */
const provenStream = async (building: Building, stream: string, at?: string): Promise<RecordStream | undefined> => {
  const commits: ProvenCommit[] = [];
  for await (const commit of commitsAbove(building.ports.store, stream, 0)) {
    const proven = await provenCommit(building, commit);
    // A commit that counts only later closes the stream if it is in the log; it may also be missing.
    if (at !== undefined && countsFrom(building.times, commit) > at) return { stream, commits, next: proven ?? null };
    if (proven === undefined) return at === undefined ? { stream, commits, next: null } : undefined;
    commits.push(proven);
    const { actor, events } = commitOf(commit);
    building.named.actors.add(actor);
    for (const event of events) {
      for (const holder of [...holderIn(event), ...holderIn(event['by'])]) building.named.holders.add(holder);
      if (event.type === 'DocumentAttached' && typeof event['sha256'] === 'string') building.named.documents.add(event['sha256']);
    }
  }
  return { stream, commits, next: null };
};

const eventsIn = ({ commits }: RecordStream): readonly JsonObject[] =>
  commits.flatMap(({ commit }) => decodeCommit(encoder.encode(commit)).events);

const sha256Of = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? digestOf(value).slice('sha256:'.length) : '';

const namesOf = (actors: ReadonlySet<string>, kind: string): readonly string[] =>
  [...actors].flatMap((actor) => (actor.startsWith(kind) ? [actor.slice(kind.length)] : []));

/** Returns the streams of each form, found by name prefix, and of every token of an acting name, since the judge accepts any of them. */
const accessStreams = async ({ store, sideStore }: InclusionPorts, actors: ReadonlySet<string>): Promise<readonly string[]> => {
  const forms = await Promise.all(namesOf(actors, 'form:').map((id) => loggedStreams(sideStore, formStream(id))));
  const names = namesOf(actors, 'token:');
  const tokens = names.length === 0 ? [] : await loggedStreams(sideStore, tokenStream(''));
  const known = await Promise.all(tokens.map((stream) => readToken({ store }, stream.slice(tokenStream('').length))));
  return [...forms.flat(), ...tokens.filter((_, place) => names.includes(known[place]?.name ?? ''))].sort();
};

/** Returns the streams that other streams' commits name, which the judge needs. */
const namedStreams = async (building: Building): Promise<readonly RecordStream[]> => {
  const { holders, actors, documents } = building.named;
  const found = new Map<string, RecordStream>();
  const take = async (stream: string): Promise<RecordStream | undefined> => {
    const made = found.has(stream) ? undefined : await provenStream(building, stream);
    if (made === undefined || made.commits.length === 0) return undefined;
    found.set(stream, made);
    return made;
  };
  // Sending a document is an act as well.
  for (const sha256 of [...documents].sort()) await take(documentStream(sha256));
  for (const stream of await accessStreams(building.ports, actors)) await take(stream);
  for (const holder of [...holders].sort()) {
    const own = await take(passkeysStream(holder));
    for (const { type, credential, publicKey } of own === undefined ? [] : eventsIn(own)) {
      if (type !== 'PasskeyEnrolled') continue;
      await take(credentialStream(sha256Of(credential)));
      await take(publicKeyStream(sha256Of(publicKey)));
    }
  }
  return [...found.values()];
};

const BUNDLES_MAX = 64;

/** Returns the entry before `index` whose instant is `at`, with its proof. */
const witnessOf = async (building: Building, index: number, at: string): Promise<ProvenCommit | undefined> => {
  const last = Math.floor(index / TILE_WIDTH);
  for (let bundle = last; bundle >= 0 && bundle > last - BUNDLES_MAX; bundle -= 1) {
    const width = Math.min(TILE_WIDTH, building.checkpoint.size - bundle * TILE_WIDTH);
    const file = { bundle: { index: bundle, width } };
    const bytes = (await readFile(building.blobs, file)) ?? fail('tile-missing', `${logFilePath(file)} is missing`);
    const entries = decodeBundle(bytes, width).slice(0, index - bundle * TILE_WIDTH);
    for (const entry of entries.toReversed()) {
      const { at: own, stream, version } = decodeCommit(entry);
      if (own === at && !isLogbookStream(stream)) return provenCommit(building, { stream, version, bytes: entry });
    }
  }
  return undefined;
};

const witnessesOf = async (
  building: Building,
  streams: readonly RecordStream[],
): Promise<readonly ProvenCommit[] | undefined> => {
  const names = new Set(streams.map(({ stream }) => stream));
  const found = new Map<string, ProvenCommit>();
  for (const { stream, version, from } of building.times.late) {
    const place = names.has(stream) ? await readLogIndex(building.ports.sideStore, stream, version) : undefined;
    if (place === undefined || place.index >= building.checkpoint.size) continue;
    const witness = await witnessOf(building, place.index, from);
    if (witness === undefined) return undefined;
    found.set(witness.proof, witness);
  }
  return [...found.values()];
};

const noticeFor = async ({ store, orders = store }: InclusionPorts, key: string, at: string, { commits }: RecordStream) => {
  const evaluation = evaluate(key, await headsAt({ store }, key, at), {}, at);
  const { digest, change, revision } = evaluation;
  if (digest === null || (await readHiding(orders, digest, { key, change, revision })) !== undefined) return null;
  for (const [index, { commit }] of commits.entries()) {
    if (!commit.includes(digest)) continue;
    const stored = await readCommit(store, featureStream(key), index + 1);
    const found = stored?.attachments.find(({ sha256 }) => sha256 === digest);
    if (found !== undefined) return { digest, bytes: Buffer.from(found.bytes).toString('base64') };
  }
  return null;
};

type Made = { readonly ok: true; readonly file: string } | NoRecord;

const makeRecord = async (ports: InclusionPorts, key: string, at: string): Promise<Made> => {
  const checkpoint = await readPublished(ports.blobs, ports.signer);
  if (checkpoint === undefined) return none('unpublished');
  const building = {
    ports,
    blobs: readOnce(ports.blobs),
    checkpoint,
    times: await readLogTimes(ports),
    named: { holders: new Set<string>(), actors: new Set<string>(), documents: new Set<string>() },
  };
  const streams: RecordStream[] = [];
  const ofKey = streamsOf(key, checkpoint.origin);
  for (const stream of [...ofKey, ...rulesOf(key)]) {
    const made = await provenStream(building, stream, endsAtInstant(stream, ofKey) ? at : undefined);
    if (made === undefined) return none('waiting');
    streams.push(made);
  }
  const own = streams.find(({ stream }) => stream === featureStream(key)) as RecordStream;
  streams.push(...(await namedStreams(building)));
  const witnesses = await witnessesOf(building, streams);
  if (witnesses === undefined) return none('too-long');
  const file = await formatRecord({
    key,
    at,
    origin: checkpoint.origin,
    vkey: formatVerifierKey(ports.signer.key),
    checkpoint: decoder.decode(checkpoint.bytes),
    streams,
    witnesses: [...witnesses],
    notice: await noticeFor(ports, key, at, own),
  });
  return { ok: true, file };
};

/**
 * Makes the file that proves what was known of a key at an instant. Each commit is verified against the public files first: rejects with
 * CorruptStore if one is damaged.
 */
export const recordFor = (ports: InclusionPorts, key: string, at: string): Promise<Made> => fromFiles(makeRecord(ports, key, at));
