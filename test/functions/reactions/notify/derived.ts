import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import { type DriftCase, type KeyRecord, type Task, taskIdentity } from '../../../../domain/derived/record.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { mailDerived, takeDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { caseId, DERIVED, putCase, putKeyRecord, putTask, taskIds } from '../../../../functions/register/derived/records.ts';
import { answer, driftCase, keyRecord } from '../../register/derived/given.ts';
import { mailing } from './mailing.ts';

export const IT = 'it@city.example';
export const CLERKS_AND_IT = ['clerk', 'deputy-clerk', 'it'];

type Bare<E> = E extends DerivedEvent ? Omit<E, 'v' | 'at' | 'sequence'> : never;

/** A gate that mails what is derived. The test derives it: it puts records and lists, and says what is new, as the projector does. */
export const deriving = async (options: Parameters<typeof mailing>[0] = {}) => {
  const world = await mailing({ itMail: IT, ...options });
  const { gate, ports, sent } = world;
  const { sideStore } = gate;
  const records = new Map<string, KeyRecord>();
  let sequence = 10;
  const put = async (key: string, over: Partial<KeyRecord>): Promise<void> => {
    const record = { ...(records.get(key) ?? keyRecord({ key, answer: answer() })), ...over, sequence, at: gate.ports.clock() };
    records.set(key, record);
    await putKeyRecord(sideStore, record);
  };
  const say = (event: Bare<DerivedEvent>): Promise<void> =>
    takeDerived(ports, { ...event, v: 1, at: gate.ports.clock(), sequence });
  const casesOf = (key: string): DriftCase[] => records.get(key)?.cases ?? [];
  /** One report that says that keys are on. */
  const report = async (keys: readonly string[], over: Partial<DriftCase> = {}): Promise<void> => {
    sequence += 1;
    const at = gate.ports.clock();
    const drift = driftCase({ since: at, openedAt: at, sequence, ...over });
    for (const key of keys) {
      await putCase(sideStore, key, drift);
      await put(key, { cases: [...casesOf(key), drift] });
    }
    for (const key of keys)
      await say({ type: 'DriftOpened', key, kind: drift.kind, since: drift.since, seen: drift.seen, source: 'audit' });
  };
  /** Changes the open case of a key. */
  const change = async (key: string, over: Partial<DriftCase>): Promise<void> => {
    const before = casesOf(key).at(-1) ?? driftCase();
    const drift = { ...before, ...over };
    await sideStore.remove(DERIVED.case, caseId(key, before));
    await putCase(sideStore, key, drift);
    await put(key, { cases: [...casesOf(key).slice(0, -1), drift] });
  };
  /** One report, or one approval, that closes the cases of keys. */
  const over = async (keys: readonly string[], closedBy: DriftCase['closedBy'] = { source: 'audit' }): Promise<void> => {
    sequence += 1;
    const until = gate.ports.clock();
    for (const key of keys) await change(key, { until, closedAt: until, closedBy });
    for (const key of keys) await say({ type: 'DriftClosed', key, since: casesOf(key).at(-1)?.since ?? '', until });
  };
  const setTasks = async (key: string, tasks: readonly Task[]): Promise<void> => {
    sequence += 1;
    const before = records.get(key)?.tasks ?? [];
    for (const task of before) for (const id of taskIds(task)) await sideStore.remove(DERIVED.task, id);
    for (const task of tasks) await putTask(sideStore, task);
    await put(key, { tasks: [...tasks] });
    const has = (list: readonly Task[], task: Task) => list.some((each) => taskIdentity(each) === taskIdentity(task));
    for (const task of before) if (!has(tasks, task)) await say({ type: 'TaskClosed', task });
    for (const task of tasks) if (!has(before, task)) await say({ type: 'TaskOpened', task });
  };
  /** What is mailed at once, now. */
  const atOnce = async (): Promise<readonly Message[]> => {
    await mailDerived(ports);
    return sent.splice(0);
  };
  return { ...world, put, say, report, change, over, setTasks, atOnce, sideStore };
};

export const subjects = (mails: readonly Message[]): string[] => [...new Set(mails.map(({ subject }) => subject))];
