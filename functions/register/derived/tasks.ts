import type { Task } from '../../../domain/derived/tasks.ts';
import { mayBeOn } from '../../../domain/feature/evaluate.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import type { Page } from '../lists.ts';
import { listTasks } from './lists.ts';

/** `agencies`: the only ones that are asked for; empty: any. `cursor`: the `next` of the page before. */
interface TasksQuery {
  readonly vendor?: string | undefined;
  readonly agencies: readonly string[];
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Returns a task as it concerns agencies; undefined if it is for others only. */
const forAgencies = (task: Task, agencies: readonly string[]): Task | undefined => {
  if (task.agencies === null || agencies.length === 0) return task;
  const own = task.agencies.filter((agency) => agencies.includes(agency));
  return own.length === 0 ? undefined : { ...task, agencies: own };
};

/**
 * Returns a page of the open tasks, urgent ones first. It may lag by some seconds, so what is to be switched on is confirmed on strongly
 * consistent heads. Undefined if the cursor is invalid.
 */
export const readTasks = async (ports: GatePorts, { agencies, ...query }: TasksQuery): Promise<Page<Task> | undefined> => {
  const page = await listTasks(ports.sideStore, query);
  if (page === undefined) return undefined;
  const concerning = page.items.flatMap((task) => forAgencies(task, agencies) ?? []);
  const toSwitchOn = concerning.flatMap(({ key, kind }) => (kind === 'switch-on' && key !== null ? [key] : []));
  const evaluations = await evaluateKeys(ports, toSwitchOn, { agencies });
  const mayGoOn = (key: string | null): boolean => mayBeOn(evaluations.get(key ?? '')?.variant ?? 'unknown');
  return { items: concerning.filter(({ key, kind }) => kind !== 'switch-on' || mayGoOn(key)), next: page.next };
};
