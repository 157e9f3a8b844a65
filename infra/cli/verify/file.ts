import { type Commit, CorruptCommit } from '../../../domain/kernel/commit.ts';
import { toInstant } from '../../../domain/kernel/zone.ts';
import type { SignedCheckpoint, TrustedLog } from '../../../domain/log/checkpoint.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { leafHash, sameHash } from '../../../domain/log/encoding.ts';
import { EffectiveInstants } from '../../../domain/log/late.ts';
import { areDifferent, parseWitnessKey, type VerifierKey } from '../../../domain/log/note.ts';
import { LogFault, type LoggedEntry, toSingleLine } from '../../../functions/log/verify/readLog.ts';
import { type RecordProof, verifyRecord } from '../../../functions/log/verify/recordFile.ts';
import { Replay, standingAt } from '../../../functions/log/verify/replay.ts';
import { CommandRefused } from '../../local/errors.ts';
import { type CommandResult, readBytes, verifierKeyOf, WrongUsage } from '../usage.ts';
import { type CheckOptions, checkLog } from './check.ts';
import { standingJson, standingLines } from './report.ts';
import { recallAll } from './source.ts';

class Past {
  readonly replay: Replay;
  readonly #at: string;
  readonly #size: number;
  readonly #times = new EffectiveInstants();
  tree: Frontier = emptyFrontier;

  constructor(origin: string, at: string, size: number) {
    this.replay = new Replay(origin);
    this.#at = at;
    this.#size = size;
  }

