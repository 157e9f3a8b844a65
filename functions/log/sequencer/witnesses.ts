import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import type { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { areDifferent, formatVerifierKey, parseWitnessKey, type VerifierKey } from '../../../domain/log/note.ts';
import { consistencyNodes, consistencyProof, type Proof } from '../../../domain/log/proof.ts';
import { addCosignatures, formatAddCheckpoint, TLOG_SIZE_MEDIA_TYPE } from '../../../domain/log/witness.ts';
import { isUnexpired } from '../../platform/age.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import type { HealthCheck } from '../../platform/health.ts';
import { messageOf } from '../../platform/logging.ts';
import { signedAt } from '../verify/history.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './ports.ts';
import { openPublished, readHashes } from './publicFiles.ts';

/** c2sp.org/tlog-witness. */
interface Witness {
  readonly url: string;
  readonly key: VerifierKey;
}

/** The witnesses, and how many must cosign before a checkpoint is published. */
export interface WitnessPolicy {
  readonly witnesses: readonly Witness[];
  readonly quorum: number;
}

const idOf = ({ key }: Witness): string => formatVerifierKey(key);

const vkey = z.string().transform((text, context): VerifierKey => {
  try {
    return parseWitnessKey(text);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
  return z.NEVER;
});

const WITNESSES_MAX = 16;

/** `[{"url": "https://…", "vkey": "name+id+key"}]`. */
export const WitnessList = z
  .array(
    strictObject(() => ({ url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')), vkey })).transform(
      ({ url, vkey: key }): Witness => ({ url, key }),
    ),
  )
  .max(WITNESSES_MAX)
  .transform((list, context) => {
    if (!areDifferent(list.map(({ key }) => key))) context.addIssue({ code: 'custom', message: 'names a witness twice' });
    return list;
  });

const parsedJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

/** The list as JSON text. */
export const WitnessText = parsedJson.pipe(WitnessList);

/** Bounds the delay of a publication that waits for a quorum. */
const TIMEOUT_MS = 2_000;
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 300_000;
const ANSWER_BYTES_MAX = 64 * 1_024;

/** Storage format, in the side store: the size a witness last cosigned, its consecutive failures, and when to ask it again. */
const KIND = 'log-witness';
const Known = strictObject(() => ({ size: z.int().min(0), failures: z.int().min(0), notBefore: z.string() }));
type Known = z.infer<typeof Known>;

const readKnown = async ({ sideStore }: Pick<SequencerPorts, 'sideStore'>, witness: Witness): Promise<Known> =>
  Known.safeParse(await sideStore.get(KIND, idOf(witness))).data ?? { size: 0, failures: 0, notBefore: '' };

const proofFrom = async (blobs: Blobs, from: number, size: number): Promise<Proof> => {
  if (from === 0 || from === size) return [];
  return consistencyProof(from, size, await readHashes(blobs, consistencyNodes(from, size), size));
};

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

const post = async (
  { blobs }: SequencerPorts,
  { url }: Witness,
  oldSize: number,
  checkpoint: Pick<SignedCheckpoint, 'size' | 'bytes'>,
): Promise<Answer> => {
  const proof = await proofFrom(blobs, oldSize, checkpoint.size);
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint: checkpoint.bytes });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: new Uint8Array(body),
    signal,
    redirect: 'error',
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: Buffer.concat(chunks) };
};

const sizeIn = ({ status, type, body }: Answer): number | undefined => {
  const text = Buffer.from(body).toString('utf8');
  if (status !== 409 || type.split(';', 1)[0]?.trim() !== TLOG_SIZE_MEDIA_TYPE || !/^(?:0|[1-9][0-9]{0,15})\n$/.test(text))
    return undefined;
  return Number(text);
};

const refusalIn = ({ status, body }: Answer): Error =>
  new Error(`answered ${status}: ${Buffer.from(body).toString('utf8').slice(0, 200).trim()}`);

/** Requests a cosignature. A 409 carries the witness's size, from which it is asked once more. Throws if it does not cosign. */
const ask = async (
  ports: SequencerPorts,
  witness: Witness,
  checkpoint: SignedCheckpoint,
  oldSize: number,
): Promise<Uint8Array> => {
  const first = await post(ports, witness, Math.min(oldSize, checkpoint.size), checkpoint);
  const size = sizeIn(first);
  if (size !== undefined && size > checkpoint.size)
    throw new Error(`has seen ${size} entries of this log, which has ${checkpoint.size}: the log was rolled back or forked`);
  const answer = size === undefined ? first : await post(ports, witness, size, checkpoint);
  if (answer.status !== 200) throw refusalIn(answer);
  return answer.body;
};

/**
 * Reports whether a witness that was asked about a size, from that same size, has cosigned another tree of it: status 422. Before July 2026
 * c2sp.org/tlog-witness specified 409 for that, without a body.
 */
const isFork = (answer: Answer, size: number): boolean =>
  answer.status === 422 || (answer.status === 409 && (sizeIn(answer) ?? size) === size);

/** `of`: `this`: proven by its cosignature; `earlier`, or nothing at all; `later`; `another`: a tree that this log never had. */
interface Seen {
  readonly size: number;
  readonly of: 'this' | 'earlier' | 'later' | 'another';
}

/**
 * Asks a witness which tree of this log it has seen. At its own size it cosigns again what this log signed. Undefined if it does not
 * answer.
 */
export const seenBy = async (
  ports: SequencerPorts,
  witness: Witness,
  checkpoint: SignedCheckpoint,
): Promise<Seen | undefined> => {
  try {
    const answer = await post(ports, witness, checkpoint.size, checkpoint);
    if (isFork(answer, checkpoint.size)) {
      // A proxy's page can have these statuses as well. A witness that has this size states it when asked from another size.
      const asked = await post(ports, witness, 0, checkpoint);
      return sizeIn(asked) === checkpoint.size ? { size: checkpoint.size, of: 'another' } : undefined;
    }
    const size = sizeIn(answer);
    if (size === undefined) {
      addCosignatures(checkpoint, answer.body, [witness.key]);
      return { size: checkpoint.size, of: 'this' };
    }
    if (size > checkpoint.size) return { size, of: 'later' };
    if (size === 0) return { size, of: 'earlier' };
    const signed = await signedAt(ports.store, size);
    if (signed === undefined) return { size, of: 'another' };
    const again = await post(ports, witness, size, { size, bytes: Buffer.from(signed.checkpoint) });
    return { size, of: isFork(again, size) ? 'another' : 'earlier' };
  } catch {
    return undefined;
  }
};

const recordFailure = async (ports: SequencerPorts, witness: Witness, known: Known, error: unknown): Promise<void> => {
  const failures = known.failures + 1;
  const pauseMs = Math.min(PAUSE_MS * 2 ** (failures - 1), PAUSE_MS_MAX);
  const notBefore = new Date(Date.parse(ports.clock()) + pauseMs).toISOString();
  const why = messageOf(error);
  ports.logger({ level: 'warn', event: 'witness did not cosign', witness: witness.key.name, error: why, failures });
  await ports.sideStore.put(KIND, idOf(witness), { ...known, failures, notBefore });
};

/** Null if the witness was asked and did not cosign; undefined while it is not asked. */
const cosignedBy = async (
  ports: SequencerPorts,
  witness: Witness,
  checkpoint: SignedCheckpoint,
): Promise<Uint8Array | null | undefined> => {
  const known = await readKnown(ports, witness);
  if (isUnexpired(Date.parse(known.notBefore), Date.parse(ports.clock()), PAUSE_MS_MAX)) return undefined;
  try {
    const answer = await ask(ports, witness, checkpoint, known.size);
    // Attacker-controlled: only a line that verifies with the witness's own key is accepted.
    addCosignatures(checkpoint, answer, [witness.key]);
    await ports.sideStore.put(KIND, idOf(witness), { size: checkpoint.size, failures: 0, notBefore: '' });
    return answer;
  } catch (error) {
    if (error instanceof LogError && error.code === 'tile-missing') throw error;
    await recordFailure(ports, witness, known, error);
    return null;
  }
};

/** Asks all witnesses that have not cosigned a checkpoint concurrently; one that failed is not asked again for a doubling pause. */
const collectCosignatures = async (ports: SequencerPorts, { witnesses }: WitnessPolicy, signed: Uint8Array) => {
  const checkpoint = openPublished(signed, ports.signer);
  if (checkpoint === undefined) throw new Error('broken invariant: a checkpoint was signed by another key than the own');
  const keys = witnesses.map(({ key }) => key);
  const have = checkpoint.cosignatures(keys).map(({ key }) => key);
  const asked = witnesses.filter(({ key }) => !have.includes(key));
  const answers = await Promise.all(asked.map((witness) => cosignedBy(ports, witness, checkpoint)));
  if (answers.includes(null)) await ports.uncosigned();
  let current = checkpoint;
  for (const [i, answer] of answers.entries()) {
    const key = asked[i]?.key;
    if (answer == null || key === undefined) continue;
    current = openPublished(addCosignatures(current, answer, [key]), ports.signer) ?? current;
  }
  return { bytes: current.bytes, count: current.cosignatures(keys).length, added: current !== checkpoint };
};

const quorumOf =
  (ports: SequencerPorts, policy: WitnessPolicy) =>
  async (signed: Uint8Array): Promise<Uint8Array | undefined> => {
    const { bytes, count } = await collectCosignatures(ports, policy, signed);
    if (count >= policy.quorum) return bytes;
    ports.logger({ level: 'warn', event: 'checkpoint waits for witnesses', count, quorum: policy.quorum });
    return undefined;
  };

/** With a quorum, a checkpoint is published only once enough witnesses have cosigned it. */
export const withWitnesses = (ports: SequencerPorts, policy: WitnessPolicy): SequencerPorts =>
  policy.quorum === 0 ? ports : { ...ports, cosigned: quorumOf(ports, policy) };

/** Finds that the quorum is not met because too many witnesses did not cosign when last asked. */
export const quorumCheck =
  (ports: Pick<SequencerPorts, 'sideStore'>, { witnesses, quorum }: WitnessPolicy): HealthCheck =>
  async () => {
    if (quorum === 0) return [];
    const known = await Promise.all(witnesses.map((witness) => readKnown(ports, witness)));
    const away = witnesses.filter((_, index) => known[index]?.failures !== 0).map(({ key }) => key.name);
    if (witnesses.length - away.length >= quorum) return [];
    return [{ code: 'witnesses-away', detail: `The public log waits for witnesses that did not cosign: ${away.join(', ')}.` }];
  };

/** Adds cosignatures to the published checkpoint, unless it was replaced meanwhile. */
export const cosignPublished = async (ports: SequencerPorts, policy: WitnessPolicy): Promise<void> => {
  const known = await ports.blobs.get(CHECKPOINT_PATH);
  if (policy.witnesses.length === 0 || known === undefined) return;
  if (openPublished(known, ports.signer) === undefined) return;
  const { bytes, added } = await collectCosignatures(ports, policy, known);
  if (added) await ports.blobs.replace(CHECKPOINT_PATH, bytes, known);
};
