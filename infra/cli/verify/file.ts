import { CorruptCommit } from '../../../domain/kernel/commit.ts';
import { toInstant } from '../../../domain/kernel/zone.ts';
import { sameHash } from '../../../domain/log/hash.ts';
import type { SignedCheckpoint, TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { LogFault } from '../../../functions/log/verify/fault.ts';
import { type RecordProof, verifyRecord } from '../../../functions/log/verify/recordFile.ts';
import { readBytes } from '../files.ts';
import { type CommandResult, WrongUsage } from '../usage.ts';
import { recallAll } from './memory.ts';
import { standingJson, standingLines } from './report.ts';
import { type Demanded, witnessedLines } from './witnessed.ts';

const instantOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  // A bare date is ambiguous without the city's time zone.
  const instant = text.length > 10 ? toInstant(text, 'UTC') : undefined;
  if (instant === undefined) throw new WrongUsage('--at: an instant such as 2026-04-01T00:00:00Z is expected');
  return instant;
};

/** Returns lines on what one file proves and what it cannot. */
const reachLines = ({ size, at, streams }: RecordProof): readonly string[] =>
  streams.map(({ stream, version, closed }) =>
    closed
      ? `      ${stream}: whole up to version ${version}; version ${version + 1} came after ${at}`
      : `      ${stream}: whole up to version ${version} at checkpoint ${size}; a later version before ${at} is not in this file, and nothing in it shows that there is none`,
  );

/** The facts that only the whole log can show. */
const CANNOT: readonly string[] = [
  'cannot be checked from one file: that no commit in it entered the log late, that no passkey of a person who acts in it is left out, and the raw messages of notices other than the one in it; `verify URL` does',
  'cannot be checked from one file: that the log shows this checkpoint to everyone; --witness asks for cosignatures of it',
  'cannot be checked: v1 signatures, which only the city and the vendor can make or verify',
];

/**
 * Compares the checkpoint of a file with those that were verified of its log. Returns what cannot be compared: a tree of another size has
 * the same past only if the whole log shows it. Throws LogFault for another tree of the same size.
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

const ruleLine = ({ rules, size }: RecordProof): string =>
  `judged: every commit may stand, by the rules of checkpoint ${size}: ${rules.map(({ stream, version }) => `${stream}@${version}`).join(', ')}`;

const quoted = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

const wordLines = ({ words }: RecordProof): readonly string[] =>
  words === null ? [] : [`      in these words: ${quoted(words.title)}`, `        ${quoted(words.summary)}`];

/** Options of `verify --file`. `state`: the file that remembers checkpoints; `demanded`: the witnesses that must have cosigned the file's. */
export interface FileOptions {
  readonly at: string | undefined;
  readonly state: string;
  readonly demanded: Demanded;
}

/** `verify --file`: one file, a key, no network. Remembers nothing, since one file does not show that its log has the past seen before. */
export const verifyFile = (path: string, log: TrustedLog, { at, state, demanded }: FileOptions): CommandResult => {
  try {
    const proof = verifyRecord(readBytes(path), log, instantOf(at));
    const cannot = [...uncomparedLines(proof.checkpoint, state), ...CANNOT];
    const { standing, streams, words } = proof;
    const witnessed = witnessedLines(proof.checkpoint, demanded);
    const answer = standing.isOn ? 'YES: it was approved and on' : 'NO: it was off';
    const complete = streams.filter(({ stream }) => stream.startsWith('feature/')).every(({ closed }) => closed);
    return {
      json: {
        verified: true,
        at: proof.at,
        origin: proof.origin,
        checkpoint: String(proof.size),
        ...standingJson(standing),
        words,
        complete,
        streams,
        rules: proof.rules,
        witnessed,
        cannotCheck: cannot,
      },
      text: [
        `verified: every record in ${path} is in ${proof.origin} at checkpoint ${proof.size}, and none is missing in between`,
        `${answer} at ${proof.at}, as it was known then`,
        ...standingLines(standing),
        ...wordLines(proof),
        ruleLine(proof),
        ...witnessed,
        ...reachLines(proof),
        ...cannot,
      ].join('\n'),
    };
  } catch (error) {
    if (error instanceof CorruptCommit) throw new LogFault(error.message);
    throw error;
  }
};