  take(entry: LoggedEntry, commit: Commit): void {
    if (this.#times.take(commit).from <= this.#at) this.replay.take(entry, commit);
    if (this.tree.size < this.#size) this.tree = append(this.tree, leafHash(entry.bytes));
  }
}

/**
 * Verifies the whole log, and that it gives the file's answer for its key and instant. Returns the log's checkpoint. Throws LogFault if
 * the log is older than the file's checkpoint, has another past, or gives another answer: then the file left something out.
 */
const askLog = async (
  { key, at, checkpoint, standing: shown }: RecordProof,
  options: Omit<CheckOptions, 'each'>,
): Promise<SignedCheckpoint> => {
  const past = new Past(checkpoint.origin, at, checkpoint.size);
  const checked = await checkLog({ ...options, each: (entry, commit) => past.take(entry, commit) });
  if (checked.checkpoint.size < checkpoint.size)
    throw new LogFault(
      `the log has ${checked.checkpoint.size} entries and is older than the file, whose checkpoint has ${checkpoint.size}`,
    );
  if (!sameHash(rootOf(past.tree), checkpoint.root))
    throw new LogFault(`the file’s checkpoint of ${checkpoint.size} entries is not of this log`);
  const standing = standingAt(past.replay, key, at);
  if (JSON.stringify(standingJson(shown)) !== JSON.stringify(standingJson(standing))) {
    const [inFile, inLog] = [shown, standing].map((each) => standingLines(each).join(' '));
    throw new LogFault(`the log says ${inLog} where the file says ${inFile}: the file leaves something out`);
  }
  return checked.checkpoint;
};

interface Demanded {
  readonly keys: readonly VerifierKey[];
  readonly quorum: number;
}

const witnessKey = (vkey: string): VerifierKey => verifierKeyOf('witness', vkey, parseWitnessKey);

/** Reads `--witness VKEY[,VKEY]` and `--quorum N`; without N all must have cosigned. */
export const demandedWitnesses = (witness: string | undefined, quorum: string | undefined): Demanded => {
  const keys = witness === undefined ? [] : witness.split(',').map(witnessKey);
  if (!areDifferent(keys)) throw new WrongUsage('--witness names one witness twice');
  const number = quorum === undefined ? keys.length : Number(quorum);
  if (!Number.isInteger(number) || number < 0 || number > keys.length)
    throw new WrongUsage(`--quorum is a number from 0 to ${keys.length}, that of the witnesses given`);
  return { keys, quorum: number };
};

/** Returns which witnesses cosigned, and when. Throws CommandRefused below the quorum, LogError for an invalid cosignature. */
export const witnessedLines = (checkpoint: SignedCheckpoint, { keys, quorum }: Demanded): readonly string[] => {
  const found = checkpoint.cosignatures(keys);
  if (found.length < quorum)
    throw new CommandRefused(
      `does not verify: ${found.length} of the ${keys.length} witnesses cosigned this checkpoint, ${quorum} are asked for`,
    );
  const when = (time: number): string => (time === 0 ? '' : ` at ${new Date(time * 1_000).toISOString()}`);
  return found.map(({ key, time = 0 }) => `cosigned by ${key.name}${when(time)}`);
};

const instantOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  // A bare date is ambiguous without the city's time zone.
  const instant = text.length > 10 ? toInstant(text, 'UTC') : undefined;
  if (instant === undefined) throw new WrongUsage('--at: an instant such as 2026-04-01T00:00:00Z is expected');
  return instant;
};

const reachLines = ({ at, streams, rules }: RecordProof): readonly string[] =>
  [...streams, ...rules].map(({ stream, version, closed }) =>
    closed
      ? `      ${stream}: whole up to version ${version}; version ${version + 1} came after ${at}`
      : `      ${stream}: whole up to version ${version}; a later one before ${at} may have been left out`,
  );

/** Facts that only the whole log can prove. */
const CANNOT: readonly string[] = [
  'cannot be checked from one file: that no commit in it entered the log late, that no passkey of a person who acts in it is left out, and the raw messages of notices other than the one in it; `verify URL` does',
  'cannot be checked from one file: that the log shows this checkpoint to everyone; --witness asks for cosignatures of it',
  'cannot be checked: v1 signatures, which only the city and the vendor can make or verify',
];

/**
 * Compares the checkpoint of a file with those verified of its log. Returns what cannot be compared: only the whole log can prove that
 * trees of different sizes share a past. Throws LogFault for another tree of the same size.
 */
const uncomparedLines = (checkpoint: SignedCheckpoint, state: string): readonly string[] => {
  const seen = recallAll(state, checkpoint.origin);
  const same = seen.filter(({ size }) => size === checkpoint.size);
  if (same.some(({ root }) => !sameHash(root, checkpoint.root)))
    throw new LogFault(
      `the log was forked: the file's checkpoint of ${checkpoint.size} entries is not the one that was verified before (remembered in ${state})`,
    );
  if (same.length > 0) return [];
  const others = seen.map(({ size }) => size).toSorted((one, other) => one - other);
  const known = others.length === 0 ? 'no checkpoint of this log was verified before' : `verified before: ${others.join(', ')}`;
  return [
    `cannot be checked from one file: that checkpoint ${checkpoint.size} has the past that others saw (${known}); \`verify URL\` does`,
  ];
};

const ruleLine = ({ rules, size }: RecordProof): string => {
  const names = rules.map(({ stream, version }) => `${stream}@${version}`).join(', ');
  return `judged: every commit may stand, by the rules of checkpoint ${size}: ${names}`;
};

const wordLines = ({ words }: RecordProof): readonly string[] =>
  words === null ? [] : [`      in these words: ${words.title}`, `        ${words.summary}`];

interface FileOptions {
  readonly at: string | undefined;
  readonly state: string;
  readonly demanded: Demanded;
  readonly against: CheckOptions | undefined;
  readonly now: string;
}

type Verdict =
  | { readonly answer: 'yes' | 'no'; readonly by: readonly string[]; readonly log?: SignedCheckpoint }
  | { readonly answer: 'cannot-tell'; readonly because: string };

/**
 * Returns the proven answer, or `cannot-tell`. A file does not show what was cut off, so a later commit must close each of its
 * streams, or the log itself must be asked.
 */
const verdictOf = async (proof: RecordProof, { against, now }: FileOptions): Promise<Verdict> => {
  const { at, open, size, standing } = proof;
  const answer = standing.isOn ? 'yes' : 'no';
  if (at > now) return { answer: 'cannot-tell', because: `${at} lies ahead` };
  if (against !== undefined) {
    const checkpoint = await askLog(proof, against);
    return { answer, by: [`the log itself says so, whole and judged up to checkpoint ${checkpoint.size}`], log: checkpoint };
  }
  if (open.length === 0) return { answer, by: ['each stream in the file is closed by a later commit', ...CANNOT] };
  const names = open.join(', ');
  const because = `a commit that the log has by then may have been left out of the file, after the last of ${names} up to checkpoint ${size}; --log URL asks the log itself`;
  return { answer: 'cannot-tell', because };
};

const ANSWERS = { yes: 'YES: it was approved and on', no: 'NO: it was off' } as const;

const verdictLines = (proof: RecordProof, verdict: Verdict): readonly string[] =>
  verdict.answer === 'cannot-tell'
    ? [`CANNOT TELL whether it was on at ${proof.at}: ${verdict.because}`]
    : [
        `${ANSWERS[verdict.answer]} at ${proof.at}, as it was known then`,
        ...standingLines(proof.standing),
        ...wordLines(proof),
        ...verdict.by,
      ];

const verdictJson = ({ standing, words }: RecordProof, verdict: Verdict): object =>
  verdict.answer === 'cannot-tell'
    ? { key: standing.key, enabled: false, answer: verdict.answer, because: verdict.because }
    : { ...standingJson(standing), answer: verdict.answer, words };

/**
 * `verify --file`: one file and a key, with the log if it is named. Exit code 0 only for a proven yes. Remembers the log's
 * checkpoint and not the file's, since one file does not show that its log has the past seen before.
 */
export const verifyFile = async (path: string, log: TrustedLog, options: FileOptions): Promise<CommandResult> => {
  const { at, state, demanded } = options;
  try {
    const proof = verifyRecord(readBytes(path), log, instantOf(at));
    const uncompared = uncomparedLines(proof.checkpoint, state);
    const verdict = await verdictOf(proof, options);
    // The checkpoint that the answer rests on must be cosigned: the log's, if the log was asked.
    const witnessed = witnessedLines(('log' in verdict && verdict.log) || proof.checkpoint, demanded);
    const { origin, size, streams, rules } = proof;
    return {
      json: {
        verified: true,
        at: proof.at,
        origin,
        checkpoint: String(size),
        ...verdictJson(proof, verdict),
        streams,
        rules,
        witnessed,
        cannotCheck: options.against === undefined ? [...uncompared, ...CANNOT] : [],
      },
      text: [
        `verified: every record in ${path} is in ${origin} at checkpoint ${size}, and none is missing in between`,
        ...verdictLines(proof, verdict),
        ruleLine(proof),
        ...witnessed,
        ...(options.against === undefined ? [...reachLines(proof), ...uncompared] : []),
      ]
        .map(toSingleLine)
        .join('\n'),
      failed: verdict.answer !== 'yes',
    };
  } catch (error) {
    if (error instanceof CorruptCommit) throw new LogFault(error.message);
    throw error;
  }
};
