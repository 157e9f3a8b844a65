import { expect } from 'vitest';
import { SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { parseVerifierKey } from '../../../../domain/log/note.ts';
import { readLog } from '../../../../functions/log/verify/readLog.ts';
import type { StoredCommit } from '../../../../functions/platform/store/port.ts';
import { cloudEventsOf, streamOf } from '../../../../functions/reactions/relay/cloudEvents.ts';
import { DONE_UNTOLD } from '../../../contract/faultProxy.ts';
import { placeOf, readFeed } from '../../../contract/underTest.ts';
import type { Cut } from './everyFault.ts';
import type { Lane } from './lanes.ts';

const commitsOf = async ({ truth }: Lane, except: readonly string[]): Promise<readonly StoredCommit[]> =>
  (await readFeed(truth.store, undefined, 100)).items
    .filter(({ stream }) => stream !== 'log' && !except.includes(stream))
    .toSorted((a, b) => a.version - b.version);

interface Expected {
  /** The fault, after which an event whose answer was lost may come twice. */
  readonly cut?: Cut | undefined;
  /** Two sequencers ran, at the same time or one after the other's death: any event may come twice. */
  readonly raced?: boolean;
  readonly except?: readonly string[];
}

/** A commit is handed over as a whole: when an event of it is refused, those before it come again. */
const begunAnew = (commits: readonly StoredCommit[]): readonly (readonly string[])[] =>
  commits.flatMap((commit) => {
    const ids = cloudEventsOf(commit).map(({ id }) => id);
    return ids.slice(1).map((_, index) => ids.slice(0, index + 1));
  });

export const relayed = async (lane: Lane, { cut, raced = false, except = [] }: Expected = {}): Promise<void> => {
  const commits = await commitsOf(lane, except);
  const due = commits.flatMap(cloudEventsOf);
  const heard = lane.heard();
  const first = [...new Map(heard.map((event) => [event.id, event] as const)).values()];
  expect(first.map(({ id }) => id).toSorted()).toStrictEqual(due.map(({ id }) => id).toSorted());
  for (const name of new Set(due.map(streamOf))) {
    const mine = first.filter((event) => streamOf(event) === name).map(({ id }) => id);
    expect(mine).toStrictEqual(due.filter((event) => streamOf(event) === name).map(({ id }) => id));
  }
  const mayRepeat = raced || lane.gaveUp() || (cut?.service === 'EventBridge' && DONE_UNTOLD.has(cut.fault));
  if (mayRepeat) return;
  const ids = heard.map(({ id }) => id);
  const repeated = ids.filter((id, index) => ids.indexOf(id) < index);
  expect([[], ...(cut?.fault === 'entries-refused' ? begunAnew(commits) : [])]).toContainEqual(repeated);
};

export const logged = async (lane: Lane, { except = [] }: Expected = {}): Promise<void> => {
  const key = parseVerifierKey(Buffer.from(lane.file('vkey') ?? []).toString());
  const checkpoint = SignedCheckpoint.open(lane.file('checkpoint') ?? new Uint8Array(), { origin: key.name, keys: [key] });
  const entries: string[] = [];
  for await (const { bytes } of readLog({ get: async (path) => lane.file(path) }, checkpoint)) {
    const { stream: name, version } = JSON.parse(Buffer.from(bytes).toString()) as { stream: string; version: number };
    entries.push(`${name}@${version}`);
  }
  const due = (await commitsOf(lane, except)).map(placeOf);
  expect(entries.toSorted()).toStrictEqual(due.toSorted());
};
