import { spreadOf } from '../../rounds.ts';
import type { Server } from '../loaded.ts';
import { evaluation } from '../overHttp.ts';
import type { Asked } from './paths.ts';

/** Each address is asked so often, or until the time is over, but at least the least number of times after one that is not counted. */
const TIMES = { least: 3, most: 20, msMax: 200 } as const;

/** Asks for a while, one request after the other; resolves with the median of the milliseconds of an answer. */
const median = async (ask: (n: number) => Promise<void>): Promise<number> => {
  await ask(0);
  const took: number[] = [];
  const started = performance.now();
  while (took.length < TIMES.least || (took.length < TIMES.most && performance.now() - started < TIMES.msMax)) {
    const asked = performance.now();
    await ask(took.length + 1);
    took.push(performance.now() - asked);
  }
  return spreadOf(took).median;
};

/** Sends a request and reads the answer. Throws for another status than the expected one. */
const send = async (url: string, init: RequestInit, status = 200): Promise<Headers> => {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
  return answer.headers;
};

/** Returns the milliseconds of each address, by its name. */
export const pageTimes = async (
  { port }: Server,
  token: string,
  paths: readonly Asked[],
): Promise<ReadonlyMap<string, number>> => {
  const times = new Map<string, number>();
  for (const { name, path } of paths) {
    const headers = { authorization: `Bearer ${token}`, ...(!path.startsWith('/v1/') && { accept: 'text/html' }) };
    times.set(name, await median(async () => void (await send(`http://127.0.0.1:${port}${path}`, { headers }))));
  }
  return times;
};

/** Returns the milliseconds of bulk answers: for an agency that was not asked for lately, for one that was, and 304. */
export const bulkTimes = async ({ port }: Server, token: string) => {
  const url = `http://127.0.0.1:${port}/ofrep/v1/evaluate/flags`;
  const { authorization } = evaluation(token);
  const headers = { authorization, 'content-type': 'application/json' };
  const bodyOf = (agency: string) => JSON.stringify({ context: { targetingKey: 'unit-7', agency } });
  const known = { method: 'POST', headers, body: bodyOf('police') };
  const fresh = await median(async (n) => void (await send(url, { ...known, body: bodyOf(`agency-${n}`) })));
  const etag = (await send(url, known)).get('etag') ?? '';
  const again = await median(async () => void (await send(url, known)));
  const notModified = { ...known, headers: { ...headers, 'if-none-match': etag } };
  return { fresh, again, unchanged: await median(async () => void (await send(url, notModified, 304))) };
};
