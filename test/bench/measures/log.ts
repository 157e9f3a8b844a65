import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Hash, leafHash } from '../../../domain/log/hash.ts';
import { inclusionProof } from '../../../domain/log/proof.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { tilePath } from '../../../domain/log/tile.ts';
import { hashReader } from '../../../domain/log/tileTree.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { verifyInclusion } from '../../../domain/log/verifyProof.ts';
import { type SequencerPorts, SOLE_WRITER } from '../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../functions/log/sequencer/signer.ts';
import { readLog } from '../../../functions/log/verify/readLog.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { openSqliteSideStore } from '../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { acceptAll, PRIVATE_KEY } from '../../functions/log/sequencer/ports.ts';
import { buildJudge, goMissing } from '../../judge/goJudge.ts';
import { testGuard, testMacs } from '../../support/macs.ts';
import { makeFolder } from '../folder.ts';
import { compare, spreadOf } from '../rounds.ts';
import { fill } from './fill.ts';
import type { Result } from './result.ts';

const STREAMS = 100;
const COMMITS = 1_000;
const SIZE = STREAMS * COMMITS;
const ROUNDS = 3;
const PROOFS = 20_000;
const AT = '2026-03-02T12:00:00.000Z';
/** Within three times of Go's own implementation. */
const AIM = 1 / 3;
const VERIFIER = join(import.meta.dirname, '../verifyLog.ts');

const Verified = z.object({ entries: z.number(), ms: z.number(), peakKiB: z.number() });

/** Runs a program to its end. Resolves with its seconds and its output. */
const ended = (
  program: string,
  args: readonly string[],
): { readonly seconds: number; readonly stdout: string; readonly stderr: string } => {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return { seconds: (performance.now() - started) / 1_000, stdout, stderr };
};

/** The log to measure on: 100,000 commits, appended by the gate's own sequencer. */
interface Made {
  readonly folder: string;
  readonly vkey: string;
  readonly checkpoint: SignedCheckpoint;
  /** Commits appended a second. */
  readonly appended: number;
}

const makeLog = async (path: string): Promise<Made> => {
  const store = openSqliteStore(join(path, 'commits.db'), testMacs);
  const sideStore = openSqliteSideStore(join(path, 'side.db'), testGuard);
  for (let n = 0; n < STREAMS; n += 1) await fill(store, `vendor.feature-${n}`, COMMITS, AT);
  const folder = join(path, 'log');
  const signer = logSigner(PRIVATE_KEY, 'bench.example/log');
  const ports: SequencerPorts = {
    ...SOLE_WRITER,
    judge: acceptAll(),
    store,
    sideStore,
    signer,
    blobs: folderBlobs(folder),
    clock: () => AT,
    newId: randomUUID,
    queue: new StreamQueue(),
    logger: () => undefined,
  };
  const started = performance.now();
  while (((await sequence(ports))?.size ?? 0) < SIZE);
  const seconds = (performance.now() - started) / 1_000;
  await store.close();
  await sideStore.close();
  const checkpoint = SignedCheckpoint.open(readFileSync(join(folder, 'checkpoint')), {
    origin: signer.key.name,
    keys: [signer.key],
  });
  return { folder, vkey: formatVerifierKey(signer.key), checkpoint, appended: SIZE / seconds };
};

/** Returns the inclusion proofs a second, made from the tiles and verified; the tiles are read once. */
const proofsOf = async ({ folder, checkpoint }: Made): Promise<number> => {
  const leaves: Hash[] = [];
  for await (const { bytes } of readLog(folderBlobs(folder), checkpoint)) leaves.push(leafHash(bytes));
  const tiles = new Map<string, Uint8Array>();
  const reader = hashReader(checkpoint.size, (tile) => {
    const path = tilePath(tile);
    const known = tiles.get(path) ?? new Uint8Array(readFileSync(join(folder, path)));
    tiles.set(path, known);
    return known;
  });
  const started = performance.now();
  for (let i = 0; i < PROOFS; i += 1) {
    const index = (i * 7_919) % checkpoint.size;
    verifyInclusion(checkpoint, index, leaves[index] as Hash, inclusionProof(index, checkpoint.size, reader));
  }
  return (PROOFS * 1_000) / (performance.now() - started);
};

const alone = (
  name: string,
  unit: string,
  figure: number,
  peer: number,
  peerName: string,
  aim: number | null = null,
): Result => ({
  name,
  unit,
  peerName,
  aim,
  ours: spreadOf([figure]),
  peer: spreadOf([peer]),
  ratio: spreadOf([figure / peer]),
});

/**
 * Measure 5: a log of 100,000 commits, made and verified, against Go's golang.org/x/mod/sumdb (note and tlog) on the same files.
 * Without Go it prints a notice, and the columns of the peer are NaN.
 */
export const log = async (): Promise<readonly Result[]> => {
  const missing = goMissing();
  if (missing !== undefined) process.stderr.write(`no peer for the log: ${missing}\n`);
  const path = makeFolder();
  const made = await makeLog(path);
  const judge = join(path, 'judge');
  if (missing === undefined) buildJudge(judge);
  const go = (sample: number, ...flags: readonly string[]) =>
    ended(judge, ['-key', made.vkey, '-sample', String(sample), '-peak', ...flags, made.folder]);
  const peer =
    (...flags: readonly string[]) =>
    async (): Promise<number> =>
      missing === undefined ? SIZE / go(0, ...flags).seconds : Number.NaN;
  const peaks: number[] = [];
  const ours = (replay: boolean) => async (): Promise<number> => {
    const run = ended(process.execPath, [VERIFIER, made.folder, '--key', made.vkey, ...(replay ? ['--replay'] : [])]);
    const { entries, peakKiB } = Verified.parse(JSON.parse(run.stdout));
    if (entries !== SIZE) throw new Error(`${entries} entries were verified`);
    if (replay) peaks.push(peakKiB);
    return SIZE / run.seconds;
  };
  const files = await compare(ROUNDS, ours(false), peer());
  const whole = await compare(ROUNDS, ours(true), peer('-commits'));
  const goProofs = missing === undefined ? PROOFS / Math.max(0.001, go(PROOFS).seconds - go(0).seconds) : Number.NaN;
  const goPeak = missing === undefined ? Number(/peak (\d+)/.exec(go(0, '-commits').stderr)?.[1]) / 1_024 : Number.NaN;
  const verifier = 'Go, note and tlog, same files';
  return [
    alone('commits taken into the log', 'commits/s', made.appended, files.peer.median, `${verifier}: verified`),
    { name: 'entries verified: files, tiles, root', unit: 'entries/s', peerName: verifier, aim: AIM, ...files },
    {
      name: 'the same, and replayed to what is on',
      unit: 'entries/s',
      peerName: `${verifier}; JSON read, chain checked`,
      aim: AIM,
      ...whole,
    },
    alone('inclusion proofs made and verified', 'proofs/s', await proofsOf(made), goProofs, verifier, AIM),
    alone('memory at most, verifying and replaying', 'MiB', Math.max(...peaks) / 1_024, goPeak, verifier),
  ];
};
