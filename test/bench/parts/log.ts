import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtJudge, goMissing } from '../../judge/goJudge.ts';
import { startServer } from '../processes.ts';
import { makeRegister } from '../register.ts';
import { signedNotices, verified, vkeyIn } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { compare, figure, type Measured, type Scale, spread, spreadOf, tableOf } from '../table.ts';
import { startGenerator } from './server.ts';

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
  const judge = missing === undefined ? builtJudge(true) : '';
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

const NOTICES = 20;
const LOOK_EVERY_MS = 2;
const AIM_MS = 1_000;

/** Measures how soon after its acknowledgement a single notice is proved by a published checkpoint, on the whole server, mails and all. */
export const publication = async ({ quick }: Scale): Promise<Measured> => {
  const data = makeFolder();
  const { secrets } = await makeRegister(data, { features: 0, vendors: 1 });
  const gate = await startServer('whole.ts', data);
  const generator = await startGenerator();
  try {
    const delays: number[] = [];
    for (const { feature, bytes } of signedNotices(secrets, 'p', quick ? 5 : NOTICES)) {
      await gate.settled();
      await generator.ask({ port: gate.port, clients: 1, requests: [bytes], status: 202 });
      const acknowledged = performance.now();
      while (!(await fetch(`http://127.0.0.1:${gate.port}/log/proof/${feature}/1`)).ok) await sleep(LOOK_EVERY_MS);
      delays.push(performance.now() - acknowledged);
    }
    const head = ['from the acknowledgement of a notice', 'ms', 'at most, aim'];
    return { tables: [{ head, rows: [['until a published checkpoint proves it', spread(spreadOf(delays)), String(AIM_MS)]] }] };
  } finally {
    await generator.stop();
    await gate.stop();
  }
};
