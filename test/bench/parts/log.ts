import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { builtJudge, goMissing } from '../../judge/goJudge.ts';
import { makeRegister } from '../register.ts';
import { aldergate } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { compare, comparison, figure, type Part } from '../table.ts';

/** Without Go there is nothing to compare with. */
const verifiedByGo = (folder: string, vkey: string) => {
  if (goMissing() !== undefined) return { wallMs: Number.NaN, peakMb: Number.NaN };
  const judge = builtJudge(true);
  const started = performance.now();
  const { status, stderr } = spawnSync(judge, ['-key', vkey, '-sample', '0', '-commits', '-peak', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the judge in Go: ${stderr}`);
  return { wallMs: performance.now() - started, peakMb: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1_024 };
};

/**
 * Measures `aldergate verify`, which judges every commit and says what is on, against a verifier in Go (golang.org/x/mod/sumdb) on
 * the same files, which knows no rule; and how fast the sequencer takes commits in, which judges them too.
 */
export const log: Part = async (quick) => {
  const path = makeFolder();
  const data = join(path, 'data');
  const made = await makeRegister(data, quick ? 200 : 5_000);
  const { ours, peer } = await compare(
    quick ? 1 : 3,
    (round) => aldergate(data, 'verify', join(data, 'log'), '--key', made.vkey, '--state', join(path, `state-${round}.json`)),
    async () => verifiedByGo(join(data, 'log'), made.vkey),
  );
  const speedOf = ({ wallMs }: { readonly wallMs: number }) => (made.entries * 1_000) / wallMs;
  const name = `\`aldergate verify\` of ${figure(made.entries)} entries, judged and replayed`;
  const against = 'Go: note, tlog, JSON, chain of each stream; no rule';
  const line = { name, against, unit: 'entries/s', ours: ours.map(speedOf), peer: peer.map(speedOf) };
  const [ourMb, goMb] = [ours, peer].map((rounds) => figure(Math.max(...rounds.map(({ peakMb }) => peakMb))));
  const taken = `taken into the log, judged: ${figure((made.entries * 1_000) / made.takenMs)} commits a second.`;
  const memory = `Memory at most: ${ourMb} MB, in Go ${goMb} MB.`;
  const missing = goMissing();
  return [comparison([line]), taken, memory, ...(missing === undefined ? [] : [`Left out: ${missing}.`])];
};
