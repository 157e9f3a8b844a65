import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildJudge, goMissing } from '../../judge/goJudge.ts';
import { verified, vkeyIn } from '../commands.ts';
import { makeFolder } from '../folder.ts';
import { makeRegister } from '../register.ts';
import { compare } from '../rounds.ts';
import { figure, type Measured, type Scale, tableOf } from '../table.ts';

const FEATURES = 5_000;
const QUICK_FEATURES = 200;
const AGAINST = 'Go: note, tlog, JSON, chain of each stream; no rule';

const runGo = (judge: string, vkey: string, folder: string) => {
  const started = performance.now();
  const { status, stderr } = spawnSync(judge, ['-key', vkey, '-sample', '0', '-commits', '-peak', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the judge in Go: ${stderr}`);
  return { ms: performance.now() - started, peakMb: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1_024 };
};

/**
 * Measures `aldergate verify`, which judges every commit and says what is on, against a verifier in Go (golang.org/x/mod/sumdb) on the same
 * files, which knows no rule; and how fast the sequencer takes commits in, which judges them too.
 */
export const log = async ({ quick }: Scale): Promise<Measured> => {
  const path = makeFolder();
  const data = join(path, 'data');
  const { entries, takenMs } = await makeRegister(data, { features: quick ? QUICK_FEATURES : FEATURES, vendors: 1 });
  const vkey = await vkeyIn(data);
  const missing = goMissing();
  const judge = join(path, 'judge');
  if (missing === undefined) buildJudge(judge);
  const peaks = { gate: Number.NaN, go: Number.NaN };
  const { speed } = await compare(
    quick ? 1 : 3,
    ['speed'],
    async (round) => {
      const { wallMs, peakMb } = await verified(data, join(path, `state-${round}.json`));
      peaks.gate = peakMb;
      return { speed: (entries * 1_000) / wallMs };
    },
    async () => {
      if (missing !== undefined) return { speed: Number.NaN };
      const { ms, peakMb } = runGo(judge, vkey, join(data, 'log'));
      peaks.go = peakMb;
      return { speed: (entries * 1_000) / ms };
    },
  );
  const name = `\`aldergate verify\` of ${figure(entries)} entries, judged and replayed`;
  const taken = [`taken into the log, judged: ${figure((entries * 1_000) / takenMs)} commits a second.`];
  const memory = [`Memory at most: ${figure(peaks.gate)} MB, in Go ${figure(peaks.go)} MB.`];
  const table = tableOf([{ name, against: AGAINST, unit: 'entries/s', ...speed }]);
  return { tables: [table], notes: [...taken, ...memory, ...(missing === undefined ? [] : [`Left out: ${missing}.`])] };
};
