import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { readHidden } from '../../gate/texts.ts';
import { presentChange } from '../present.ts';
import { type ChangeReading, readChange } from '../read.ts';
import { type ChangeJson, changeJson, latestOf } from './changeJson.ts';
import { noticeOf } from './noticeWords.ts';
import type { Today } from './requirements.ts';

/** Returns the instant, the zone and the roster that requirements are counted by. */
export const todayOf = async (ports: GatePorts): Promise<Today> => {
  const { roster } = await readRules(ports);
  return { now: ports.clock(), zone: ports.zone, roster: roster?.roster ?? null };
};

/** Returns the API's answer for a change that was read, as of now, with its notice in full, or what withholds it. `checkpoint`: the newest of the public log. */
export const changeAnswer = async (
  ports: GatePorts,
  { view, state }: ChangeReading,
  checkpoint: string | undefined,
): Promise<ChangeJson> => {
  const latest = latestOf(view);
  const [today, words, hidden] = await Promise.all([
    todayOf(ports),
    noticeOf(ports.store, view.key, latest),
    readHidden(ports, [latest.digest, ...view.documents.map(({ sha256 }) => sha256)]),
  ]);
  return changeJson(presentChange(view, state, today.now), today, { words, hidden, checkpoint });
};

/** Reads a change as the API returns it; undefined if it does not exist. Throws CorruptStore if its stream cannot be read. */
export const readChangeJson = async (
  ports: GatePorts,
  key: string,
  n: number,
  checkpoint: string | undefined,
): Promise<ChangeJson | undefined> => {
  const reading = await readChange(ports, key, n);
  return reading === undefined ? undefined : changeAnswer(ports, reading, checkpoint);
};
