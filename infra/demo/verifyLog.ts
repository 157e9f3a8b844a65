import * as z from 'zod';
import { SignedCheckpoint } from '../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../domain/log/verifierKey.ts';
import { readLog } from '../../functions/log/verify/readLog.ts';
import { Replay } from '../../functions/log/verify/replay.ts';
import { standingAt } from '../../functions/log/verify/standing.ts';
import { logSource } from '../cli/verify/source.ts';
import type { DemoCity } from './city.ts';
import { expectSame, expectThere } from './expect.ts';
import { requestFor } from './http.ts';

const Flags = z.object({ flags: z.array(z.object({ key: z.string(), value: z.boolean() })) });

/** The result of the verification: the number of commits, and of features whose answers were compared. */
export interface VerifiedDemoLog {
  readonly commits: number;
  readonly features: number;
}

/**
 * Verifies the public log from its static files and its key alone, computes what is on, and compares that with the gate's answers.
 * Throws if a signature, a hash or an answer differs.
 */
export const verifyLog = async ({ url, itToken, clock, settle }: DemoCity): Promise<VerifiedDemoLog> => {
  await settle();
  const { text } = await requestFor(200, 'GET', `${url}/log/vkey`);
  const key = parseVerifierKey(text.trim());
  const source = logSource(url);
  const bytes = expectThere('the checkpoint of the log', await source.get('checkpoint'));
  const checkpoint = SignedCheckpoint.open(bytes, { origin: key.name, keys: [key] });
  const replay = new Replay();
  for await (const entry of readLog(source, checkpoint)) replay.take(entry);

  const answered = await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags`, { token: itToken, json: {} });
  const answers = Flags.parse(answered.json).flags.map(({ key: feature, value }) => [feature, value] as const);
  const proved = replay.keys.map((feature) => [feature, standingAt(replay, feature, clock.now()).isOn] as const);
  expectSame('what the log proves', Object.fromEntries(proved), Object.fromEntries(answers));
  return { commits: checkpoint.size, features: proved.length };
};
