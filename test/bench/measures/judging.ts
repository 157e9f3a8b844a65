import { startJudging } from '../../../domain/judge/judge.ts';
import { decodeCommit, encodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { foldOf } from '../../../functions/gate/stateOf.ts';
import { certify, correct, date, day, notify, revoke, rollOf, sign } from '../../domain/feature/support.ts';
import { city } from '../../domain/judge/log.ts';
import { compare, spreadOf } from '../rounds.ts';
import type { Result } from './result.ts';

const COMMITS = 100_000;
const ROUNDS = 3;
/** Judged replay against folding alone. */
const AIM = 0.4;

/** Makes the whole life of a feature in a city of thirteen seats: announced, voted on, signed, corrected, revoked. */
const life = () =>
  city().feat(
    notify(day(0), 1),
    certify(day(10), 1),
    sign(day(11), 1),
    correct(day(12), 1, { votes: rollOf(8, 1), meetingDate: date(10) }),
    revoke(day(20), 1),
  ).commits;

/** Makes a log of as many such lives as needed, one after the other. */
const makeLog = (): readonly Uint8Array[] => {
  const commits = life();
  const rules = commits.filter(({ stream }) => stream !== 'feature/acme');
  const acts = commits.filter(({ stream }) => stream === 'feature/acme');
  const log = rules.map(encodeCommit);
  for (let n = 1; log.length < COMMITS; n += 1) {
    const key = `acme.feature-${n}`;
    const commandId = `notice/acme/msg_${n}`;
    let prev: string | null = null;
    for (const commit of acts) {
      const events = commit.events.map((event): JsonObject => {
        if (event['type'] !== 'ChangeNotified') return event;
        const provenance = event['provenance'] as { readonly message: object } & JsonObject;
        const message = { ...provenance.message, id: `msg_${n}` };
        return { ...event, key, command: digestOf(commandId).slice(7, 23), provenance: { ...provenance, message } };
      });
      const own = { ...commit, stream: `feature/${key}`, id: `${key}@${commit.version}`, prev, events };
      const bytes = encodeCommit(commit.version === 1 ? { ...own, commandId } : own);
      prev = hashOf(bytes);
      log.push(bytes);
    }
  }
  return log;
};

/** Returns how many commits are taken in a second of processor time: one thread computes, and other work on the machine does not count. */
const perSecond = (log: readonly Uint8Array[], take: (bytes: Uint8Array) => void): number => {
  const started = process.cpuUsage();
  for (const bytes of log) take(bytes);
  const { user, system } = process.cpuUsage(started);
  return (log.length * 1_000_000) / (user + system);
};

/** Folds a log and, if `judged`, judges every commit. Returns commits a second. */
const replay = (log: readonly Uint8Array[], judged: boolean): number => {
  const states = new Map<string, unknown>();
  const judge = startJudging();
  return perSecond(log, (bytes) => {
    const commit = decodeCommit(bytes);
    states.set(commit.stream, foldOf(commit.stream)(states.get(commit.stream), commit.events).state);
    if (!judged) return;
    const verdict = judge.next(bytes, commit);
    if (!verdict.ok) throw new Error(`${commit.stream}@${commit.version}: ${verdict.code}: ${verdict.detail}`);
  });
};

/** Measures how fast a log is judged, compared with folding it and alone. */
export const judging = async (): Promise<readonly Result[]> => {
  const log = makeLog();
  const both = await compare(
    ROUNDS,
    async () => replay(log, true),
    async () => replay(log, false),
  );
  const alone = Array.from({ length: ROUNDS }, () => {
    const judge = startJudging();
    return perSecond(log, (bytes) => void judge.next(bytes));
  });
  const floor = spreadOf([10_000]);
  return [
    { name: 'judged replay, 13 seats', peerName: 'folding alone', unit: 'commits/CPU s', aim: AIM, ...both },
    {
      name: 'judging alone',
      peerName: '10,000 a second',
      unit: 'commits/CPU s',
      aim: 1,
      ours: spreadOf(alone),
      peer: floor,
      ratio: spreadOf(alone.map((each) => each / 10_000)),
    },
  ];
};
